/* Login and anonymous start.
 *
 *   identity given ──► customer of it, or a new one ──► proof judged ──► nonce spent
 *                          └─ anonymous session presented: its customer is linked, its items move
 *                             behind the customer's, its sessions end
 *   none given     ──► anonymous session presented and live on this device: continued
 *                      else a new anonymous customer
 *                  ──► device bound, its session before ends ──► new session
 *
 * Everything is read and decided before the first row is written.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/panic.h"
#include "core/crypto.h"
#include "server/domain/customers.h"
#include "server/domain/id.h"
#include "server/domain/log.h"
#include "server/domain/outbox.h"
#include "server/domain/session_bind.h"
#include "server/domain/session_grant.h"
#include "server/domain/session_keys.h"
#include "server/domain/session_proof.h"

/* One login under way. */
struct login {
    const struct csn_sessions *sessions;
    struct csn_store *store;
    const struct csn_login *in;
    struct csn_session_outcome *out;
    int64_t now_ms;
    struct csn_id app;
    struct csn_customer_row customer;
    bool is_new; /* the customer is not written yet */
    struct csn_seal_key key;
    struct csn_session_row presented; /* the anonymous session; id {0}: none that counts */
    struct csn_id owner_before;       /* of its customer */
};

/* --- reading --- */

/* Reads the anonymous session presented. One that ended, or is none of an anonymous customer,
 * counts as not presented. A login may come back after its answer was lost: then the session it
 * presents was ended by the link, and the link itself still says whose the customer is. */
static enum csn_status
read_presented(struct login *l)
{
    const struct csn_login *in = l->in;
    if (csn_id_is_none(&in->anonymous_session))
        return CSN_OK;
    struct csn_session_row row;
    enum csn_status status = csn_store_session_get(l->store, l->app, in->anonymous_session, &row);
    if (status == CSN_NOT_FOUND)
        return CSN_OK;
    if (status != CSN_OK)
        return status;
    if (row.assurance != CSN_ASSURANCE_ANONYMOUS ||
        !csn_id_equal(&row.customer, &in->anonymous_customer)) {
        return CSN_OK;
    }
    struct csn_customer_row customer;
    status = csn_store_customer_get(l->store, l->app, row.customer, &customer);
    if (status != CSN_OK)
        return status;
    if (!csn_session_is_over(&row, l->now_ms) || !csn_id_is_none(&customer.owner)) {
        l->presented = row;
        l->owner_before = customer.owner;
    }
    return CSN_OK;
}

static void
prepare_customer(struct login *l)
{
    l->is_new = true;
    l->customer = (struct csn_customer_row){.assurance = l->in->assurance,
                                            .created_ms = l->now_ms,
                                            .seen_ms = l->now_ms,
                                            .revoked_before_ms = l->customer.revoked_before_ms};
    csn_id_make(l->sessions->random, &l->customer.id, l->now_ms);
    csn_customer_key_make(l->sessions, &l->app, l->in->identity, &l->customer, &l->key);
}

static enum csn_status
open_customer(struct login *l, enum csn_status found)
{
    if (found == CSN_NOT_FOUND) {
        prepare_customer(l);
        return CSN_OK;
    }
    return found == CSN_OK ? csn_customer_key_open(l->sessions, &l->app, &l->customer, &l->key)
                           : found;
}

static bool
is_continued(const struct login *l)
{
    return l->in->identity.len == 0 && !csn_id_is_none(&l->presented.id) &&
           csn_id_is_none(&l->owner_before) &&
           csn_bytes_equal_text(l->in->device.id, l->presented.device);
}

static enum csn_status
read_customer(struct login *l)
{
    if (l->in->identity.len > 0) {
        uint8_t hash[CSN_NAME_HASH];
        csn_identity_hash(l->sessions, &l->app, l->in->identity, hash);
        return open_customer(l, csn_proof_customer(l->store, l->app, hash, &l->customer));
    }
    if (is_continued(l)) {
        return open_customer(
            l, csn_store_customer_get(l->store, l->app, l->presented.customer, &l->customer));
    }
    return open_customer(l, CSN_NOT_FOUND);
}

/* --- writing --- */

static enum csn_status
write_customer(struct login *l)
{
    l->out->customer_created = l->is_new;
    if (l->is_new)
        return csn_store_customer_add(l->store, l->app, &l->customer);
    return csn_customer_saw(l->store, l->app, &l->customer, l->in->assurance, l->now_ms);
}

static enum csn_status
make_link(struct login *l, const struct csn_session_row *session)
{
    struct csn_log_moved moved;
    enum csn_status status =
        csn_log_move(l->store, l->app, l->presented.customer, l->customer.id, &moved);
    if (status != CSN_OK)
        return status;
    struct csn_link_row link = {.customer = l->presented.customer,
                                .owner = l->customer.id,
                                .cause = l->in->assurance,
                                .linked_ms = l->now_ms,
                                .session = session->id,
                                .place = moved.place,
                                .items = moved.items};
    l->out->link = CSN_LINK_MADE;
    l->out->linked_items = moved.items;
    return csn_store_link_add(l->store, l->app, &link);
}

/* Links by who proved nothing are bounded: else strangers could make them by the thousand. */
static enum csn_status
may_link(const struct login *l, bool *may)
{
    *may = true;
    if (l->in->assurance != CSN_ASSURANCE_CLAIMED)
        return CSN_OK;
    size_t count = 0;
    enum csn_status status = csn_store_link_count(
        l->store, l->app, l->customer.id, CSN_ASSURANCE_CLAIMED, CSN_LINKS_CLAIMED_MAX, &count);
    *may = count < CSN_LINKS_CLAIMED_MAX;
    return status;
}

