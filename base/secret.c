/* Wiping, without a crypto library.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "countersign/bytes.h"

#include "base/panic.h"

void
csn_wipe(void *memory, size_t len)
{
    if (len == 0) /* memory may be NULL */
        return;
    __builtin_memset(memory, 0, len);
    /* For all the compiler knows, this reads the memory: the zeros must be there. */
    __asm__ __volatile__("" : : "r"(memory) : "memory");
}

struct csn_bytes
csn_secret_view(const struct csn_secret *secret)
{
    CSN_ASSERT(secret->len <= CSN_SECRET_MAX);
    return csn_bytes_of(secret->bytes, secret->len);
}

void
csn_secret_wipe(struct csn_secret *secret)
{
    /* All of it: a shorter secret may have replaced a longer one. */
    csn_wipe(secret, sizeof *secret);
}
