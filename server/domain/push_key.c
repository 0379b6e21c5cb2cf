/* The pair an app's Web Push messages are vouched for with. See webhooks.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "server/domain/webhook_seal.h"
#include "server/domain/webhooks.h"

/* Out: *row; *there: the app has one. */
static enum csn_status
find(struct csn_management *m, struct csn_id app, struct csn_push_key_row *row, bool *there)
{
    struct csn_app_row app_row;
    *there = false;
    enum csn_status status = csn_management_find_app(m, app, &app_row);
    if (status != CSN_OK)
        return status;
    status = csn_store_push_key_get(m->store, app, m->arena, row);
    *there = status == CSN_OK;
    return status == CSN_NOT_FOUND ? CSN_OK : status;
}

static void
show(const struct csn_push_key_row *row, struct csn_push_key_info *out)
{
    memcpy(out->public_key, row->public_key, sizeof out->public_key);
    out->subject = row->subject;
    out->created_ms = row->created_ms;
}

enum csn_status
csn_push_key_get(struct csn_management *m, struct csn_id app, struct csn_push_key_info *out)
{
    *out = (struct csn_push_key_info){0};
    struct csn_push_key_row row;
    bool there = false;
    enum csn_status status = find(m, app, &row, &there);
    if (there)
        show(&row, out);
    return status;
}

static enum csn_status
check_subject(struct csn_management *m, struct csn_bytes subject)
{
    bool mail = csn_bytes_starts_with(subject, csn_bytes_text("mailto:")) && subject.len > 7;
    bool fits = subject.len <= CSN_VAPID_SUBJECT_MAX;
    if (subject.len == 0 || (fits && (mail || csn_url_is_valid(subject))))
        return CSN_OK;
    return csn_refuse(m, CSN_INVALID, "subject",
                      "\"mailto:\" and an address, or an https URL; %d bytes at most.",
                      CSN_VAPID_SUBJECT_MAX);
}

static enum csn_status
make(struct csn_management *m, struct csn_id app, struct csn_push_key_row *row, int64_t now_ms)
{
    struct csn_p256_pair pair;
    enum csn_status status = csn_p256_make(m->random, &pair);
    if (status != CSN_OK)
        return status;
    memcpy(row->public_key, pair.public_key, sizeof row->public_key);
    row->created_ms = now_ms;
    status = csn_webhook_seal(m, CSN_SEALED_PUSH_KEY, app, (struct csn_id){0},
                              csn_bytes_of(pair.private_key, sizeof pair.private_key),
                              &row->private_key);
    csn_wipe(&pair, sizeof pair);
    return status;
}

enum csn_status
csn_push_key_put(struct csn_management *m, struct csn_id app, struct csn_bytes subject,
                 struct csn_push_key_info *out, int64_t now_ms)
{
    *out = (struct csn_push_key_info){0};
    struct csn_push_key_row row = {0};
    bool there = false;
    enum csn_status status = check_subject(m, subject);
    if (status == CSN_OK)
        status = find(m, app, &row, &there);
    if (status == CSN_OK && !there)
        status = make(m, app, &row, now_ms);
    row.subject = subject;
    if (status == CSN_OK)
        status = csn_store_push_key_put(m->store, app, &row);
    if (status == CSN_OK)
        show(&row, out);
    return status;
}

enum csn_status
csn_push_key_delete(struct csn_management *m, struct csn_id app)
{
    struct csn_push_key_row row;
    bool there = false;
    enum csn_status status = find(m, app, &row, &there);
    return there ? csn_store_push_key_remove(m->store, app) : status;
}
