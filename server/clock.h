/* The clock as an argument: the server asks this, never the system.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_CLOCK_H
#define CSN_SERVER_CLOCK_H

#include <stdint.h>

struct csn_clock {
    void *state;
    int64_t (*now_ms)(void *state); /* Unix milliseconds */
};

static inline int64_t
csn_clock_now(const struct csn_clock *clock)
{
    return clock->now_ms(clock->state);
}

/* The system's clock (CLOCK_REALTIME). Defined in server/clock_posix.c. */
struct csn_clock csn_clock_system(void);

#endif
