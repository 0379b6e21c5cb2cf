/* Customers, as the management API looks at them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/customers.h"

#include <string.h>

#include "base/panic.h"
#include "server/domain/id.h"
#include "server/domain/session_keys.h"

/* --- looking --- */

static enum csn_status
fill(const struct csn_sessions *sessions, const struct csn_id *app,
     const struct csn_customer_row *row, struct csn_customer_info *out)
{
    *out = (struct csn_customer_info){.id = row->id,
                                      .verified = row->assurance == CSN_ASSURANCE_VERIFIED,
                                      .created_ms = row->created_ms,
                                      .seen_ms = row->seen_ms,
                                      .revoked_before_ms = row->revoked_before_ms,
                                      .erased = row->key_sealed_len == 0,
                                      .owner = row->owner,
                                      .linked_ms = row->linked_ms};
    return csn_customer_identity_open(sessions, app, row, out->identity, &out->identity_len);
}

enum csn_status
csn_customer_get(const struct csn_sessions *sessions, struct csn_store *store, struct csn_id app,
                 struct csn_id customer, struct csn_customer_info *out)
{
    struct csn_customer_row row;
    enum csn_status status = csn_store_customer_get(store, app, customer, &row);
    return status == CSN_OK ? fill(sessions, &app, &row, out) : status;
}

enum csn_status
csn_customer_find(const struct csn_sessions *sessions, struct csn_store *store, struct csn_id app,
                  struct csn_bytes identity, struct csn_customer_info *out)
{
    uint8_t hash[CSN_NAME_HASH];
    struct csn_customer_row row;
    csn_identity_hash(sessions, &app, identity, hash);
    enum csn_status status = csn_store_customer_find(store, app, hash, &row);
    return status == CSN_OK ? fill(sessions, &app, &row, out) : status;
}

enum csn_status
csn_customer_list(const struct csn_sessions *sessions, struct csn_store *store, struct csn_id app,
                  struct csn_id after, struct csn_customer_info *out, size_t limit, size_t *count)
{
    CSN_ASSERT(limit <= CSN_PAGE_MAX);
    for (*count = 0; *count < limit; ++*count) {
        struct csn_customer_row row;
        enum csn_status status = csn_store_customer_next(store, app, after, &row);
        if (status == CSN_NOT_FOUND)
            return CSN_OK;
        if (status == CSN_OK)
            status = fill(sessions, &app, &row, &out[*count]);
        if (status != CSN_OK)
            return status;
        after = row.id;
    }
    return CSN_OK;
}

/* Lists of an unknown customer are CSN_NOT_FOUND, not empty. */
static enum csn_status
must_exist(struct csn_store *store, struct csn_id app, struct csn_id customer)
{
    struct csn_customer_row row;
    return csn_store_customer_get(store, app, customer, &row);
}

struct session_list {
    struct csn_session_info *out;
    size_t *count;
};

static void
list_session(void *state, const struct csn_session_row *row)
{
    struct session_list *list = state;
    struct csn_session_info *info = &list->out[(*list->count)++];
    *info = (struct csn_session_info){.id = row->id,
                                      .assurance = row->assurance,
                                      .generation = row->generation,
                                      .created_ms = row->created_ms,
                                      .expires_ms = row->expires_ms,
                                      .ended_ms = row->ended_ms};
    memcpy(info->device, row->device, sizeof info->device);
}

enum csn_status
csn_customer_sessions(struct csn_store *store, struct csn_id app, struct csn_id customer,
                      struct csn_session_info *out, size_t limit, size_t *count, int64_t now_ms)
{
    CSN_ASSERT(limit <= CSN_PAGE_MAX);
    *count = 0;
    struct session_list list = {.out = out, .count = count};
    struct csn_session_range range = {.customer = customer, .limit = limit};
    enum csn_status status = must_exist(store, app, customer);
    if (status == CSN_OK)
        status = csn_store_session_each(store, app, &range, list_session, &list, now_ms);
    range.over = true;
    range.limit = limit - *count;
    if (status == CSN_OK && range.limit > 0)
        status = csn_store_session_each(store, app, &range, list_session, &list, now_ms);
    return status;
}

struct device_list {
    struct csn_device_info *out;
    size_t *count;
};

static void
list_device(void *state, const struct csn_device_row *row)
{
    struct device_list *list = state;
    struct csn_device_info *out = &list->out[(*list->count)++];
    *out = (struct csn_device_info){.session = row->session,
                                    .assurance = row->assurance,
                                    .push = (enum csn_push_kind)row->push_kind,
                                    .bound_ms = row->bound_ms,
                                    .seen_ms = row->seen_ms};
    memcpy(out->id, row->id, sizeof out->id);
    memcpy(out->platform, row->platform, sizeof out->platform);
    memcpy(out->app_version, row->app_version, sizeof out->app_version);
    memcpy(out->sdk_version, row->sdk_version, sizeof out->sdk_version);
}

enum csn_status
csn_customer_devices(struct csn_store *store, struct csn_id app, struct csn_id customer,
                     struct csn_device_info *out, size_t limit, size_t *count)
{
    CSN_ASSERT(limit <= CSN_PAGE_MAX);
    *count = 0;
    struct device_list list = {.out = out, .count = count};
    enum csn_status status = must_exist(store, app, customer);
    if (status != CSN_OK)
        return status;
    return csn_store_device_each(store, app, customer, limit, list_device, &list);
}
