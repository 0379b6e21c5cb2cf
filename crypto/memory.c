/* The heap of crypto/, and what OpenSSL says of its own.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/memory.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

void *
csn_memory_new(size_t size)
{
    void *memory = OPENSSL_zalloc(size);
    if (memory == NULL)
        csn_openssl_forget(); /* it queues an error of its own */
    return memory;
}

void
csn_memory_free(void *memory, size_t size)
{
    OPENSSL_clear_free(memory, size);
}

enum csn_status
csn_memory_open_arena(struct csn_arena *arena, size_t size)
{
    void *memory = csn_memory_new(size);
    *arena = csn_arena_over(memory, memory == NULL ? 0 : size);
    return memory == NULL ? CSN_NO_MEMORY : CSN_OK;
}

void
csn_memory_close_arena(struct csn_arena *arena)
{
    csn_memory_free(arena->ptr, arena->cap);
    *arena = (struct csn_arena){0};
}

enum csn_status
csn_openssl_failure(enum csn_status otherwise)
{
    enum csn_status status = otherwise;
    for (unsigned long error; (error = ERR_get_error()) != 0;)
        if (ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE)
            status = CSN_NO_MEMORY;
    ERR_clear_error(); /* what has been read still keeps its texts */
    return status;
}

void
csn_openssl_forget(void)
{
    ERR_clear_error();
}
