/* Every step of an operation fails in turn.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_SERVER_FAULT_WORLD_H
#define CSN_TESTS_SERVER_FAULT_WORLD_H

#include "tests/unit/server/session_world.h"

typedef enum csn_status operation(void *state, struct csn_store *store);

/* For each step of `run` in turn: `open(state)` makes a world anew, the step fails (once; then it
 * and all after it), and what is left must be the state before; then the same operation,
 * undisturbed, must succeed and change something. Closes each world. */
void world_fail_everywhere(struct world *(*open)(void *state), operation *run, void *state,
                           int steps_at_least);

#endif
