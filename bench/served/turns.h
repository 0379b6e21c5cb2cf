/* What the figures of a served store share: medians, the process's CPU time, a folder on a real
 * disk.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_BENCH_TURNS_H
#define CSN_BENCH_TURNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CSN_FOLDER_MAX 512 /* bytes of a folder's name */
#define CSN_ROUNDS_MAX 101

double csn_wall_us(void);
double csn_cpu_us(void); /* of the whole process, all threads, kernel included */

/* Sorts the values. Returns: the one at that share of them (0.5: the median); 0 of none. */
double csn_quantile(double *values, size_t count, double share);
double csn_median(double *values, size_t count);

/* Returns: `where` is a folder on a disk. False after saying why on standard error: in memory a
 * commit reaches nothing, and measures nothing. The program then ends with CSN_EXIT_NO_DISK. */
bool csn_is_on_disk(const char *where);
#define CSN_EXIT_NO_DISK 77

/* Makes a fresh folder in `where`. Out: its name. Returns: false after saying why. */
bool csn_folder_make(const char *where, char out[CSN_FOLDER_MAX]);
void csn_folder_remove(const char *folder); /* with everything in it */

/* Prints where the folder lies and how busy the machine is: what a figure has to be read with. */
void csn_circumstances_print(const char *folder);

/* Reads "--name=value" options of numbers. Returns: the value, or `otherwise`. */
double csn_option(int argc, char **argv, const char *name, double otherwise);
/* The same for text: where the folders are made. */
const char *csn_option_text(int argc, char **argv, const char *name, const char *otherwise);

#endif
