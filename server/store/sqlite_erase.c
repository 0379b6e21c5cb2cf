/* Erasing in SQLite. See erase_rows.h.
 *
 * The database overwrites what it deletes (secure_delete); the write-ahead log would keep older
 * pages, so it is cut after the commit or, where somebody reads them still, once they are done
 * (csn_store_cut_again).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/erase_rows.h"
#include "server/store/sqlite.h"
#include "server/store/sqlite_visitors.h"

static enum csn_status
forget_customer(struct csn_store *store, struct csn_id app, struct csn_id customer)
{
    struct csn_query q =
        csn_query(store, "UPDATE customers SET identity_hash = NULL, identity_sealed = NULL, "
                         "key_sealed = x'', assurance = 1, revoked_before = 0 "
                         "WHERE app = ? AND id = ?");
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    return csn_query_touched(&q);
}

/* At once, not swept: its keyed hash tells who has an e-mail address. */
static enum csn_status
forget_profile(struct csn_store *store, struct csn_id app, struct csn_id customer)
{
    struct csn_query q = csn_query(store, "DELETE FROM profiles WHERE app = ? AND customer = ?");
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    return csn_query_done(&q);
}

/* Kept answers are sealed under the master key, not under this customer's. Those of an older server
 * do not say about whom they are: all of that account go. */
static enum csn_status
forget_answers(struct csn_store *store, struct csn_id app, struct csn_id customer)
{
    struct csn_query q =
        csn_query(store, "DELETE FROM idempotency WHERE account = (SELECT account FROM apps WHERE "
                         "id = ?) AND customer IN (?, '?') AND customer <> ''");
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    return csn_query_done(&q);
}

enum csn_status
csn_store_customer_erase(struct csn_store *store, struct csn_id app,
                         const struct csn_erasure_row *row)
{
    enum csn_status status = forget_customer(store, app, row->customer);
    if (status == CSN_OK)
        status = forget_profile(store, app, row->customer);
    if (status == CSN_OK)
        status = forget_answers(store, app, row->customer);
    if (status != CSN_OK)
        return status;
    struct csn_query q = csn_query(
        store,
        "INSERT INTO erasures (app, customer, owner, erased, key_hash, party) VALUES (?, ?, ?, ?, "
        "?, ?)");
    csn_query_id(&q, app);
    csn_query_id(&q, row->customer);
    csn_query_id(&q, row->owner);
    csn_query_int(&q, row->erased_ms);
    csn_query_blob(&q, csn_bytes_of(row->key_hash, sizeof row->key_hash));
    csn_query_blob(&q, csn_bytes_of(row->has_party ? row->party : NULL,
                                    row->has_party ? sizeof row->party : 0));
    store->cut_due = true;
    return csn_query_done(&q);
}

enum csn_status
csn_store_erasure_get(struct csn_store *store, struct csn_id app, struct csn_id customer,
                      struct csn_erasure_row *out)
{
    *out = (struct csn_erasure_row){.customer = customer};
    struct csn_query q = csn_query(store, "SELECT owner, erased, swept, key_hash FROM erasures "
                                          "WHERE app = ? AND customer = ?");
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    csn_row_id(&q, &out->owner);
    out->erased_ms = csn_row_int(&q);
    out->swept_ms = csn_row_int(&q);
    csn_row_blob(&q, out->key_hash, sizeof out->key_hash);
    return csn_query_end(&q);
}

enum csn_status
csn_store_linked_next(struct csn_store *store, struct csn_id app, struct csn_id owner,
                      struct csn_id after, struct csn_id *out)
{
    struct csn_query q = csn_query(store, "SELECT customer FROM links WHERE app = ? AND owner = ? "
                                          "AND customer > ? ORDER BY customer LIMIT 1");
    csn_query_id(&q, app);
    csn_query_id(&q, owner);
    csn_query_bytes(&q, csn_bytes_text(after.text));
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    csn_row_id(&q, out);
    return csn_query_end(&q);
}

enum csn_status
csn_store_linked_erased(struct csn_store *store, struct csn_id app, struct csn_id owner,
                        struct csn_id *out)
{
    *out = (struct csn_id){0};
    struct csn_query q = csn_query(store, "SELECT customer FROM erasures INDEXED BY "
                                          "erasures_by_owner WHERE app = ? AND owner = ? "
                                          "ORDER BY customer DESC LIMIT 1");
    csn_query_id(&q, app);
    csn_query_id(&q, owner);
    if (csn_query_row(&q))
        csn_row_id(&q, out);
    return csn_query_end(&q);
}

