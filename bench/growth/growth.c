/* bench growth: does an operation cost more where there is more? See growth.h.
 *
 *     bench_growth [--only=verify|append|login] [--apps=100000] [--items=1000000]
 *                  [--customers=1000000] [--rounds=15] [--acts=200] [--folder=DIR]
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "bench/growth/growth.h"

#include <stdio.h>
#include <string.h>

#include "bench/served/turns.h"

#define ACTS_MAX 100000

struct figures {
    double cpu_us[CSN_ROUNDS_MAX], wall_us[CSN_ROUNDS_MAX];
};

const char *
csn_growth_words(size_t count, const char *noun, char out[CSN_COUNT_TEXT])
{
    snprintf(out, CSN_COUNT_TEXT, "%zu %s", count, noun);
    return out;
}

static bool
turn(const struct csn_growth *g, bool large, struct figures *out, size_t round)
{
    static double walls[ACTS_MAX];
    double cpu_us = csn_cpu_us();
    for (size_t i = 0; i < g->acts; i++) {
        double from_us = csn_wall_us();
        if (!g->act(g->state, large))
            return false;
        walls[i] = csn_wall_us() - from_us;
    }
    out->cpu_us[round] = (csn_cpu_us() - cpu_us) / (double)g->acts;
    out->wall_us[round] = csn_median(walls, g->acts);
    return true;
}

bool
csn_growth_measure(const struct csn_growth *g)
{
    static struct figures small, large, warm;
    double cpu[CSN_ROUNDS_MAX], wall[CSN_ROUNDS_MAX];
    if (!turn(g, false, &warm, 0) || !turn(g, true, &warm, 0))
        return false;
    for (size_t i = 0; i < g->rounds; i++) {
        if (!turn(g, false, &small, i) || !turn(g, true, &large, i))
            return false;
        cpu[i] = large.cpu_us[i] / small.cpu_us[i];
        wall[i] = large.wall_us[i] / small.wall_us[i];
    }
    size_t n = g->rounds;
    printf("%-28s %-18s %-20s %8.1f %8.1f %6.2f %8.1f %8.1f %6.2f\n", g->what, g->small, g->large,
           csn_median(small.cpu_us, n), csn_median(large.cpu_us, n), csn_median(cpu, n),
           csn_median(small.wall_us, n), csn_median(large.wall_us, n), csn_median(wall, n));
    fflush(stdout);
    return true;
}

static bool
wanted(const char *only, const char *name)
{
    return *only == '\0' || strcmp(only, name) == 0;
}

static bool
run(const struct csn_growth_options *options, const char *only)
{
    printf("%-28s %-18s %-20s %8s %8s %6s %8s %8s %6s\n", "", "small", "large", "cpu us", "cpu us",
           "ratio", "wall us", "wall us", "ratio");
    if (wanted(only, "verify") && !csn_growth_verify(options))
        return false;
    if (wanted(only, "append") && !csn_growth_append(options))
        return false;
    if (wanted(only, "login") && !csn_growth_login(options))
        return false;
    printf("one client, so an append or login is one commit; cpu: of the whole process; goal of "
           "each ratio <= 1.2\n");
    return true;
}

int
main(int argc, char **argv)
{
    struct csn_growth_options options = {.where = csn_option_text(argc, argv, "folder", "build"),
                                         .rounds = (size_t)csn_option(argc, argv, "rounds", 15),
                                         .acts = (size_t)csn_option(argc, argv, "acts", 200),
                                         .apps = (size_t)csn_option(argc, argv, "apps", 100000),
                                         .items = (size_t)csn_option(argc, argv, "items", 1000000),
                                         .customers =
                                             (size_t)csn_option(argc, argv, "customers", 1000000)};
    if (options.rounds == 0 || options.rounds > CSN_ROUNDS_MAX || options.acts == 0 ||
        options.acts > ACTS_MAX) {
        fprintf(stderr, "bench_growth: 1 to %d rounds of 1 to %d acts\n", CSN_ROUNDS_MAX, ACTS_MAX);
        return 2;
    }
    if (!csn_is_on_disk(options.where))
        return CSN_EXIT_NO_DISK;
    csn_circumstances_print(options.where);
    if (run(&options, csn_option_text(argc, argv, "only", "")))
        return 0;
    fprintf(stderr, "bench_growth: failed\n");
    return 1;
}
