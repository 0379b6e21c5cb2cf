/* Webhooks: made, shown, changed, removed. See webhooks.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/webhooks.h"

#include <string.h>

#include "base/base64.h"
#include "crypto/random.h"
#include "server/domain/id.h"
#include "server/domain/webhook_seal.h"

const char *
csn_webhook_state_name(enum csn_webhook_state state)
{
    static const char *const names[] = {
        [CSN_WEBHOOK_UNSET] = "unset",       [CSN_WEBHOOK_ENABLED] = "enabled",
        [CSN_WEBHOOK_DISABLED] = "disabled", [CSN_WEBHOOK_FAILED] = "failed",
        [CSN_WEBHOOK_GONE] = "gone",
    };
    return state <= CSN_WEBHOOK_GONE ? names[state] : names[CSN_WEBHOOK_UNSET];
}

/* --- showing --- */

static enum csn_status
find(struct csn_management *m, struct csn_id app, struct csn_id id, struct csn_webhook_row *row)
{
    struct csn_app_row app_row;
    enum csn_status status = csn_management_find_app(m, app, &app_row);
    if (status != CSN_OK)
        return status;
    status = csn_store_webhook_get(m->store, app, id, m->arena, row);
    return status == CSN_NOT_FOUND ? csn_refuse_unknown(m) : status;
}

static enum csn_status
show(struct csn_management *m, struct csn_id app, const struct csn_webhook_row *row,
     struct csn_webhook_info *out)
{
    *out = (struct csn_webhook_info){
        .id = row->id,
        .notices = row->notices,
        .bodies = row->bodies,
        .state = (enum csn_webhook_state)row->state,
        .state_changed_ms = row->state_changed_ms,
        .created_ms = row->created_ms,
        .delivered_ms = row->delivered_ms,
        .failing_since_ms = row->failing_since_ms,
        .previous_until_ms = row->previous.len > 0 ? row->previous_until_ms : 0,
        .waiting = row->waiting,
        .dropped = row->dropped,
    };
    const char *url = NULL;
    enum csn_status status = csn_webhook_open_url(m->registry->vault, app, row, m->arena, &url);
    return status != CSN_OK ? status : csn_url_show(csn_bytes_text(url), m->arena, &out->url);
}

enum csn_status
csn_webhook_get(struct csn_management *m, struct csn_id app, struct csn_id id,
                struct csn_webhook_info *out)
{
    *out = (struct csn_webhook_info){0};
    struct csn_webhook_row row;
    enum csn_status status = find(m, app, id, &row);
    return status != CSN_OK ? status : show(m, app, &row, out);
}

/* Out: *rows, all of them, in the arena. */
static enum csn_status
read_all(struct csn_management *m, struct csn_id app, struct csn_webhook_row **rows, size_t *count)
{
    *count = 0;
    struct csn_app_row app_row;
    enum csn_status status = csn_management_find_app(m, app, &app_row);
    if (status != CSN_OK)
        return status;
    *rows = csn_management_alloc(m, CSN_WEBHOOKS_MAX * sizeof **rows);
    if (*rows == NULL)
        return CSN_NO_SPACE;
    return csn_store_webhook_list(m->store, app, (struct csn_id){0}, m->arena, *rows,
                                  CSN_WEBHOOKS_MAX, count);
}

enum csn_status
csn_webhook_list(struct csn_management *m, struct csn_id app, const struct csn_webhook_info **out,
                 size_t *count)
{
    struct csn_webhook_row *rows = NULL;
    enum csn_status status = read_all(m, app, &rows, count);
    struct csn_webhook_info *infos =
        status == CSN_OK ? csn_management_alloc(m, CSN_WEBHOOKS_MAX * sizeof *infos) : NULL;
    if (status == CSN_OK && infos == NULL)
        return CSN_NO_SPACE;
    for (size_t i = 0; i < *count && status == CSN_OK; i++)
        status = show(m, app, &rows[i], &infos[i]);
    *out = infos;
    return status;
}

/* --- judging --- */

static enum csn_status
check_url(struct csn_management *m, struct csn_bytes url)
{
    if (csn_url_is_valid(url))
        return CSN_OK;
    return csn_refuse(m, CSN_INVALID, "url",
                      "An https URL is due (http only to a loopback address), of %d bytes at most "
                      "and without a fragment.",
                      CSN_URL_MAX);
}

