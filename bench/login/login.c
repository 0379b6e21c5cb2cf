/* bench login: POST sessions with a fresh HS256 token, in turns with the bare rows.
 *
 *   paced        200 logins a second, whatever each one takes, against one bare commit of the same
 *                rows at a time: how much later than the disk does the answer come?
 *   throughput   1, 8 and 64 clients as fast as it goes, against as many that hand over bare rows:
 *                does it grow with the batch?
 *
 *     bench_login [--seconds=2] [--rounds=5] [--rate=200] [--customers=1024] [--acts=N]
 *                 [--folder=DIR]
 *
 * Minting the token is the client's work, and is in the figures.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "bench/login/sides.h"
#include "bench/served/crowd.h"
#include "bench/served/turns.h"

#define CLIENTS_MAX 64
#define LATENCIES_MAX 100000 /* of one turn */

struct sides {
    struct csn_login_ours *ours;
    struct csn_login_bare *bare;
    size_t rounds, acts; /* acts of one turn; 0: as many as fit into `seconds` */
    double seconds, rate;
};

static bool
act_ours(void *state, size_t member)
{
    return csn_login_ours_once(((struct sides *)state)->ours, member);
}

static bool
act_bare(void *state, size_t member)
{
    return csn_login_bare_once(((struct sides *)state)->bare, member);
}

static double
batch_of(struct sides *sides, bool ours)
{
    return ours ? csn_login_ours_batch(sides->ours) : csn_login_bare_batch(sides->bare);
}

/* --- paced --- */

/* Who takes the turn. At the pace there is a crowd, so that the pace is kept while some wait. */
enum turn { OURS, BARE, BARE_ALONE }; /* alone: one thread, one commit after the other */

struct quantiles {
    double p50[CSN_ROUNDS_MAX], p99[CSN_ROUNDS_MAX];
};

/* Out: quantiles of one turn. */
static bool
turn_paced(struct sides *sides, enum turn turn, double *p50_us, double *p99_us)
{
    static double latencies[LATENCIES_MAX];
    struct csn_crowd crowd = {.members = turn == BARE_ALONE ? 1 : CLIENTS_MAX,
                              .act = turn == OURS ? act_ours : act_bare,
                              .state = sides,
                              .seconds = sides->seconds,
                              .acts_max = sides->acts,
                              .per_second = turn == BARE_ALONE ? 0 : sides->rate,
                              .latencies_us = latencies,
                              .latencies_room = LATENCIES_MAX};
    struct csn_crowd_result result = csn_crowd_run(&crowd);
    size_t count = result.acts < LATENCIES_MAX ? result.acts : LATENCIES_MAX;
    *p50_us = csn_quantile(latencies, count, 0.5);
    *p99_us = csn_quantile(latencies, count, 0.99);
    return result.held && count > 0;
}

static void
print_paced(const char *name, struct quantiles *of, size_t rounds, double commit_us)
{
    double p99 = csn_median(of->p99, rounds);
    printf("%-12s %9.0f %9.0f %12.2f\n", name, csn_median(of->p50, rounds), p99, p99 / commit_us);
}

static bool
measure_paced(struct sides *sides)
{
    static struct quantiles of[BARE_ALONE + 1];
    for (size_t i = 0; i < sides->rounds; i++) {
        for (enum turn turn = OURS; turn <= BARE_ALONE; turn++) {
            if (!turn_paced(sides, turn, &of[turn].p50[i], &of[turn].p99[i]))
                return false;
        }
    }
    double commit_us = csn_median(of[BARE].p50, sides->rounds);
    printf("%-12s %9s %9s %12s\n", "", "p50 us", "p99 us", "p99 / commit");
    print_paced("login", &of[OURS], sides->rounds, commit_us);
    print_paced("bare rows", &of[BARE], sides->rounds, commit_us);
    print_paced("one by one", &of[BARE_ALONE], sides->rounds, commit_us);
    printf(
        "%.0f logins/s; commit: the p50 of the bare rows at the same pace; goal of a login <= 2\n"
        "one by one: bare rows without a pause, on a disk and a processor that never rest\n\n",
        sides->rate);
    fflush(stdout);
    return true;
}

