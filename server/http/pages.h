/* Memory that is kept but not needed now.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_HTTP_PAGES_H
#define CSN_SERVER_HTTP_PAGES_H

#include <stddef.h>

/* Gives the whole pages within [memory, memory + len) back to the system; they stay ours, and what
 * they held is lost. Where that cannot be done, nothing happens. Defined in pages_linux.c. */
void csn_pages_release(void *memory, size_t len);

#endif