/* A push that two webhooks sent on would reach the device twice. */
static enum csn_status
check_notices(struct csn_management *m, const struct csn_webhook_row *rows, size_t count,
              struct csn_id own, int64_t notices)
{
    int64_t send = csn_notice_bit(CSN_NOTICE_PUSH_SEND);
    for (size_t i = 0; i < count; i++) {
        if ((rows[i].notices & notices & send) != 0 && !csn_id_equal(&rows[i].id, &own))
            return csn_refuse(m, CSN_CONFLICT, "events",
                              "Another webhook has push.send, and one at most may.");
    }
    return CSN_OK;
}

/* --- secrets --- */

static enum csn_status
make_secret(struct csn_management *m, struct csn_id app, struct csn_webhook_row *row,
            char text[CSN_WEBHOOK_SECRET_TEXT_MAX + 1])
{
    uint8_t secret[CSN_WEBHOOK_SECRET_LENGTH];
    csn_random_fill(m->random, secret, sizeof secret);
    struct csn_bytes bytes = csn_bytes_of(secret, sizeof secret);
    struct csn_buffer out = csn_buffer_over(text, CSN_WEBHOOK_SECRET_TEXT_MAX + 1);
    csn_buffer_text(&out, "whsec_");
    csn_base64_append(&out, bytes);
    csn_buffer_terminate(&out);
    enum csn_status status =
        csn_webhook_seal(m, CSN_SEALED_WEBHOOK_SECRET, app, row->id, bytes, &row->secret);
    csn_wipe(secret, sizeof secret);
    return status;
}

/* --- changing --- */

enum csn_status
csn_webhook_create(struct csn_management *m, struct csn_id app,
                   const struct csn_webhook_request *request, struct csn_webhook_made *out,
                   int64_t now_ms)
{
    *out = (struct csn_webhook_made){0};
    struct csn_webhook_row *rows = NULL;
    size_t count = 0;
    enum csn_status status = read_all(m, app, &rows, &count);
    if (status == CSN_OK)
        status = check_url(m, request->url);
    if (status == CSN_OK && count == CSN_WEBHOOKS_MAX)
        return csn_refuse(m, CSN_CONFLICT, "", "An app has %d webhooks at most.", CSN_WEBHOOKS_MAX);
    if (status == CSN_OK)
        status = check_notices(m, rows, count, (struct csn_id){0}, request->notices);
    if (status != CSN_OK)
        return status;
    bool enabled = !request->has_enabled || request->enabled;
    struct csn_webhook_row row = {.notices = request->notices,
                                  .bodies = request->bodies,
                                  .state = enabled ? CSN_WEBHOOK_ENABLED : CSN_WEBHOOK_DISABLED,
                                  .state_changed_ms = now_ms,
                                  .created_ms = now_ms};
    csn_id_make(m->random, &row.id, now_ms);
    status = csn_webhook_seal(m, CSN_SEALED_WEBHOOK_URL, app, row.id, request->url, &row.url);
    if (status == CSN_OK)
        status = make_secret(m, app, &row, out->secret);
    if (status == CSN_OK)
        status = csn_store_webhook_add(m->store, app, &row);
    return status == CSN_OK ? show(m, app, &row, &out->info) : status;
}

static void
set_state(struct csn_webhook_row *row, bool enabled, int64_t now_ms)
{
    int state = enabled ? CSN_WEBHOOK_ENABLED : CSN_WEBHOOK_DISABLED;
    if (row->state == state)
        return;
    row->state = state;
    row->state_changed_ms = now_ms;
    row->failing_since_ms = 0; /* whoever enables it again gives it its time again */
}

