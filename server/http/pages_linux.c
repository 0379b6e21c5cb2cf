/* See pages.h. POSIX has posix_madvise, which changes nothing here: the system's own call does.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE
#include "server/http/pages.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

void
csn_pages_release(void *memory, size_t len)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = ((uintptr_t)memory + page - 1) / page * page;
    uintptr_t to = ((uintptr_t)memory + len) / page * page;
    if (from < to)
        (void)madvise((void *)from, to - from, MADV_DONTNEED);
}
