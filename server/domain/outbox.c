/* Telling: one row for each receiver. See outbox.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/outbox.h"

#include <string.h>

#include "base/panic.h"
#include "core/crypto.h"
#include "server/domain/id.h"
#include "server/domain/webhooks.h"

/* --- names --- */

static const char *const notice_names[] = {
    [CSN_NOTICE_NONE] = "none",
#define CSN_NOTICE(id, name) [CSN_NOTICE_##id] = name,
#include "server/domain/notice.def"
#undef CSN_NOTICE
};

const char *
csn_notice_name(enum csn_notice notice)
{
    return notice < CSN_NOTICE_COUNT ? notice_names[notice] : notice_names[CSN_NOTICE_NONE];
}

enum csn_notice
csn_notice_from_name(struct csn_bytes name)
{
    for (int i = CSN_NOTICE_NONE + 1; i < CSN_NOTICE_COUNT; i++) {
        if (csn_bytes_equal_text(name, notice_names[i]))
            return (enum csn_notice)i;
    }
    return CSN_NOTICE_NONE;
}

const char *
csn_outcome_name(enum csn_outcome outcome)
{
    static const char *const names[] = {
        [CSN_OUTCOME_NONE] = "none",
        [CSN_OUTCOME_TAKEN] = "taken",
        [CSN_OUTCOME_REDIRECTED] = "redirected",
        [CSN_OUTCOME_REFUSED] = "refused",
        [CSN_OUTCOME_GONE] = "gone",
        [CSN_OUTCOME_BUSY] = "busy",
        [CSN_OUTCOME_BROKEN] = "broken",
        [CSN_OUTCOME_UNREACHABLE] = "unreachable",
        [CSN_OUTCOME_NO_WAY] = "no_way",
        [CSN_OUTCOME_MOOT] = "moot",
    };
    return outcome <= CSN_OUTCOME_MOOT ? names[outcome] : names[CSN_OUTCOME_NONE];
}

enum csn_outcome
csn_outcome_of_status(long http)
{
    if (http == 404 || http == 410)
        return CSN_OUTCOME_GONE;
    if (http == 429)
        return CSN_OUTCOME_BUSY;
    switch (http / 100) {
    case 2: return CSN_OUTCOME_TAKEN;
    case 3: return CSN_OUTCOME_REDIRECTED;
    case 4: return CSN_OUTCOME_REFUSED;
    case 0: return CSN_OUTCOME_UNREACHABLE;
    default: return CSN_OUTCOME_BROKEN;
    }
}

/* --- ids and waiting --- */

static void
fill_from_digest(void *state, void *out, size_t len)
{
    CSN_ASSERT(len <= 32);
    memcpy(out, state, len);
}

/* A hash, so that nobody learns from two ids how much others were sent between them; with the time,
 * so that a restored database, which counts from an earlier number, makes other ids. */
struct csn_id
csn_delivery_id(struct csn_id app, int64_t number, int64_t created_ms)
{
    uint8_t memory[CSN_ID_LENGTH + 42], digest[32];
    struct csn_buffer text = csn_buffer_over(memory, sizeof memory);
    csn_buffer_append(&text, csn_id_view(&app));
    csn_buffer_byte(&text, ' ');
    csn_buffer_int(&text, number);
    csn_buffer_byte(&text, ' ');
    csn_buffer_int(&text, created_ms);
    CSN_ASSERT(!text.overflowed);
    csn_sha256(csn_buffer_view(&text), digest);
    struct csn_random from = {.state = digest, .fill = fill_from_digest};
    struct csn_id id;
    csn_id_make(&from, &id, created_ms);
    return id;
}

int64_t
csn_delivery_wait_max(int64_t attempts, int64_t cap_ms)
{
    int64_t wait_ms = CSN_DELIVERY_FIRST_WAIT_MS;
    for (int64_t i = 1; i < attempts && wait_ms < cap_ms; i++)
        wait_ms *= CSN_DELIVERY_WAIT_FACTOR;
    return wait_ms < cap_ms ? wait_ms : cap_ms;
}

int64_t
csn_delivery_wait(int64_t wait_max_ms, uint64_t draw)
{
    return (int64_t)(draw % ((uint64_t)wait_max_ms + 1));
}

/* --- telling --- */

static void
write_text(struct csn_json_writer *w, const char *name, const char *text)
{
    if (text != NULL)
        csn_json_member_text(w, name, text);
}

