/* A file system that can lose its power: SQLite's own, with a memory of what was synced.
 *
 * Every file keeps, beside its content, the content it had at its last sync. A cut is a copy of the
 * directory as a disk would show it afterwards: what was synced, and of what was written since,
 * each sector at random or not.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_DURABILITY_CUT_VFS_H
#define CSN_TESTS_DURABILITY_CUT_VFS_H

#include <stdint.h>

/* Becomes the default of every store opened from now on. `before` is called before each write and
 * each sync; it may take a cut. */
void cut_vfs_install(void (*before)(void *state), void *state);

/* Writes what a power cut now would leave of `directory` to the new folder `into`. */
void cut_vfs_take(const char *directory, const char *into, uint64_t *dice);

#endif
