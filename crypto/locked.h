/* Memory for secrets that live long: never swapped, left out of core files, guarded by pages that
 * may not be touched on both sides, and wiped when freed. Costs at least three pages each: for a
 * master key, not for every key.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CRYPTO_LOCKED_H
#define CSN_CRYPTO_LOCKED_H

#include "countersign/bytes.h"

/* Returns: `size` zeroed bytes for csn_locked_free; NULL when there is no memory. Where the system
 * does not let us lock more (RLIMIT_MEMLOCK) the memory is guarded and wiped, but may be swapped.
 */
void *csn_locked_alloc(size_t size);

/* Wipes and frees. Accepts NULL. */
void csn_locked_free(void *memory);

#endif
