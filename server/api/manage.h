/* What the management handlers share: one operation over management.h, inside the store's
 * transaction, under the scope of the API key that asks.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_MANAGE_H
#define CSN_SERVER_API_MANAGE_H

#include "server/api/answer.h"
#include "server/api/problem.h"

/* Begins the operation, for `work`: its change is settled and its refusal answered by the exchange.
 * Returns: NULL when the arena is full. */
struct csn_management *csn_manage(struct csn_exchange *x, struct csn_store *store);

/* Reads path parameter `index` as an id. Returns: false after it answered not_found. */
bool csn_manage_id(struct csn_exchange *x, size_t index, struct csn_id *out);

/* Reads ?cursor= and ?limit=. Returns: false after it answered a problem. */
bool csn_manage_page(struct csn_exchange *x, struct csn_page *out);

/* The same, and one filter: *value, {0} when absent. */
bool csn_manage_page_with(struct csn_exchange *x, struct csn_page *out, const char *name,
                          size_t max, struct csn_bytes *value);

/* The same, and up to CSN_FILTERS_MAX filters, ended by a NULL name. */
#define CSN_FILTERS_MAX 4
struct csn_parameter;
bool csn_manage_page_filters(struct csn_exchange *x, struct csn_page *out,
                             const struct csn_parameter *filters);

/* Writes "next": the id to go on after, or null. */
void csn_manage_next(struct csn_json_writer *w, bool more, struct csn_id last);

/* Writes a nested object of the body out again, as a document of its own. Returns: false after it
 * answered a problem. */
bool csn_manage_json(struct csn_exchange *x, const struct csn_json_node *node,
                     struct csn_bytes *out);

/* Allocates the handler's state as x->state. Returns: NULL after it answered a problem. */
void *csn_manage_state(struct csn_exchange *x, size_t size);

#endif