/* --- sweeping --- */

/* A visitor is found by its level, which is the front of it, and by itself. */
#define VISITS                                                                                     \
    "FROM decision_visitors WHERE app = ?1 AND day IN (SELECT day FROM decision_days WHERE "       \
    "app = ?1) AND level = ?2 AND visitor = ?3"

struct party {
    bool given;
    uint8_t pseudonym[16];
};

static enum csn_status
read_party(struct csn_store *store, struct csn_id app, struct csn_id customer, struct party *out)
{
    *out = (struct party){0};
    struct csn_query q =
        csn_query(store, "SELECT party FROM erasures WHERE app = ? AND customer = ?");
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    if (csn_query_row(&q)) {
        out->given = !csn_row_null(&q);
        csn_row_blob(&q, out->pseudonym, sizeof out->pseudonym);
    }
    return csn_query_end(&q);
}

static struct csn_query
ask_visits(struct csn_store *store, const char *sql, struct csn_id app, const struct party *party)
{
    struct csn_query q = csn_query(store, sql);
    csn_query_id(&q, app);
    csn_query_int(&q, csn_visitor_level_of(party->pseudonym));
    csn_query_blob(&q, csn_bytes_of(party->pseudonym, sizeof party->pseudonym));
    return q;
}

static enum csn_status
forget_decisions(struct csn_store *store, struct csn_id app, struct csn_id customer, size_t limit,
                 size_t *swept)
{
    struct party party;
    enum csn_status status = read_party(store, app, customer, &party);
    if (status != CSN_OK || !party.given || *swept >= limit)
        return status;
    struct csn_query q = csn_query(
        store, "UPDATE decision_rows SET pseudonym = NULL WHERE number IN (SELECT number FROM "
               "decision_rows INDEXED BY decision_rows_by_visitor WHERE app = ? AND pseudonym = ? "
               "LIMIT ?)");
    csn_query_id(&q, app);
    csn_query_blob(&q, csn_bytes_of(party.pseudonym, sizeof party.pseudonym));
    csn_query_int(&q, (int64_t)(limit - *swept));
    status = csn_query_done(&q);
    if (status != CSN_OK)
        return status;
    *swept += (size_t)csn_store_changes(store);
    if (*swept >= limit)
        return CSN_OK;
    q = ask_visits(store, "DELETE " VISITS, app, &party);
    status = csn_query_done(&q);
    if (status == CSN_OK)
        *swept += (size_t)csn_store_changes(store);
    return status;
}

enum csn_status
csn_store_erasure_unswept(struct csn_store *store, int64_t before_ms, struct csn_id *app,
                          struct csn_id *customer)
{
    struct csn_query q =
        csn_query(store, "SELECT app, customer FROM erasures WHERE swept = 0 AND erased < ? "
                         "ORDER BY erased LIMIT 1");
    csn_query_int(&q, before_ms);
    enum csn_status status = csn_query_first(&q);
    if (status != CSN_OK)
        return status;
    csn_row_id(&q, app);
    csn_row_id(&q, customer);
    return csn_query_end(&q);
}

/* Runs one DELETE of (app, customer, limit). */
static enum csn_status
delete_some(struct csn_store *store, const char *sql, struct csn_id app, struct csn_id customer,
            size_t limit, size_t *swept)
{
    struct csn_query q = csn_query(store, sql);
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    csn_query_int(&q, (int64_t)(limit - *swept));
    enum csn_status status = csn_query_done(&q);
    if (status == CSN_OK)
        *swept += (size_t)csn_store_changes(store);
    return status;
}

static enum csn_status
note_swept(struct csn_store *store, struct csn_id app, struct csn_id customer, int64_t now_ms)
{
    struct csn_query q = csn_query(
        store, "UPDATE erasures SET swept = ?, party = NULL WHERE app = ? AND customer = ?");
    csn_query_int(&q, now_ms);
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    return csn_query_touched(&q);
}