enum csn_status
csn_webhook_update(struct csn_management *m, struct csn_id app, struct csn_id id,
                   const struct csn_webhook_request *request, struct csn_webhook_info *out,
                   int64_t now_ms)
{
    *out = (struct csn_webhook_info){0};
    struct csn_webhook_row row, *rows = NULL;
    size_t count = 0;
    enum csn_status status = find(m, app, id, &row);
    if (status == CSN_OK && request->url.ptr != NULL)
        status = check_url(m, request->url);
    if (status == CSN_OK)
        status = read_all(m, app, &rows, &count);
    if (status == CSN_OK)
        status = check_notices(m, rows, count, id, request->notices);
    if (status == CSN_OK && request->url.ptr != NULL)
        status = csn_webhook_seal(m, CSN_SEALED_WEBHOOK_URL, app, id, request->url, &row.url);
    if (status != CSN_OK)
        return status;
    if (request->notices != 0)
        row.notices = request->notices;
    if (request->has_bodies)
        row.bodies = request->bodies;
    if (request->has_enabled)
        set_state(&row, request->enabled, now_ms);
    status = csn_store_webhook_set(m->store, app, &row);
    return status == CSN_OK ? show(m, app, &row, out) : status;
}

enum csn_status
csn_webhook_delete(struct csn_management *m, struct csn_id app, struct csn_id id)
{
    struct csn_webhook_row row;
    enum csn_status status = find(m, app, id, &row);
    return status == CSN_OK ? csn_store_webhook_remove(m->store, app, id) : status;
}

enum csn_status
csn_webhook_rotate(struct csn_management *m, struct csn_id app, struct csn_id id,
                   struct csn_webhook_made *out, int64_t now_ms)
{
    *out = (struct csn_webhook_made){0};
    struct csn_webhook_row row;
    enum csn_status status = find(m, app, id, &row);
    if (status != CSN_OK)
        return status;
    row.previous = row.secret;
    row.previous_until_ms = now_ms + CSN_WEBHOOK_OVERLAP_MS;
    status = make_secret(m, app, &row, out->secret);
    if (status == CSN_OK)
        status = csn_store_webhook_set(m->store, app, &row);
    return status == CSN_OK ? show(m, app, &row, &out->info) : status;
}

/* --- trying, and what came of it --- */

enum csn_status
csn_webhook_test(struct csn_management *m, struct csn_id app, struct csn_id id,
                 struct csn_id *delivery, int64_t now_ms)
{
    struct csn_webhook_row row;
    enum csn_status status = find(m, app, id, &row);
    if (status != CSN_OK)
        return status;
    if (row.state != CSN_WEBHOOK_ENABLED)
        return csn_refuse(m, CSN_CONFLICT, "", "It is not enabled.");
    if (row.waiting >= CSN_WEBHOOK_WAITING_MAX)
        return csn_refuse(m, CSN_CONFLICT, "", "Too many deliveries wait for it.");
    struct csn_delivery_row made = {.app = app,
                                    .webhook = id,
                                    .notice = CSN_NOTICE_TEST,
                                    .facts = csn_bytes_text("{}"),
                                    .created_ms = now_ms,
                                    .due_ms = now_ms};
    status = csn_store_delivery_add(m->store, &made);
    *delivery = csn_delivery_id(app, made.number, now_ms);
    return status;
}

enum csn_status
csn_webhook_deliveries(struct csn_management *m, struct csn_id app, struct csn_id id,
                       int64_t before, size_t limit, const struct csn_delivery_info **out,
                       size_t *count)
{
    *count = 0;
    struct csn_webhook_row webhook;
    enum csn_status status = find(m, app, id, &webhook);
    if (status != CSN_OK)
        return status;
    struct csn_delivery_row *rows = csn_management_alloc(m, limit * sizeof *rows);
    struct csn_delivery_info *infos = csn_management_alloc(m, limit * sizeof *infos);
    if (rows == NULL || infos == NULL)
        return CSN_NO_SPACE;
    status = csn_store_delivery_list(m->store, app, id, before, m->arena, rows, limit, count);
    for (size_t i = 0; i < *count && status == CSN_OK; i++) {
        infos[i] = (struct csn_delivery_info){
            .id = csn_delivery_id(app, rows[i].number, rows[i].created_ms),
            .number = rows[i].number,
            .notice = (enum csn_notice)rows[i].notice,
            .customer = rows[i].customer,
            .created_ms = rows[i].created_ms,
            .due_ms = rows[i].due_ms,
            .settled_ms = rows[i].settled_ms,
            .attempts = rows[i].attempts,
            .outcome = (enum csn_outcome)rows[i].outcome,
        };
    }
    *out = infos;
    return status;
}
