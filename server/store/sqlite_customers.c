/* Rows of customers. See session_rows.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/session_rows.h"
#include "server/store/sqlite.h"

#define CUSTOMER_SELECT                                                                            \
    "SELECT c.id, c.identity_hash, c.identity_sealed, c.key_sealed, c.assurance, c.created, "      \
    "c.seen, c.revoked_before, l.owner, l.linked FROM customers c "                                \
    "LEFT JOIN links l ON l.app = c.app AND l.customer = c.id "

static struct csn_bytes
given(bool is_given, const uint8_t *ptr, size_t len)
{
    return is_given ? csn_bytes_of(ptr, len) : (struct csn_bytes){0};
}

static void
read_customer(struct csn_query *q, struct csn_customer_row *out)
{
    *out = (struct csn_customer_row){0};
    csn_row_id(q, &out->id);
    out->has_identity = !csn_row_null(q);
    csn_row_blob(q, out->identity_hash, sizeof out->identity_hash);
    out->identity_sealed_len =
        csn_row_blob_upto(q, out->identity_sealed, sizeof out->identity_sealed);
    out->key_sealed_len = csn_row_blob_upto(q, out->key_sealed, sizeof out->key_sealed);
    out->assurance = (enum csn_assurance)csn_row_int(q);
    out->created_ms = csn_row_int(q);
    out->seen_ms = csn_row_int(q);
    out->revoked_before_ms = csn_row_int(q);
    csn_row_id(q, &out->owner);
    out->linked_ms = csn_row_int(q);
}

/* Takes the one row of a query. */
static enum csn_status
one_customer(struct csn_query *q, struct csn_customer_row *out)
{
    enum csn_status status = csn_query_first(q);
    if (status != CSN_OK)
        return status;
    read_customer(q, out);
    return csn_query_end(q);
}

enum csn_status
csn_store_customer_add(struct csn_store *store, struct csn_id app,
                       const struct csn_customer_row *row)
{
    struct csn_query q = csn_query(
        store, "INSERT INTO customers (app, id, identity_hash, identity_sealed, key_sealed, "
               "assurance, created, seen, revoked_before) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    csn_query_id(&q, app);
    csn_query_id(&q, row->id);
    csn_query_blob(&q, given(row->has_identity, row->identity_hash, sizeof row->identity_hash));
    csn_query_blob(&q, given(row->has_identity, row->identity_sealed, row->identity_sealed_len));
    csn_query_blob(&q, csn_bytes_of(row->key_sealed, row->key_sealed_len));
    csn_query_int(&q, row->assurance);
    csn_query_int(&q, row->created_ms);
    csn_query_int(&q, row->seen_ms);
    csn_query_int(&q, row->revoked_before_ms);
    return csn_query_done(&q);
}

enum csn_status
csn_store_customer_get(struct csn_store *store, struct csn_id app, struct csn_id id,
                       struct csn_customer_row *out)
{
    struct csn_query q = csn_query(store, CUSTOMER_SELECT "WHERE c.app = ? AND c.id = ?");
    csn_query_id(&q, app);
    csn_query_id(&q, id);
    return one_customer(&q, out);
}

enum csn_status
csn_store_customer_find(struct csn_store *store, struct csn_id app,
                        const uint8_t identity_hash[CSN_NAME_HASH], struct csn_customer_row *out)
{
    struct csn_query q =
        csn_query(store, CUSTOMER_SELECT "WHERE c.app = ? AND c.identity_hash = ?");
    csn_query_id(&q, app);
    csn_query_blob(&q, csn_bytes_of(identity_hash, CSN_NAME_HASH));
    return one_customer(&q, out);
}

enum csn_status
csn_store_customer_seen(struct csn_store *store, struct csn_id app, struct csn_id id,
                        enum csn_assurance assurance, int64_t seen_ms)
{
    struct csn_query q = csn_query(store, "UPDATE customers SET seen = ?, assurance = "
                                          "max(assurance, ?) WHERE app = ? AND id = ?");
    csn_query_int(&q, seen_ms);
    csn_query_int(&q, assurance);
    csn_query_id(&q, app);
    csn_query_id(&q, id);
    return csn_query_touched(&q);
}

enum csn_status
csn_store_customer_revoke(struct csn_store *store, struct csn_id app, struct csn_id id,
                          int64_t before_ms)
{
    struct csn_query q = csn_query(store, "UPDATE customers SET revoked_before = "
                                          "max(revoked_before, ?) WHERE app = ? AND id = ?");
    csn_query_int(&q, before_ms);
    csn_query_id(&q, app);
    csn_query_id(&q, id);
    return csn_query_touched(&q);
}

enum csn_status
csn_store_customer_each_revoked(struct csn_store *store, struct csn_id app,
                                enum csn_status (*each)(void *state, struct csn_id app,
                                                        const uint8_t identity_hash[CSN_NAME_HASH],
                                                        int64_t before_ms),
                                void *state)
{
    enum csn_status told = CSN_OK;
    struct csn_query q =
        csn_query(store, "SELECT app, identity_hash, revoked_before FROM customers INDEXED BY "
                         "customers_revoked WHERE revoked_before > 0 AND identity_hash NOT NULL"
                         " AND app BETWEEN coalesce(?1, '') AND coalesce(?1, '~')"
                         " UNION ALL SELECT app, identity_hash, revoked_before FROM "
                         "erased_revocations WHERE app BETWEEN coalesce(?1, '') AND "
                         "coalesce(?1, '~')");
    csn_query_id(&q, app);
    while (told == CSN_OK && csn_query_row(&q)) {
        uint8_t identity_hash[CSN_NAME_HASH];
        csn_row_id(&q, &app);
        csn_row_blob(&q, identity_hash, sizeof identity_hash);
        told = each(state, app, identity_hash, csn_row_int(&q));
    }
    enum csn_status status = csn_query_end(&q);
    return status == CSN_OK ? told : status;
}

enum csn_status
csn_store_customer_next(struct csn_store *store, struct csn_id app, struct csn_id after,
                        struct csn_customer_row *out)
{
    struct csn_query q =
        csn_query(store, CUSTOMER_SELECT "WHERE c.app = ? AND c.id > ? ORDER BY c.id LIMIT 1");
    csn_query_id(&q, app);
    csn_query_bytes(&q, csn_bytes_text(after.text));
    return one_customer(&q, out);
}
