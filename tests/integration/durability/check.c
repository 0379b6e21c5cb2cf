/* What must hold of a database. See check.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/integration/durability/check.h"

#include <string.h>

#include "server/domain/id.h"
#include "server/store/registry_rows.h"
#include "server/store/session_rows.h"
#include "server/store/sqlite.h"

/* Each counts what must not be there. */
static const struct {
    const char *sentence, *sql;
} faults[] = {
    {"the file is damaged",
     "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"},
    {"a row refers to nothing", "SELECT count(*) FROM pragma_foreign_key_check"},
    {"a live session is not its device's",
     "SELECT count(*) FROM sessions s LEFT JOIN devices d ON d.app = s.app AND d.id = s.device "
     "WHERE s.ended = 0 AND d.session IS NOT s.id"},
    {"a device names a session that is not its own",
     "SELECT count(*) FROM devices d LEFT JOIN sessions s ON s.app = d.app AND s.id = d.session "
     "WHERE d.session IS NOT NULL AND (s.id IS NULL OR s.ended <> 0 OR s.device <> d.id OR "
     "s.customer <> d.customer OR s.assurance <> d.assurance)"},
    {"an ended session is not revoked",
     "SELECT count(*) FROM sessions s LEFT JOIN revocations r ON r.app = s.app AND "
     "r.subject = CAST(s.id AS BLOB) WHERE s.ended <> 0 AND r.subject IS NULL"},
    {"a revoked session is alive",
     "SELECT count(*) FROM revocations r JOIN sessions s ON s.app = r.app AND "
     "CAST(s.id AS BLOB) = r.subject WHERE s.ended = 0"},
    {"a linked customer has a device",
     "SELECT count(*) FROM links l JOIN devices d ON d.app = l.app AND d.customer = l.customer"},
    {"a link joins the wrong kinds",
     "SELECT count(*) FROM links l JOIN customers c ON c.app = l.app AND c.id = l.customer JOIN "
     "customers o ON o.app = l.app AND o.id = l.owner WHERE c.identity_hash IS NOT NULL OR "
     "o.identity_hash IS NULL"},
    {"a session has the assurance of another kind of customer",
     "SELECT count(*) FROM sessions s JOIN customers c ON c.app = s.app AND c.id = s.customer "
     "WHERE (s.assurance = 1) <> (c.identity_hash IS NULL)"},
    {"a log is not counted right",
     "SELECT count(*) FROM logs l WHERE (items, bytes) <> (SELECT count(*), coalesce(sum(length("
     "body)), 0) FROM items i WHERE i.app = l.app AND i.customer = l.customer)"},
    {"an item lies beyond the end of its log",
     "SELECT count(*) FROM items i LEFT JOIN logs l ON l.app = i.app AND l.customer = i.customer "
     "WHERE l.last IS NULL OR i.seq > l.last"},
    {"an item lies in the log of somebody else",
     "SELECT count(*) FROM items i LEFT JOIN links l ON l.app = i.app AND l.customer = i.origin "
     "WHERE l.owner IS NOT NULL AND i.customer <> l.owner OR l.owner IS NULL AND "
     "i.customer <> i.origin"},
    {"an item is there twice",
     "SELECT count(*) FROM (SELECT 1 FROM items GROUP BY app, id HAVING count(*) > 1)"},
    {"a customer was made without what an erased one of its identity left",
     "SELECT count(*) FROM erased_revocations e JOIN customers c ON c.app = e.app AND "
     "c.identity_hash = e.identity_hash WHERE c.revoked_before < e.revoked_before"},
    {"an erasure passed over a linked customer",
     "SELECT count(*) FROM links l JOIN customers c ON c.app = l.app AND c.id = l.customer "
     "WHERE length(c.key_sealed) > 0 AND l.customer < (SELECT max(e.customer) FROM erasures e "
     "WHERE e.app = l.app AND e.owner = l.owner)"},
    {"a delivery is a removed webhook's and waits for nobody",
     "SELECT count(*) FROM deliveries d LEFT JOIN webhooks w ON w.app = d.app AND w.id = d.webhook "
     "LEFT JOIN removed_webhooks r ON r.app = d.app AND r.webhook = d.webhook "
     "WHERE d.webhook IS NOT NULL AND w.id IS NULL AND r.webhook IS NULL AND d.app NOT IN "
     "(SELECT app FROM removed_apps WHERE due > 0)"},
    {"an enforcement was half changed",
     "SELECT count(*) FROM apps WHERE enforcement_version <> enforcement ->> 'version'"},
    {"a key was half added",
     "SELECT count(*) FROM apps a WHERE generation <> (SELECT count(*) FROM keys k WHERE "
     "k.app = a.id)"},
};

void
check_whole(struct csn_store *store)
{
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct csn_query q = csn_query(store, faults[i].sql);
        int64_t count = csn_query_row(&q) ? csn_row_int(&q) : -1;
        require(csn_query_end(&q) == CSN_OK, "a check does not run", faults[i].sql);
        require(count == 0, "broken invariant", faults[i].sentence);
    }
}

