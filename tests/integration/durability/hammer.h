/* The process that is killed: many threads act through one queue, and each act is acknowledged
 * through a pipe after it was told to be durable.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_DURABILITY_HAMMER_H
#define CSN_TESTS_DURABILITY_HAMMER_H

#include "tests/integration/durability/acts.h"

/* Opens the store and acts until it is killed. Writes one struct ack per act to `ack_fd`. */
_Noreturn void hammer(const char *directory, uint64_t seed, int ack_fd);

#endif
