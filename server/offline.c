/* What can be asked of a data folder without a server: see include/countersign/server.h. Reads
 * only, so it works beside a running server, and needs no master key.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "countersign/server.h"

#include "server/domain/id.h"
#include "server/store/audit_rows.h"
#include "server/store/registry_rows.h"

struct reading {
    struct csn_store *store;
    bool (*visit)(void *state, const struct csn_audit_record *row);
    void *state;
};

/* CSN_CONFLICT: the visitor has had enough. */
static enum csn_status
visit(void *state, const struct csn_audit_record *row)
{
    struct reading *r = state;
    return r->visit(r->state, row) ? CSN_OK : CSN_CONFLICT;
}

static enum csn_status
read_account(struct reading *r, struct csn_id account)
{
    struct csn_audit_walk walk = {
        .account = account, .oldest_first = true, .limit = INT64_MAX, .visit = visit, .state = r};
    return csn_store_audit_each(r->store, &walk);
}

static enum csn_status
read_each_account(struct reading *r)
{
    struct csn_id after = {0};
    for (;;) {
        uint8_t memory[CSN_NAME_MAX + 64];
        struct csn_arena arena = csn_arena_over(memory, sizeof memory);
        struct csn_account_row row;
        size_t count = 0;
        enum csn_status status = csn_store_account_list(r->store, after, &arena, &row, 1, &count);
        if (status != CSN_OK || count == 0)
            return status;
        status = read_account(r, row.id);
        if (status != CSN_OK)
            return status;
        after = row.id;
    }
}

enum csn_status
csn_audit_read_folder(const char *data, const char *account,
                      bool (*visitor)(void *state, const struct csn_audit_record *row), void *state)
{
    struct csn_id id = {0};
    if (account != NULL && !csn_id_read(csn_bytes_text(account), &id))
        return CSN_INVALID;
    struct reading r = {.visit = visitor, .state = state};
    enum csn_status status = csn_store_open_reading(data, &r.store);
    if (status != CSN_OK)
        return status;
    status = csn_store_begin_reading(r.store);
    if (status == CSN_OK) {
        status = account != NULL ? read_account(&r, id) : read_each_account(&r);
        csn_store_rollback(r.store);
    }
    csn_store_close(r.store);
    return status == CSN_CONFLICT ? CSN_OK : status;
}