static enum csn_status
write_link(struct login *l, const struct csn_session_row *session)
{
    if (l->in->identity.len == 0 || csn_id_is_none(&l->presented.id))
        return CSN_OK;
    if (csn_id_is_none(&l->owner_before)) {
        bool may = false;
        enum csn_status status = may_link(l, &may);
        if (status != CSN_OK || !may)
            return status;
        l->out->linked = l->presented.customer;
        return make_link(l, session);
    }
    if (csn_id_equal(&l->owner_before, &l->customer.id)) {
        l->out->linked = l->presented.customer;
        l->out->link = CSN_LINK_SAME;
        return CSN_OK;
    }
    l->out->link = CSN_LINK_OF_OTHER;
    return csn_store_link_refuse(l->store, l->app, l->presented.customer, l->customer.id,
                                 l->now_ms);
}

static enum csn_status
write_session(struct login *l, struct csn_session_row *row)
{
    if (is_continued(l)) {
        *row = l->presented;
        row->generation++;
        row->expires_ms = csn_grant_expires(l->in->app, l->now_ms);
        row->idle_ms = csn_grant_idle(l->in->app->policy.session_idle_s, l->now_ms);
        l->out->continued = true;
        return csn_store_session_renew(l->store, l->app, row);
    }
    *row = (struct csn_session_row){
        .customer = l->customer.id,
        .assurance = l->in->assurance,
        .generation = 1,
        .created_ms = l->now_ms,
        .expires_ms = csn_grant_expires(l->in->app, l->now_ms),
        .idle_ms = csn_grant_idle(l->in->app->policy.session_idle_s, l->now_ms)};
    csn_id_make(l->sessions->random, &row->id, l->now_ms);
    csn_grant_device(row, l->in->device.id);
    csn_grant_token(row, &l->in->token);
    csn_grant_logout_secret(l->sessions, row, l->out->logout_secret);
    return csn_store_session_add(l->store, l->app, row);
}

static enum csn_status
write_binding(struct login *l, const struct csn_session_row *row)
{
    struct csn_binding binding = {.device = &l->in->device,
                                  .customer = row->customer,
                                  .session = row->id,
                                  .assurance = row->assurance,
                                  .linked = l->out->linked};
    enum csn_status status = csn_bind_put(l->store, l->app, &binding, &l->out->revoked, l->now_ms);
    if (status != CSN_OK || l->out->link != CSN_LINK_MADE)
        return status;
    return csn_bind_remove_all(l->store, l->app, l->out->linked, &l->out->revoked, l->now_ms);
}

/* --- telling the app's backend --- */

static enum csn_status
tell_customer(const struct login *l)
{
    struct csn_telling created = {.notice = CSN_NOTICE_CUSTOMER_CREATED,
                                  .customer = l->customer.id,
                                  .assurance = csn_assurance_name(l->in->assurance)};
    struct csn_telling linked = {.notice = CSN_NOTICE_CUSTOMER_LINKED,
                                 .customer = l->customer.id,
                                 .linked = l->out->linked,
                                 .cause = csn_link_cause_name(l->in->assurance)};
    enum csn_status status = CSN_OK;
    if (l->out->customer_created)
        status = csn_outbox_tell(l->store, l->app, &created, l->now_ms);
    if (status == CSN_OK && l->out->link == CSN_LINK_MADE)
        status = csn_outbox_tell(l->store, l->app, &linked, l->now_ms);
    return status;
}

static enum csn_status
tell(const struct login *l, const struct csn_session_row *session)
{
    enum csn_status status = tell_customer(l);
    if (status != CSN_OK || l->out->continued)
        return status;
    struct csn_telling started = {.notice = CSN_NOTICE_SESSION_STARTED,
                                  .customer = session->customer,
                                  .session = session->id,
                                  .device = l->in->device.id,
                                  .assurance = csn_assurance_name(session->assurance)};
    return csn_outbox_tell(l->store, l->app, &started, l->now_ms);
}

static enum csn_status
write_all(struct login *l)
{
    struct csn_session_row row;
    enum csn_status status =
        csn_proof_spend(l->store, l->in->app, l->in->device.id, &l->in->token, l->now_ms);
    if (status == CSN_OK)
        status = write_customer(l);
    if (status == CSN_OK)
        status = write_session(l, &row);
    if (status == CSN_OK)
        status = write_link(l, &row);
    if (status == CSN_OK)
        status = write_binding(l, &row);
    if (status == CSN_OK)
        status = tell(l, &row);
    if (status != CSN_OK)
        return status;
    csn_grant_outcome(&row, &l->key, l->in->device.id, l->in->identity, l->out, l->now_ms);
    return CSN_OK;
}

enum csn_status
csn_session_login(const struct csn_sessions *sessions, struct csn_store *store,
                  const struct csn_login *in, struct csn_session_outcome *out, int64_t now_ms)
{
    CSN_ASSERT(in->assurance != CSN_ASSURANCE_NONE);
    CSN_ASSERT((in->identity.len == 0) == (in->assurance == CSN_ASSURANCE_ANONYMOUS));
    *out = (struct csn_session_outcome){0};
    struct login l = {.sessions = sessions,
                      .store = store,
                      .in = in,
                      .out = out,
                      .now_ms = now_ms,
                      .app = in->app->id};
    enum csn_status status = read_presented(&l);
    if (status == CSN_OK)
        status = read_customer(&l);
    if (status == CSN_OK) {
        status = csn_proof_judge(store, in->app, in->device.id, &in->token, &l.customer,
                                 &out->reason, now_ms);
    }
    if (status == CSN_OK && out->reason == CSN_REASON_ACCEPTED)
        status = write_all(&l);
    csn_wipe(&l.key, sizeof l.key);
    return status;
}
