/* Appending to the audit, and checking what is in the store.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/audit.h"

#include <string.h>

#include "server/domain/id.h"
#include "server/store/audit_rows.h"

static enum csn_status
is_too_many(struct csn_store *store, const struct csn_audit_entry *entry, bool *out, int64_t now_ms)
{
    size_t count = 0;
    *out = false;
    if (!entry->denied)
        return CSN_OK;
    enum csn_status status = csn_store_audit_denials(
        store, entry->account, now_ms - CSN_AUDIT_DENIED_MS, CSN_AUDIT_DENIED_MAX, &count);
    *out = count >= CSN_AUDIT_DENIED_MAX;
    return status;
}

static struct csn_bytes
text_or_none(const char *text)
{
    return csn_bytes_text(text != NULL ? text : "");
}

enum csn_status
csn_audit_append(struct csn_store *store, const struct csn_audit_entry *entry, int64_t now_ms)
{
    bool too_many = false;
    enum csn_status status = is_too_many(store, entry, &too_many, now_ms);
    if (status != CSN_OK || too_many)
        return status;
    struct csn_audit_record row = {
        .account = csn_id_view(&entry->account),
        .at_ms = now_ms,
        .request = text_or_none(entry->request),
        .api_key = csn_id_view(&entry->api_key),
        .api_key_name = entry->api_key_name,
        .operation = csn_bytes_text(entry->operation),
        .app = csn_id_view(&entry->app),
        .target = text_or_none(entry->target),
        .outcome = csn_bytes_text(entry->denied ? "denied" : "done"),
        .changed = csn_bytes_text(entry->changed != NULL ? entry->changed : "{}"),
    };
    status = csn_store_audit_head(store, entry->account, &row.number, row.previous);
    if (status != CSN_OK && status != CSN_NOT_FOUND)
        return status;
    row.number++;
    if (!csn_audit_hash(&row, row.hash))
        return CSN_TOO_LARGE;
    return csn_store_audit_add(store, &row);
}

static enum csn_status
visit(void *state, const struct csn_audit_record *row)
{
    return csn_audit_add(state, row) ? CSN_OK : CSN_INVALID;
}

enum csn_status
csn_audit_check(struct csn_store *store, struct csn_id account, struct csn_audit_chain *chain)
{
    struct csn_audit_walk walk = {.account = account,
                                  .oldest_first = true,
                                  .limit = INT64_MAX,
                                  .visit = visit,
                                  .state = chain};
    enum csn_status status = csn_store_audit_each(store, &walk);
    csn_audit_end(chain);
    return status == CSN_INVALID ? CSN_OK : status;
}
