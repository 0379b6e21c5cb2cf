/* Links looked at, undone and made by hand. What a login makes is session_login.c's.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/panic.h"
#include "server/domain/customers.h"
#include "server/domain/id.h"
#include "server/domain/log.h"
#include "server/domain/outbox.h"
#include "server/domain/session_bind.h"

/* --- looking --- */

struct listing {
    struct csn_link_info *out;
    size_t count;
};

static bool
list_one(void *state, const struct csn_link_row *row)
{
    struct listing *listing = state;
    listing->out[listing->count++] = (struct csn_link_info){.customer = row->customer,
                                                            .owner = row->owner,
                                                            .cause = row->cause,
                                                            .linked_ms = row->linked_ms,
                                                            .items = row->items,
                                                            .made_by = row->made_by,
                                                            .refused = row->refused,
                                                            .undone_ms = row->undone_ms,
                                                            .undone_by = row->undone_by,
                                                            .returned = row->returned};
    return true;
}

enum csn_status
csn_customer_links(struct csn_store *store, struct csn_id app, struct csn_id customer,
                   struct csn_link_info *out, size_t limit, size_t *count)
{
    CSN_ASSERT(limit <= CSN_PAGE_MAX);
    struct listing listing = {.out = out};
    struct csn_customer_row row;
    *count = 0;
    enum csn_status status = csn_store_customer_get(store, app, customer, &row);
    if (status == CSN_OK)
        status = csn_store_link_each(store, app, customer, limit, list_one, &listing);
    *count = listing.count;
    return status;
}

const char *
csn_link_cause_name(enum csn_assurance cause)
{
    return cause == CSN_ASSURANCE_NONE ? "by_hand" : csn_assurance_name(cause);
}

static enum csn_status
tell(struct csn_store *store, struct csn_id app, enum csn_notice notice,
     const struct csn_link_row *link, int64_t now_ms)
{
    struct csn_telling telling = {.notice = notice,
                                  .customer = link->owner,
                                  .linked = link->customer,
                                  .cause = csn_link_cause_name(link->cause)};
    return csn_outbox_tell(store, app, &telling, now_ms);
}

/* --- undoing --- */

/* What was erased stays as it is: its rows are being swept away. */
static bool
is_erased(const struct csn_customer_row *row)
{
    return row->key_sealed_len == 0;
}

static enum csn_status
find_link(struct csn_store *store, struct csn_id app, struct csn_id customer,
          struct csn_id anonymous, struct csn_link_row *link)
{
    struct csn_customer_row row;
    enum csn_status status = csn_store_link_get(store, app, anonymous, link);
    if (status == CSN_OK && !csn_id_equal(&link->owner, &customer))
        return CSN_NOT_FOUND;
    if (status == CSN_OK)
        status = csn_store_customer_get(store, app, customer, &row);
    return status == CSN_OK && is_erased(&row) ? CSN_CONFLICT : status;
}

/* Ends the session that made the link, where it lives on. */
static enum csn_status
end_maker(struct csn_store *store, struct csn_id app, struct csn_id session,
          struct csn_revoked_list *revoked, int64_t now_ms)
{
    if (csn_id_is_none(&session))
        return CSN_OK;
    struct csn_session_row row;
    enum csn_status status = csn_store_session_get(store, app, session, &row);
    if (status == CSN_NOT_FOUND || (status == CSN_OK && row.ended_ms != 0))
        return CSN_OK;
    return status == CSN_OK ? csn_bind_logout(store, app, &row, revoked, now_ms) : status;
}

enum csn_status
csn_customer_unlink(struct csn_store *store, struct csn_id app, struct csn_id customer,
                    struct csn_id anonymous, struct csn_id by, struct csn_relink_outcome *out,
                    int64_t now_ms)
{
    struct csn_link_row link;
    *out = (struct csn_relink_outcome){0};
    enum csn_status status = find_link(store, app, customer, anonymous, &link);
    if (status != CSN_OK)
        return status;
    status = csn_log_move_back(store, app, customer, anonymous, link.place, &out->items);
    link.undone_ms = now_ms;
    link.undone_by = by;
    link.returned = out->items;
    if (status == CSN_OK)
        status = csn_store_link_undo(store, app, &link);
    if (status == CSN_OK)
        status = tell(store, app, CSN_NOTICE_CUSTOMER_UNLINKED, &link, now_ms);
    if (status != CSN_OK)
        return status;
    return end_maker(store, app, link.session, &out->revoked, now_ms);
}

/* --- making by hand --- */

static enum csn_status
make(struct csn_store *store, struct csn_id app, struct csn_link_row *link,
     struct csn_relink_outcome *out)
{
    struct csn_log_moved moved;
    enum csn_status status = csn_log_move(store, app, link->customer, link->owner, &moved);
    link->place = moved.place;
    link->items = moved.items;
    out->items = moved.items;
    if (status == CSN_OK)
        status = csn_store_link_add(store, app, link);
    if (status == CSN_OK)
        status = tell(store, app, CSN_NOTICE_CUSTOMER_LINKED, link, link->linked_ms);
    if (status != CSN_OK)
        return status;
    return csn_bind_remove_all(store, app, link->customer, &out->revoked, link->linked_ms);
}

enum csn_status
csn_customer_link(struct csn_store *store, struct csn_id app, struct csn_id customer,
                  struct csn_id anonymous, struct csn_id by, struct csn_relink_outcome *out,
                  int64_t now_ms)
{
    struct csn_customer_row owner, from;
    *out = (struct csn_relink_outcome){0};
    enum csn_status status = csn_store_customer_get(store, app, customer, &owner);
    if (status == CSN_OK)
        status = csn_store_customer_get(store, app, anonymous, &from);
    if (status != CSN_OK)
        return status;
    if (csn_id_equal(&from.owner, &customer))
        return CSN_OK;
    if (!owner.has_identity || from.has_identity || is_erased(&from) ||
        !csn_id_is_none(&from.owner))
        return CSN_CONFLICT;
    struct csn_link_row link = {
        .customer = anonymous, .owner = customer, .linked_ms = now_ms, .made_by = by};
    return make(store, app, &link, out);
}