static void
check_login(struct stage *stage, struct csn_store *store, const struct ack *ack)
{
    struct csn_session_row session;
    struct csn_customer_info customer;
    struct csn_id app = stage->app.id;
    require(csn_store_session_get(store, app, ack->session, &session) == CSN_OK &&
                csn_id_equal(&session.customer, &ack->customer),
            "an acknowledged login is lost", ack->session.text);
    require(csn_customer_find(stage->sessions, store, app, csn_bytes_text(ack->identity),
                              &customer) == CSN_OK &&
                csn_id_equal(&customer.id, &ack->customer) &&
                strcmp(customer.identity, ack->identity) == 0,
            "an acknowledged customer is lost or double", ack->identity);
}

/* --- items and links --- */

/* What the customer's log says at this place. */
static bool
says(struct stage *stage, struct csn_store *store, struct csn_id customer, int64_t seq,
     const char *body)
{
    uint8_t memory[16384];
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    struct csn_read_out out;
    struct csn_read_in in = {.app = stage->app.id,
                             .customer = customer,
                             .view = CSN_VIEW_LOG,
                             .after = seq - 1,
                             .limit = 1};
    return csn_log_read(stage->sessions, store, &in, &arena, &out) == CSN_OK && out.count == 1 &&
           out.items[0].seq == seq && csn_bytes_equal_text(out.items[0].body, body);
}

static void
check_items(struct stage *stage, struct csn_store *store, const struct ack *ack,
            struct csn_id customer)
{
    int64_t before = 0;
    for (uint32_t i = 0; i < ack->items; i++) {
        char id[ITEM_TEXT_MAX], body[ITEM_TEXT_MAX];
        int64_t seq = 0;
        item_id(ack->item, i, id);
        item_body(ack->item, i, body);
        require(csn_store_item_find(store, stage->app.id, customer, CSN_UP, csn_bytes_text(id),
                                    &seq) == CSN_OK,
                "an acknowledged item is lost", id);
        require(seq > before, "acknowledged items are out of order", id);
        require(says(stage, store, customer, seq, body), "an acknowledged item does not open", id);
        before = seq;
    }
}

/* Out: *in_force. Returns: the ledger knows this link. */
static bool
find_link(struct stage *stage, struct csn_store *store, const struct ack *ack, bool *in_force)
{
    struct csn_link_info links[4];
    size_t count = 0;
    *in_force = false;
    if (csn_customer_links(store, stage->app.id, ack->linked, links, 4, &count) != CSN_OK) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (csn_id_equal(&links[i].owner, &ack->customer)) {
            *in_force = links[i].undone_ms == 0;
            return true;
        }
    }
    return false;
}

static void
check_link(struct stage *stage, struct csn_store *store, const struct ack *ack)
{
    bool in_force;
    require(find_link(stage, store, ack, &in_force), "an acknowledged link is lost",
            ack->linked.text);
    check_items(stage, store, ack, in_force ? ack->customer : ack->linked);
}

static void
check_unlink(struct stage *stage, struct csn_store *store, const struct ack *ack)
{
    bool in_force;
    require(find_link(stage, store, ack, &in_force) && !in_force, "an acknowledged unlink is lost",
            ack->linked.text);
}

static void
check_logout(struct stage *stage, struct csn_store *store, const struct ack *ack)
{
    struct csn_session_row session;
    require(csn_store_session_get(store, stage->app.id, ack->session, &session) == CSN_OK &&
                session.ended_ms != 0,
            "an acknowledged logout is lost", ack->session.text);
}

static void
check_enforcement(struct stage *stage, struct csn_store *store, const struct ack *ack)
{
    uint8_t memory[65536];
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    struct csn_app_row row;
    require(csn_store_app_get(store, stage->app.id, &arena, &row) == CSN_OK &&
                row.enforcement_version >= ack->enforcement_version,
            "an acknowledged change of enforcement is lost", stage->app.id.text);
}

static void
check_key(struct stage *stage, struct csn_store *store, const struct ack *ack)
{
    uint8_t memory[65536];
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    struct csn_key_row row;
    require(csn_store_key_get(store, stage->app.id, ack->key, &arena, &row) == CSN_OK,
            "an acknowledged key is lost", ack->key.text);
}

void
check_acks(struct stage *stage, struct csn_store *store, const struct ack *acks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        switch (acks[i].kind) {
        case ACT_LOGIN: check_login(stage, store, &acks[i]); break;
        case ACT_LINK:
            check_login(stage, store, &acks[i]);
            check_link(stage, store, &acks[i]);
            break;
        case ACT_UNLINK: check_unlink(stage, store, &acks[i]); break;
        case ACT_APPEND: check_items(stage, store, &acks[i], acks[i].customer); break;
        case ACT_LOGOUT: check_logout(stage, store, &acks[i]); break;
        case ACT_ENFORCEMENT: check_enforcement(stage, store, &acks[i]); break;
        case ACT_KEY: check_key(stage, store, &acks[i]); break;
        case ACT_NONE: fail("an acknowledgement says nothing", ""); break;
        }
    }
}
