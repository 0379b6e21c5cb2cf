/* The world of a test program that needs no other: opened before each test, closed after it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_API_ONE_WORLD_H
#define CSN_TESTS_API_ONE_WORLD_H

#include "world.h"

extern struct world *w;

int world_setup(void **state);
int world_teardown(void **state);

#endif
