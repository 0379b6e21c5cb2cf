/* The heap of crypto/, and what OpenSSL says of its own.
 *
 * All heap of this folder comes from OpenSSL's allocator, so that one hook
 * (CRYPTO_set_mem_functions) sees, counts and can fail every allocation of a key's life, ours and
 * the library's alike. What is given back is wiped.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CRYPTO_MEMORY_H
#define CSN_CRYPTO_MEMORY_H

#include "countersign/bytes.h"

/* Returns: `size` zeroed bytes for csn_memory_free; NULL when the heap is exhausted. */
void *csn_memory_new(size_t size);

/* Wipes and frees. Accepts NULL. `size` as it was asked for. */
void csn_memory_free(void *memory, size_t size);

/* An arena on this heap, for documents that may hold a secret: all of it is wiped at its end.
 * Returns: CSN_OK; CSN_NO_MEMORY, with an empty arena. */
CSN_MUST_USE enum csn_status csn_memory_open_arena(struct csn_arena *arena, size_t size);
void csn_memory_close_arena(struct csn_arena *arena); /* accepts an empty one */

/* Call after OpenSSL refused. Empties its error queue.
 * Returns: CSN_NO_MEMORY when the heap was the reason, else `otherwise`. */
CSN_MUST_USE enum csn_status csn_openssl_failure(enum csn_status otherwise);

/* Empties OpenSSL's error queue of this thread. */
void csn_openssl_forget(void);

#endif
