/* bench growth: the same operation in a small world and in a large one.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_BENCH_GROWTH_H
#define CSN_BENCH_GROWTH_H

#include <stdbool.h>
#include <stddef.h>

/* A thing done over and over, in either world. */
struct csn_growth {
    const char *what;
    const char *small, *large; /* the worlds, in words */
    bool (*act)(void *state, bool large);
    void *state;
    size_t rounds, acts; /* turns of each world, and acts of one turn */
};

/* Prints one line: CPU and wall time of one act in both worlds, and their ratios. */
bool csn_growth_measure(const struct csn_growth *growth);

struct csn_growth_options {
    const char *where;
    size_t rounds, acts;
    size_t apps, items, customers; /* of the large worlds */
};

/* Each makes its worlds, measures, and takes them down again. */
bool csn_growth_verify(const struct csn_growth_options *options);
bool csn_growth_append(const struct csn_growth_options *options);
bool csn_growth_login(const struct csn_growth_options *options);

/* A count in words of its own: "100000". Lives in `out`. */
#define CSN_COUNT_TEXT 48
const char *csn_growth_words(size_t count, const char *noun, char out[CSN_COUNT_TEXT]);

#endif
