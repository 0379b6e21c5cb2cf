/* See one_world.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "one_world.h"

struct world *w;

int
world_setup(void **state)
{
    (void)state;
    w = malloc(sizeof *w);
    world_open(w);
    return 0;
}

int
world_teardown(void **state)
{
    (void)state;
    world_close(w);
    free(w);
    return 0;
}
