/* A crowd: threads that each do one thing over and over, as fast as it is done, or at a pace.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_BENCH_CROWD_H
#define CSN_BENCH_CROWD_H

#include <stdbool.h>
#include <stddef.h>

#define CSN_CROWD_MAX 256 /* members */

struct csn_crowd {
    size_t members;
    bool (*act)(void *state, size_t member); /* from the member's own thread */
    void *state;
    double seconds;
    double per_second;     /* 0: as fast as it goes; else all members together keep this pace */
    size_t acts_max;       /* 0: as many as fit into `seconds` */
    double *latencies_us;  /* of each act, as it was done; NULL: not wanted */
    size_t latencies_room; /* how many fit */
};

struct csn_crowd_result {
    bool held; /* every act said so */
    size_t acts;
    double wall_us, cpu_us; /* cpu: of the whole process meanwhile */
};

/* Returns: what they did. At a pace a latency is counted from when the act was due, so that waiting
 * for a slow one before it counts too. */
struct csn_crowd_result csn_crowd_run(const struct csn_crowd *crowd);

#endif
