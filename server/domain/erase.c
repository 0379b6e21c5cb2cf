/* Erasing. See erase.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/erase.h"

#include "core/crypto.h"
#include "server/domain/id.h"
#include "server/domain/session_bind.h"

static enum csn_status
erase_one(struct csn_store *store, struct csn_id app, const struct csn_customer_row *row,
          struct csn_id owner, int64_t now_ms)
{
    struct csn_erasure_row erasure = {.customer = row->id, .owner = owner, .erased_ms = now_ms};
    csn_sha256(csn_bytes_of(row->key_sealed, row->key_sealed_len), erasure.key_hash);
    return csn_store_customer_erase(store, app, &erasure);
}

static enum csn_status
erase_linked(struct csn_store *store, struct csn_id app, struct csn_id owner, int64_t now_ms)
{
    struct csn_id at = {0};
    for (;;) {
        struct csn_customer_row row;
        enum csn_status status = csn_store_linked_next(store, app, owner, at, &at);
        if (status == CSN_NOT_FOUND)
            return CSN_OK;
        if (status == CSN_OK)
            status = csn_store_customer_get(store, app, at, &row);
        if (status == CSN_OK && row.key_sealed_len > 0)
            status = erase_one(store, app, &row, owner, now_ms);
        if (status != CSN_OK)
            return status;
    }
}

enum csn_status
csn_customer_erase(struct csn_store *store, struct csn_id app, struct csn_id customer,
                   struct csn_erasure *out, struct csn_revoked_list *revoked, int64_t now_ms)
{
    *revoked = (struct csn_revoked_list){0};
    struct csn_customer_row row;
    enum csn_status status = csn_store_customer_get(store, app, customer, &row);
    if (status != CSN_OK)
        return status;
    if (!csn_id_is_none(&row.owner))
        return CSN_CONFLICT;
    if (row.key_sealed_len == 0)
        return csn_customer_erasure(store, app, customer, out);
    status = csn_bind_remove_all(store, app, customer, revoked, now_ms);
    if (status == CSN_OK)
        status = erase_linked(store, app, customer, now_ms);
    if (status == CSN_OK)
        status = erase_one(store, app, &row, (struct csn_id){0}, now_ms);
    return status == CSN_OK ? csn_customer_erasure(store, app, customer, out) : status;
}

/* --- the proof --- */

static enum csn_status
add_remains(struct csn_store *store, struct csn_id app, struct csn_id customer,
            struct csn_remains *sum)
{
    struct csn_remains one;
    enum csn_status status = csn_store_customer_remains(store, app, customer, &one);
    sum->key = sum->key || one.key;
    sum->identity = sum->identity || one.identity;
    sum->items += one.items;
    sum->devices += one.devices;
    sum->sessions += one.sessions;
    return status;
}

static enum csn_status
add_linked(struct csn_store *store, struct csn_id app, struct csn_erasure *out)
{
    struct csn_id at = {0};
    for (;;) {
        struct csn_erasure_row row;
        enum csn_status status = csn_store_linked_next(store, app, out->of.customer, at, &at);
        if (status == CSN_NOT_FOUND)
            return CSN_OK;
        if (status == CSN_OK)
            status = csn_store_erasure_get(store, app, at, &row);
        if (status == CSN_OK)
            status = add_remains(store, app, at, &out->remains);
        if (status != CSN_OK)
            return status;
        if (out->linked_count < CSN_ERASED_TOGETHER_MAX)
            out->linked[out->linked_count++] = row;
    }
}

enum csn_status
csn_customer_erasure(struct csn_store *store, struct csn_id app, struct csn_id customer,
                     struct csn_erasure *out)
{
    *out = (struct csn_erasure){0};
    enum csn_status status = csn_store_erasure_get(store, app, customer, &out->of);
    if (status == CSN_OK)
        status = add_remains(store, app, customer, &out->remains);
    return status == CSN_OK ? add_linked(store, app, out) : status;
}

enum csn_status
csn_erasures_sweep(struct csn_store *store, size_t limit, bool *more, int64_t now_ms)
{
    struct csn_id app, customer;
    size_t swept = 0;
    enum csn_status status = csn_store_erasure_unswept(store, &app, &customer);
    *more = status == CSN_OK;
    if (status == CSN_NOT_FOUND)
        return CSN_OK;
    if (status == CSN_OK)
        status = csn_store_erasure_sweep(store, app, customer, limit, &swept, now_ms);
    return status;
}