/* --- throughput --- */

struct figures {
    double per_s[CSN_ROUNDS_MAX], cpu_us[CSN_ROUNDS_MAX], batch[CSN_ROUNDS_MAX];
};

static bool
turn_full(struct sides *sides, bool ours, size_t clients, struct figures *out, size_t round)
{
    struct csn_crowd crowd = {.members = clients,
                              .act = ours ? act_ours : act_bare,
                              .state = sides,
                              .seconds = sides->seconds,
                              .acts_max = sides->acts};
    batch_of(sides, ours);
    struct csn_crowd_result result = csn_crowd_run(&crowd);
    out->per_s[round] = (double)result.acts * 1e6 / result.wall_us;
    out->cpu_us[round] = result.cpu_us / (double)(result.acts > 0 ? result.acts : 1);
    out->batch[round] = batch_of(sides, ours);
    return result.held && result.acts > 0;
}

static bool
measure_full(struct sides *sides, size_t clients)
{
    static struct figures ours, bare;
    double ratio[CSN_ROUNDS_MAX];
    for (size_t i = 0; i < sides->rounds; i++) {
        if (!turn_full(sides, true, clients, &ours, i) ||
            !turn_full(sides, false, clients, &bare, i))
            return false;
        ratio[i] = ours.per_s[i] / bare.per_s[i];
    }
    size_t n = sides->rounds;
    printf("%7zu %9.0f %9.0f %6.2f %9.1f %9.1f %9.1f %9.1f\n", clients, csn_median(ours.per_s, n),
           csn_median(bare.per_s, n), csn_median(ratio, n), csn_median(ours.cpu_us, n),
           csn_median(bare.cpu_us, n), csn_median(ours.batch, n), csn_median(bare.batch, n));
    fflush(stdout);
    return true;
}

static bool
run(struct sides *sides)
{
    static const size_t CLIENTS[] = {1, 8, CLIENTS_MAX};
    if (!measure_paced(sides))
        return false;
    printf("%7s %9s %9s %6s %9s %9s %9s %9s\n", "clients", "ours/s", "bare/s", "ratio", "ours cpu",
           "bare cpu", "ours jobs", "bare jobs");
    for (size_t i = 0; i < sizeof CLIENTS / sizeof CLIENTS[0]; i++) {
        if (!measure_full(sides, CLIENTS[i]))
            return false;
    }
    printf("logins/s of both; cpu: microseconds of the process for one, clients included; "
           "jobs: logins of one commit\n");
    return true;
}

int
main(int argc, char **argv)
{
    const char *where = csn_option_text(argc, argv, "folder", "build");
    size_t customers = (size_t)csn_option(argc, argv, "customers", 1024);
    struct sides sides = {.rounds = (size_t)csn_option(argc, argv, "rounds", 5),
                          .acts = (size_t)csn_option(argc, argv, "acts", 0),
                          .seconds = csn_option(argc, argv, "seconds", 2),
                          .rate = csn_option(argc, argv, "rate", 200)};
    if (sides.rounds == 0 || sides.rounds > CSN_ROUNDS_MAX || customers < CLIENTS_MAX) {
        fprintf(stderr, "bench_login: 1 to %d rounds, at least %d customers\n", CSN_ROUNDS_MAX,
                CLIENTS_MAX);
        return 2;
    }
    if (!csn_is_on_disk(where))
        return CSN_EXIT_NO_DISK;
    customers -= customers % CLIENTS_MAX; /* so that none logs in from two clients at once */
    sides.ours = csn_login_ours_open(where, CLIENTS_MAX, customers);
    sides.bare = csn_login_bare_open(where, CLIENTS_MAX, customers);
    bool held = sides.ours != NULL && sides.bare != NULL;
    if (held) {
        csn_circumstances_print(csn_login_bare_folder(sides.bare));
        held = run(&sides);
    }
    csn_login_bare_close(sides.bare);
    csn_login_ours_close(sides.ours);
    if (!held)
        fprintf(stderr, "bench_login: failed\n");
    return held ? 0 : 1;
}
