/* How a link is shown.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_LINKS_H
#define CSN_SERVER_API_LINKS_H

#include "countersign/json.h"
#include "server/domain/customers.h"

/* Writes "links": the array of them. */
void csn_links_write(struct csn_json_writer *w, const struct csn_link_info *links, size_t count);

#endif
