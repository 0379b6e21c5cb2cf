/* bench verify: our verification in turns with the bare primitive and libjwt, per algorithm.
 *
 * Turns of a few milliseconds each, ours, bare, libjwt, ours, …; the median of each side's turns is
 * shown, and the median of the ratios turn by turn, so that a machine whose speed drifts harms
 * nobody. With an argument it prints one token and its key for the other libraries' programs.
 *
 *     bench_verify                          the table
 *     bench_verify --material HS256 FOLDER  writes FOLDER/HS256.token and .key for other programs
 *     bench_verify --run HS256 FOLDER       our nanoseconds for a token like that, a fifth of a
 * second
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/verify/again.h"
#include "bench/verify/subject.h"
#include "crypto/init.h"

#define TURNS 31
#define TURN_NS 4000000 /* aimed at */

static struct csn_subject subject;
static struct csn_bare *bare;

static bool
run_ours(unsigned count)
{
    return csn_run_ours(&subject, count);
}

static bool
run_bare(unsigned count)
{
    return csn_run_bare(bare, &subject, count);
}

static bool
run_foreign(unsigned count)
{
    return csn_run_foreign(&subject, count);
}

/* Returns: nanoseconds of one call; 0 when a check did not hold. */
static bool
run_again(unsigned count)
{
    return csn_run_again(&subject, count);
}

static double
turn(bool (*run)(unsigned), unsigned count)
{
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    bool held = run(count);
    clock_gettime(CLOCK_MONOTONIC, &to);
    double ns = (double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec);
    return held ? ns / count : 0;
}

static int
by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double
median(double values[TURNS])
{
    qsort(values, TURNS, sizeof values[0], by_size);
    return values[TURNS / 2];
}

static unsigned
count_for(bool (*run)(unsigned))
{
    double once = turn(run, 16);
    double count = once > 0 ? TURN_NS / once : 16;
    return count < 4 ? 4 : (unsigned)count;
}

static bool
measure(enum csn_algorithm algorithm)
{
    if (!csn_subject_make(&subject, algorithm) || (bare = csn_bare_make(&subject)) == NULL)
        return false;
    bool foreign = csn_foreign_knows(algorithm);
    if (!csn_again_open(&subject))
        return false;
    double ours[TURNS], base[TURNS], again[TURNS], other[TURNS], ratio[TURNS], other_ratio[TURNS];
    unsigned n_ours = count_for(run_ours), n_bare = count_for(run_bare);
    unsigned n_again = count_for(run_again);
    unsigned n_other = foreign ? count_for(run_foreign) : 0;
    for (int i = 0; i < TURNS; i++) {
        ours[i] = turn(run_ours, n_ours);
        base[i] = turn(run_bare, n_bare);
        again[i] = turn(run_again, n_again);
        other[i] = foreign ? turn(run_foreign, n_other) : 0;
        if (ours[i] <= 0 || base[i] <= 0 || again[i] <= 0 || (foreign && other[i] <= 0))
            return false;
        ratio[i] = ours[i] / base[i];
        other_ratio[i] = other[i] / ours[i];
    }
    printf("%-6s %6zu %10.0f %10.0f %8.2f %9.0f", csn_algorithm_name(algorithm), subject.token_len,
           median(ours), median(base), median(ratio), median(again));
    if (foreign)
        printf(" %12.0f %8.1f", median(other), median(other_ratio));
    printf("\n");
    csn_again_close();
    csn_bare_free(bare);
    csn_subject_free(&subject);
    return true;
}

static bool
write_text(const char *folder, const char *name, const char *ending, const char *text)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s/%s.%s", folder, name, ending) >= (int)sizeof path)
        return false;
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return false;
    bool written = fputs(text, file) >= 0;
    return fclose(file) == 0 && written;
}

static int
write_material(const char *name, const char *folder)
{
    enum csn_algorithm algorithm = csn_algorithm_from_name(csn_bytes_text(name));
    bool hmac = csn_algorithm_family(algorithm) == CSN_FAMILY_HMAC;
    bool written =
        csn_subject_make(&subject, algorithm) && write_text(folder, name, "token", subject.token) &&
        write_text(folder, name, "key", hmac ? subject.private_text : subject.public_pem);
    return written ? 0 : 1;
}

/* One figure of ours, as the other libraries' programs print theirs. */
static int
print_ours(const char *name)
{
    if (!csn_subject_make(&subject, csn_algorithm_from_name(csn_bytes_text(name))))
        return 1;
    printf("%.0f\n", turn(run_ours, count_for(run_ours) * (200000000 / TURN_NS)));
    return 0;
}

int
main(int argc, char **argv)
{
    if (csn_crypto_init() != CSN_OK)
        return 1;
    if (argc == 4 && strcmp(argv[1], "--material") == 0)
        return write_material(argv[2], argv[3]);
    if (argc == 4 && strcmp(argv[1], "--run") == 0)
        return print_ours(argv[2]);
    static const enum csn_algorithm ALGORITHMS[] = {CSN_HS256, CSN_HS384, CSN_HS512, CSN_RS256,
                                                    CSN_PS256, CSN_ES256, CSN_ES384, CSN_EDDSA};
    const char *other = csn_foreign_name();
    printf("%-6s %6s %10s %10s %8s %9s", "alg", "bytes", "ours ns", "bare ns", "ratio", "again ns");
    if (other != NULL)
        printf(" %9s ns %8s", other, "/ ours");
    printf("\n");
    for (size_t i = 0; i < sizeof ALGORITHMS / sizeof ALGORITHMS[0]; i++) {
        if (!measure(ALGORITHMS[i])) {
            fprintf(stderr, "bench_verify: %s failed\n", csn_algorithm_name(ALGORITHMS[i]));
            return 1;
        }
    }
    return 0;
}