static void
write_id(struct csn_json_writer *w, const char *name, const struct csn_id *id)
{
    if (!csn_id_is_none(id))
        csn_json_member_string(w, name, csn_id_view(id));
}

static struct csn_bytes
write_facts(const struct csn_telling *telling, uint8_t memory[CSN_FACTS_MAX])
{
    struct csn_buffer out = csn_buffer_over(memory, CSN_FACTS_MAX);
    struct csn_json_writer w = csn_json_writer_over(&out);
    csn_json_open_object(&w);
    write_id(&w, "session", &telling->session);
    write_id(&w, "linked", &telling->linked);
    write_id(&w, "key", &telling->key);
    write_id(&w, "delivery", &telling->delivery);
    if (telling->device.len > 0)
        csn_json_member_string(&w, "device", telling->device);
    write_text(&w, "assurance", telling->assurance);
    write_text(&w, "from", telling->from);
    write_text(&w, "to", telling->to);
    write_text(&w, "cause", telling->cause);
    csn_json_close_object(&w);
    return out.overflowed ? csn_bytes_text("{}") : csn_buffer_view(&out);
}

enum csn_status
csn_outbox_find(struct csn_store *store, struct csn_id app, enum csn_notice notice,
                struct csn_receivers *out)
{
    return csn_store_webhook_for(store, app, csn_notice_bit(notice), CSN_WEBHOOK_ENABLED,
                                 out->found, CSN_WEBHOOKS_MAX, &out->count);
}

static enum csn_status
add(struct csn_store *store, struct csn_delivery_row *row, struct csn_webhook_brief *to)
{
    if (to->waiting >= CSN_WEBHOOK_WAITING_MAX)
        return csn_store_webhook_drop(store, row->app, to->id);
    to->waiting++;
    row->webhook = to->id;
    return csn_store_delivery_add(store, row);
}

enum csn_status
csn_outbox_tell_found(struct csn_store *store, struct csn_id app, struct csn_receivers *receivers,
                      const struct csn_telling *telling, int64_t now_ms)
{
    uint8_t memory[CSN_FACTS_MAX];
    struct csn_delivery_row row = {.app = app,
                                   .notice = (int)telling->notice,
                                   .customer = telling->customer,
                                   .item = telling->item,
                                   .broadcast = telling->broadcast,
                                   .created_ms = now_ms,
                                   .due_ms = now_ms};
    if (receivers->count > 0)
        row.facts = write_facts(telling, memory);
    enum csn_status status = CSN_OK;
    for (size_t i = 0; i < receivers->count && status == CSN_OK; i++)
        status = add(store, &row, &receivers->found[i]);
    return status;
}

enum csn_status
csn_outbox_tell(struct csn_store *store, struct csn_id app, const struct csn_telling *telling,
                int64_t now_ms)
{
    struct csn_receivers receivers;
    enum csn_status status = csn_outbox_find(store, app, telling->notice, &receivers);
    if (status != CSN_OK)
        return status;
    return csn_outbox_tell_found(store, app, &receivers, telling, now_ms);
}

/* --- pushing --- */

/* A push for everybody is not for a device whose customer proved nothing. */
static bool
may_see(const struct csn_push_row *device, struct csn_bytes addressed)
{
    if (!csn_may(device->assurance, CSN_RIGHT_RECEIVE))
        return false;
    if (addressed.len > 0)
        return csn_bytes_equal_text(addressed, device->device);
    return csn_view_of(device->assurance) == CSN_VIEW_LOG;
}

enum csn_status
csn_outbox_push(struct csn_store *store, struct csn_id app, struct csn_id customer,
                struct csn_bytes device, struct csn_bytes item, int64_t now_ms)
{
    struct csn_push_row found[3 * CSN_DEVICES_MAX]; /* of each assurance */
    size_t count = 0;
    enum csn_status status =
        csn_store_push_list(store, app, customer, found, sizeof found / sizeof *found, &count);
    struct csn_delivery_row row = {.app = app,
                                   .notice = CSN_NOTICE_PUSH_SEND,
                                   .customer = customer,
                                   .item = item,
                                   .created_ms = now_ms,
                                   .due_ms = now_ms};
    for (size_t i = 0; i < count && status == CSN_OK; i++) {
        if (!may_see(&found[i], device))
            continue;
        row.device = csn_bytes_text(found[i].device);
        status = csn_store_delivery_add(store, &row);
    }
    return status;
}
