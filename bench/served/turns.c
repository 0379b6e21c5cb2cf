/* Medians, CPU time, folders. See turns.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700 /* nftw */
#include "bench/served/turns.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#define TMPFS 0x01021994L /* statfs(2) */
#define RAMFS 0x858458f6L

static double
clock_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

double
csn_wall_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

double
csn_cpu_us(void)
{
    return clock_us(CLOCK_PROCESS_CPUTIME_ID);
}

static int
by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double
csn_quantile(double *values, size_t count, double share)
{
    if (count == 0)
        return 0;
    qsort(values, count, sizeof values[0], by_size);
    size_t at = (size_t)(share * (double)count);
    return values[at < count ? at : count - 1];
}

double
csn_median(double *values, size_t count)
{
    return csn_quantile(values, count, 0.5);
}

bool
csn_is_on_disk(const char *where)
{
    struct statfs about;
    if (statfs(where, &about) != 0) {
        fprintf(stderr, "bench: there is no folder %s\n", where);
        return false;
    }
    if (about.f_type == TMPFS || about.f_type == (long)RAMFS) {
        fprintf(stderr, "bench: %s lies in memory, and a commit there is none: --folder=DIR\n",
                where);
        return false;
    }
    return true;
}

bool
csn_folder_make(const char *where, char out[CSN_FOLDER_MAX])
{
    int len = snprintf(out, CSN_FOLDER_MAX, "%s/csn-bench-XXXXXX", where);
    if (len < 0 || len >= CSN_FOLDER_MAX || mkdtemp(out) == NULL) {
        fprintf(stderr, "bench: cannot make a folder in %s\n", where);
        return false;
    }
    return true;
}

static int
remove_one(const char *path, const struct stat *about, int kind, struct FTW *at)
{
    (void)about, (void)kind, (void)at;
    return remove(path);
}

void
csn_folder_remove(const char *folder)
{
    if (*folder != '\0')
        nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void
csn_circumstances_print(const char *folder)
{
    char load[64] = "unknown";
    FILE *file = fopen("/proc/loadavg", "r");
    if (file != NULL) {
        if (fgets(load, sizeof load, file) != NULL)
            load[strcspn(load, "\n")] = '\0';
        fclose(file);
    }
    printf("disk %s; %ld processors; load %s\n", folder, sysconf(_SC_NPROCESSORS_ONLN), load);
}

const char *
csn_option_text(int argc, char **argv, const char *name, const char *otherwise)
{
    size_t len = strlen(name);
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) == 0 && strncmp(argv[i] + 2, name, len) == 0 &&
            argv[i][2 + len] == '=')
            return argv[i] + 3 + len;
    }
    return otherwise;
}

double
csn_option(int argc, char **argv, const char *name, double otherwise)
{
    const char *text = csn_option_text(argc, argv, name, NULL);
    return text != NULL ? strtod(text, NULL) : otherwise;
}
