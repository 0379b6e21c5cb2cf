/* The system's clock.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/clock.h"

#include <stddef.h>
#include <time.h>

static int64_t
system_now_ms(void *state)
{
    (void)state;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct csn_clock
csn_clock_system(void)
{
    return (struct csn_clock){.state = NULL, .now_ms = system_now_ms};
}
