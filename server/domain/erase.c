/* Erasing. See erase.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/erase.h"

#include <assert.h>
#include <string.h>

#include "core/crypto.h"
#include "server/domain/id.h"
#include "server/domain/outbox.h"
#include "server/domain/pseudonym.h"
#include "server/domain/revocations.h"
#include "server/domain/session_bind.h"
#include "server/domain/session_keys.h"

/* The name decisions know it by, for as long as it takes to remove it from them. */
static enum csn_status
note_party(const struct csn_sessions *sessions, const struct csn_app *app,
           const struct csn_customer_row *row, struct csn_erasure_row *erasure)
{
    static_assert(sizeof erasure->party == CSN_PSEUDONYM_BYTES, "the row keeps all of it");
    char identity[CSN_IDENTITY_MAX + 1];
    size_t len = 0;
    enum csn_status status = csn_customer_identity_open(sessions, &app->id, row, identity, &len);
    erasure->has_party = status == CSN_OK && len > 0;
    if (erasure->has_party)
        csn_pseudonym_of(app, csn_bytes_of(identity, len), erasure->party);
    csn_wipe(identity, sizeof identity);
    return status;
}

/* What refuses the customer's tokens must outlive it: who comes back with one of them is known by
 * the identity's hash alone. */
static enum csn_status
keep_revocation(struct csn_store *store, const struct csn_app *app,
                const struct csn_customer_row *row, int64_t now_ms)
{
    if (!row->has_identity || row->revoked_before_ms == 0)
        return CSN_OK;
    int64_t life_ms = csn_token_life_max(&app->policy);
    struct csn_erased_revocation_row kept = {
        .revoked_before_ms = row->revoked_before_ms,
        .expires_ms = life_ms > 0 ? row->revoked_before_ms + life_ms : CSN_NEVER_MS};
    memcpy(kept.identity_hash, row->identity_hash, sizeof kept.identity_hash);
    if (kept.expires_ms < now_ms)
        return CSN_OK;
    return csn_store_erased_revocation_add(store, app->id, &kept);
}

enum csn_status
csn_erased_revocations_last(struct csn_store *store, struct csn_id app,
                            const struct csn_policy *policy)
{
    return csn_store_erased_revocations_last(store, app, csn_token_life_max(policy), CSN_NEVER_MS);
}

static enum csn_status
erase_one(struct csn_store *store, struct csn_id app, const struct csn_customer_row *row,
          struct csn_erasure_row *erasure)
{
    csn_sha256(csn_bytes_of(row->key_sealed, row->key_sealed_len), erasure->key_hash);
    enum csn_status status = csn_store_customer_erase(store, app, erasure);
    struct csn_telling telling = {.notice = CSN_NOTICE_CUSTOMER_ERASED, .customer = row->id};
    return status == CSN_OK ? csn_outbox_tell(store, app, &telling, erasure->erased_ms) : status;
}

/* Goes on behind the last that was erased. Out: *more: there are others, for the sweep. */
static enum csn_status
erase_linked(struct csn_store *store, struct csn_id app, struct csn_id owner, bool *more,
             int64_t now_ms)
{
    struct csn_id at;
    *more = false;
    enum csn_status status = csn_store_linked_erased(store, app, owner, &at);
    for (size_t i = 0; status == CSN_OK; i++) {
        struct csn_customer_row row;
        status = csn_store_linked_next(store, app, owner, at, &at);
        if (status == CSN_NOT_FOUND)
            return CSN_OK;
        *more = status == CSN_OK && i == CSN_ERASED_AT_ONCE_MAX;
        if (*more)
            return CSN_OK;
        if (status == CSN_OK)
            status = csn_store_customer_get(store, app, at, &row);
        if (status == CSN_OK && row.key_sealed_len > 0)
            status = erase_one(
                store, app, &row,
                &(struct csn_erasure_row){.customer = at, .owner = owner, .erased_ms = now_ms});
    }
    return status;
}

enum csn_status
csn_customer_erase(const struct csn_sessions *sessions, struct csn_store *store,
                   const struct csn_app *app, struct csn_id customer, struct csn_erasure *out,
                   struct csn_revoked_list *revoked, int64_t now_ms)
{
    *revoked = (struct csn_revoked_list){0};
    bool more = false;
    struct csn_customer_row row;
    struct csn_erasure_row erasure = {.customer = customer, .erased_ms = now_ms};
    enum csn_status status = csn_store_customer_get(store, app->id, customer, &row);
    if (status != CSN_OK)
        return status;
    if (!csn_id_is_none(&row.owner))
        return CSN_CONFLICT;
    if (row.key_sealed_len == 0)
        return csn_customer_erasure(store, app->id, customer, out);
    status = note_party(sessions, app, &row, &erasure);
    if (status == CSN_OK)
        status = keep_revocation(store, app, &row, now_ms);
    if (status == CSN_OK)
        status = csn_bind_remove_all(store, app->id, customer, revoked, now_ms);
    if (status == CSN_OK)
        status = erase_linked(store, app->id, customer, &more, now_ms);
    if (status == CSN_OK)
        status = erase_one(store, app->id, &row, &erasure);
    return status == CSN_OK ? csn_customer_erasure(store, app->id, customer, out) : status;
}

/* --- the proof --- */

static enum csn_status
name_linked(struct csn_store *store, struct csn_id app, struct csn_erasure *out)
{
    struct csn_id at = {0};
    while (out->linked_count < CSN_ERASED_TOGETHER_MAX) {
        struct csn_erasure_row *row = &out->linked[out->linked_count];
        enum csn_status status = csn_store_linked_next(store, app, out->of.customer, at, &at);
        if (status == CSN_OK)
            status = csn_store_erasure_get(store, app, at, row);
        if (status != CSN_OK)
            return status == CSN_NOT_FOUND ? CSN_OK : status;
        out->linked_count++;
    }
    return CSN_OK;
}

enum csn_status
csn_customer_erasure(struct csn_store *store, struct csn_id app, struct csn_id customer,
                     struct csn_erasure *out)
{
    *out = (struct csn_erasure){0};
    enum csn_status status = csn_store_erasure_get(store, app, customer, &out->of);
    if (status == CSN_OK)
        status = csn_store_customer_remains(store, app, customer, &out->remains);
    return status == CSN_OK ? name_linked(store, app, out) : status;
}

enum csn_status
csn_erasures_sweep(struct csn_store *store, size_t limit, bool *more, int64_t now_ms)
{
    struct csn_id app, customer;
    size_t swept = 0;
    enum csn_status status =
        csn_store_erasure_unswept(store, now_ms - CSN_ERASURE_SETTLES_MS, &app, &customer);
    *more = status == CSN_OK;
    if (status == CSN_NOT_FOUND)
        return CSN_OK;
    bool linked_left = false;
    if (status == CSN_OK)
        status = erase_linked(store, app, customer, &linked_left, now_ms);
    if (status != CSN_OK || linked_left)
        return status;
    return csn_store_erasure_sweep(store, app, customer, limit, &swept, now_ms);
}