enum csn_status
csn_store_erasure_sweep(struct csn_store *store, struct csn_id app, struct csn_id customer,
                        size_t limit, size_t *swept, int64_t now_ms)
{
    static const char *const tables[] = {
        "DELETE FROM items WHERE app = ?1 AND customer = ?2 AND seq IN "
        "(SELECT seq FROM items WHERE app = ?1 AND customer = ?2 ORDER BY seq LIMIT ?3)",
        "DELETE FROM sessions WHERE app = ?1 AND customer = ?2 AND id IN "
        "(SELECT id FROM sessions WHERE app = ?1 AND customer = ?2 ORDER BY id LIMIT ?3)",
        "DELETE FROM logs WHERE app = ?1 AND customer = ?2 AND ?3 > 0",
        /* Whose a refused token is cannot be told without reading it: all that is kept goes. */
        "DELETE FROM evidence WHERE app = ?1 AND ?2 <> '' AND id IN (SELECT id FROM evidence "
        "WHERE app = ?1 LIMIT ?3)",
    };
    enum csn_status status = CSN_OK;
    *swept = 0;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0] && status == CSN_OK; i++) {
        if (*swept < limit)
            status = delete_some(store, tables[i], app, customer, limit, swept);
    }
    if (status == CSN_OK)
        status = forget_decisions(store, app, customer, limit, swept);
    store->cut_due = true;
    if (status != CSN_OK || *swept >= limit)
        return status;
    return note_swept(store, app, customer, now_ms);
}

/* --- what is left --- */

/* It, and those linked to it. */
#define THEM                                                                                       \
    "WITH them (id) AS (SELECT ?2 UNION ALL SELECT customer FROM links WHERE app = ?1 AND "        \
    "owner = ?2) "

static enum csn_status
take_count(struct csn_query *q, int64_t *out)
{
    if (csn_query_row(q))
        *out += csn_row_int(q);
    return csn_query_end(q);
}

static enum csn_status
count_rows(struct csn_store *store, const char *sql, struct csn_id app, struct csn_id customer,
           int64_t *out)
{
    struct csn_query q = csn_query(store, sql);
    csn_query_id(&q, app);
    csn_query_id(&q, customer);
    return take_count(&q, out);
}

static enum csn_status
count_decisions(struct csn_store *store, struct csn_id app, struct csn_id customer, int64_t *out)
{
    struct party party;
    enum csn_status status = read_party(store, app, customer, &party);
    if (status != CSN_OK || !party.given)
        return status;
    struct csn_query q =
        csn_query(store, "SELECT count(*) FROM decision_rows INDEXED BY decision_rows_by_visitor "
                         "WHERE app = ? AND pseudonym = ?");
    csn_query_id(&q, app);
    csn_query_blob(&q, csn_bytes_of(party.pseudonym, sizeof party.pseudonym));
    status = take_count(&q, out);
    if (status != CSN_OK)
        return status;
    q = ask_visits(store, "SELECT count(*) " VISITS, app, &party);
    return take_count(&q, out);
}

enum csn_status
csn_store_customer_remains(struct csn_store *store, struct csn_id app, struct csn_id customer,
                           struct csn_remains *out)
{
    *out = (struct csn_remains){0};
    int64_t keys = 0, identities = 0;
    const struct {
        const char *sql;
        int64_t *count;
    } parts[] = {
        {THEM "SELECT count(*) FROM them JOIN customers c ON c.app = ?1 AND c.id = them.id WHERE "
              "length(c.key_sealed) > 0",
         &keys},
        {THEM "SELECT count(*) FROM them JOIN customers c ON c.app = ?1 AND c.id = them.id WHERE "
              "c.identity_hash IS NOT NULL",
         &identities},
        {THEM "SELECT count(*) FROM them JOIN items i ON i.app = ?1 AND i.customer = them.id",
         &out->items},
        {THEM "SELECT count(*) FROM them JOIN devices d ON d.app = ?1 AND d.customer = them.id",
         &out->devices},
        {THEM "SELECT count(*) FROM them JOIN sessions s ON s.app = ?1 AND s.customer = them.id",
         &out->sessions},
    };
    enum csn_status status = count_decisions(store, app, customer, &out->decisions);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && status == CSN_OK; i++)
        status = count_rows(store, parts[i].sql, app, customer, parts[i].count);
    out->key = keys > 0;
    out->identity = identities > 0;
    return status;
}
