/* What keeps sessions in order around the operations: telling memory what was revoked, after each
 * commit and at start, and throwing away what has ended.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "server/domain/id.h"
#include "server/domain/revocations.h"
#include "server/domain/sessions.h"
#include "server/store/erase_rows.h"
#include "server/store/session_rows.h"

static enum csn_status
announce(const struct csn_revoked *item, struct csn_id app, struct csn_revocations *revocations)
{
    if (item->before_ms != 0)
        return csn_revoke_customer(revocations, app, item->who, item->before_ms);
    if (!csn_id_is_none(&item->session))
        return csn_revoke_session(revocations, app, item->session, item->expires_ms);
    return csn_revoke_token(revocations, app, item->token_hash, item->expires_ms);
}

enum csn_status
csn_revoked_announce(const struct csn_revoked_list *list, struct csn_id app,
                     struct csn_revocations *revocations)
{
    enum csn_status worst = CSN_OK;
    for (size_t i = 0; i < list->count; i++) {
        enum csn_status status = announce(&list->items[i], app, revocations);
        worst = status == CSN_OK ? worst : status;
    }
    return worst;
}

static enum csn_status
load_one(void *state, struct csn_id app, struct csn_bytes subject, int64_t expires_ms)
{
    struct csn_revocations *revocations = state;
    if (subject.len == CSN_ID_LENGTH) {
        struct csn_id session = {0};
        memcpy(session.text, subject.ptr, CSN_ID_LENGTH);
        return csn_revoke_session(revocations, app, session, expires_ms);
    }
    if (subject.len != 32)
        return CSN_UNAVAILABLE;
    return csn_revoke_token(revocations, app, subject.ptr, expires_ms);
}

static enum csn_status
load_customer(void *state, struct csn_id app, const uint8_t who[CSN_NAME_HASH], int64_t before_ms)
{
    struct csn_revocations *revocations = state;
    return csn_revoke_customer(revocations, app, who, before_ms);
}

enum csn_status
csn_revocations_load(struct csn_store *store, struct csn_revocations *revocations, int64_t now_ms)
{
    enum csn_status status = csn_store_revocation_each(store, now_ms, load_one, revocations);
    if (status != CSN_OK)
        return status;
    return csn_store_customer_each_revoked(store, (struct csn_id){0}, load_customer, revocations);
}

enum csn_status
csn_revocations_recall(struct csn_store *store, struct csn_revocations *revocations,
                       struct csn_id app)
{
    return csn_store_customer_each_revoked(store, app, load_customer, revocations);
}

/* An expired challenge is kept for as long again as a token with it could explain itself by
 * nonce_expired rather than nonce_unknown. */
#define CHALLENGE_KEPT_MS 3600000LL

enum csn_status
csn_sessions_housekeep(struct csn_store *store, unsigned limit, uint64_t *purged, int64_t now_ms)
{
    *purged = 0;
    enum csn_status status =
        csn_store_purge_challenges(store, now_ms - CHALLENGE_KEPT_MS, limit, purged);
    if (status == CSN_OK)
        status = csn_store_purge_revocations(store, now_ms, limit, purged);
    if (status == CSN_OK)
        status = csn_store_purge_erased_revocations(store, now_ms, limit, purged);
    if (status == CSN_OK)
        status = csn_store_purge_sessions(store, now_ms - CSN_SESSION_KEPT_MS, limit, purged);
    return status;
}
