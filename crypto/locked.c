/* Memory for secrets that live long, by libsodium.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/locked.h"

#include <sodium.h>
#include <string.h>

#include "crypto/init.h"

void *
csn_locked_alloc(size_t size)
{
    if (csn_crypto_init() != CSN_OK)
        return NULL;
    void *memory = sodium_malloc(size);
    if (memory != NULL && size > 0)
        memset(memory, 0, size);
    return memory;
}

void
csn_locked_free(void *memory)
{
    sodium_free(memory);
}
