/* bench sync: durable appends, ours in turns with the bare reference.
 *
 *   ours   64 clients POST sync with items that are new, each waiting for its answer, which leaves
 *          after the commit: token checked, JSON read, ids and bodies judged, each body sealed with
 *          the customer's key, items answered, decision recorded
 *   bare   64 threads hand over rows of the same sizes, each waiting for its commit
 *
 *     bench_sync [--seconds=2] [--rounds=5] [--clients=64] [--customers=1024] [--items=N]
 *                [--acts=N] [--folder=DIR]
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/served/crowd.h"
#include "bench/served/turns.h"
#include "bench/sync/sides.h"

struct sides {
    struct csn_sync_ours *ours;
    struct csn_sync_bare *bare;
    size_t clients;
    double seconds;
    size_t acts;  /* of one turn; 0: as many as fit into `seconds` */
    size_t items; /* of one call */
};

struct figures {
    double per_s[CSN_ROUNDS_MAX], cpu_us[CSN_ROUNDS_MAX], batch[CSN_ROUNDS_MAX];
};

static bool
act_ours(void *state, size_t member)
{
    struct sides *sides = state;
    return csn_sync_ours_append(sides->ours, member, sides->items);
}

static bool
act_bare(void *state, size_t member)
{
    struct sides *sides = state;
    return csn_sync_bare_append(sides->bare, member, sides->items);
}

static bool
turn(struct sides *sides, bool ours, struct figures *figures, size_t round)
{
    struct csn_crowd crowd = {.members = sides->clients,
                              .act = ours ? act_ours : act_bare,
                              .state = sides,
                              .seconds = sides->seconds,
                              .acts_max = sides->acts};
    ours ? csn_sync_ours_batch(sides->ours) : csn_sync_bare_batch(sides->bare);
    struct csn_crowd_result result = csn_crowd_run(&crowd);
    double items = (double)(result.acts * sides->items);
    if (!result.held || result.acts == 0)
        return false;
    figures->per_s[round] = items * 1e6 / result.wall_us;
    figures->cpu_us[round] = result.cpu_us / items;
    figures->batch[round] =
        ours ? csn_sync_ours_batch(sides->ours) : csn_sync_bare_batch(sides->bare);
    return true;
}

static bool
measure(struct sides *sides, size_t rounds)
{
    static struct figures ours, bare, warm;
    double ratio[CSN_ROUNDS_MAX];
    if (!turn(sides, true, &warm, 0) || !turn(sides, false, &warm, 0))
        return false;
    for (size_t i = 0; i < rounds; i++) {
        if (!turn(sides, true, &ours, i) || !turn(sides, false, &bare, i))
            return false;
        ratio[i] = ours.per_s[i] / bare.per_s[i];
    }
    printf("%5zu %9.0f %9.0f %6.2f %9.1f %9.1f %9.1f %9.1f\n", sides->items,
           csn_median(ours.per_s, rounds), csn_median(bare.per_s, rounds),
           csn_median(ratio, rounds), csn_median(ours.cpu_us, rounds),
           csn_median(bare.cpu_us, rounds), csn_median(ours.batch, rounds),
           csn_median(bare.batch, rounds));
    fflush(stdout);
    return true;
}

static bool
run(struct sides *sides, size_t rounds, size_t only)
{
    static const size_t ITEMS[] = {1, 10, 100};
    printf("%5s %9s %9s %6s %9s %9s %9s %9s\n", "items", "ours/s", "bare/s", "ratio", "ours cpu",
           "bare cpu", "ours jobs", "bare jobs");
    for (size_t i = 0; i < sizeof ITEMS / sizeof ITEMS[0]; i++) {
        sides->items = only > 0 ? only : ITEMS[i];
        if (!measure(sides, rounds))
            return false;
        if (only > 0)
            break;
    }
    printf("items/s of both, goal ratio >= 0.70; cpu: microseconds of the process for one item, "
           "clients included;\njobs: calls of one commit\n");
    return true;
}

int
main(int argc, char **argv)
{
    const char *where = csn_option_text(argc, argv, "folder", "build");
    size_t customers = (size_t)csn_option(argc, argv, "customers", 1024);
    size_t rounds = (size_t)csn_option(argc, argv, "rounds", 5);
    struct sides sides = {.clients = (size_t)csn_option(argc, argv, "clients", 64),
                          .seconds = csn_option(argc, argv, "seconds", 2),
                          .acts = (size_t)csn_option(argc, argv, "acts", 0)};
    if (rounds == 0 || rounds > CSN_ROUNDS_MAX || sides.clients == 0 ||
        sides.clients > CSN_CROWD_MAX || customers < sides.clients) {
        fprintf(stderr, "bench_sync: 1 to %d rounds, 1 to %d clients, at least as many customers\n",
                CSN_ROUNDS_MAX, CSN_CROWD_MAX);
        return 2;
    }
    if (!csn_is_on_disk(where))
        return CSN_EXIT_NO_DISK;
    customers -= customers % sides.clients; /* so that none is of two clients */
    sides.ours = csn_sync_ours_open(where, sides.clients, customers);
    sides.bare = csn_sync_bare_open(where, sides.clients, customers);
    bool held = sides.ours != NULL && sides.bare != NULL;
    if (held) {
        csn_circumstances_print(csn_sync_bare_folder(sides.bare));
        held = run(&sides, rounds, (size_t)csn_option(argc, argv, "items", 0));
    }
    csn_sync_bare_close(sides.bare);
    csn_sync_ours_close(sides.ours);
    if (!held)
        fprintf(stderr, "bench_sync: failed\n");
    return held ? 0 : 1;
}
