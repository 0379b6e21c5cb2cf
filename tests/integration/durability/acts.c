/* The acts whose durability is tested. See acts.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/integration/durability/acts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/domain/id.h"
#include "server/store/registry_rows.h"

#define APP "01JAPPAPPAPPAPPAPPAPPAPPAP"
#define ACCOUNT "01JACCCNTACCCNTACCCNTACCCN"
#define SCRATCH 65536

void
fail(const char *sentence, const char *detail)
{
    fprintf(stderr, "durability: %s: %s\n", sentence, detail);
    exit(1);
}

void
require(bool holds, const char *sentence, const char *detail)
{
    if (!holds) {
        fail(sentence, detail);
    }
}

uint32_t
dice(uint64_t *state, uint32_t limit)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33) % limit;
}

void
stage_open(struct stage *stage)
{
    uint8_t master[32] = {1};
    *stage = (struct stage){
        .app = {.id = {APP}, .policy = {.session_ttl_s = 86400, .lifetime_max_s = -1}},
        .random = csn_random_system()};
    require(csn_sessions_create(master, &stage->random, &stage->sessions) == CSN_OK,
            "no memory for", "sessions");
}

void
stage_close(struct stage *stage)
{
    csn_sessions_free(stage->sessions);
}

enum csn_status
stage_populate(struct stage *stage, struct csn_store *store)
{
    struct csn_account_row account = {.id = {ACCOUNT}, .name = csn_bytes_text("durable")};
    struct csn_app_row app = {.id = stage->app.id,
                              .account = account.id,
                              .name = csn_bytes_text("durable"),
                              .policy = csn_bytes_text("{}"),
                              .enforcement = csn_bytes_text("{\"version\":0}"),
                              .origins = csn_bytes_text("[]")};
    enum csn_status status = csn_store_begin(store);
    if (status != CSN_OK) {
        return status;
    }
    status = csn_store_account_add(store, &account);
    if (status == CSN_OK) {
        status = csn_store_app_add(store, &app);
    }
    if (status == CSN_OK) {
        return csn_store_commit(store);
    }
    csn_store_rollback(store);
    return status;
}

/* --- the acts --- */

static enum csn_status
log_in(struct act *act, struct csn_store *store, const struct csn_login *in)
{
    struct csn_session_outcome out;
    enum csn_status status = csn_session_login(act->stage->sessions, store, in, &out, act->now_ms);
    if (status != CSN_OK) {
        return status;
    }
    memcpy(act->ack.identity, act->identity, sizeof act->ack.identity);
    act->ack.customer = out.claims.customer;
    act->ack.session = out.claims.session;
    act->ack.linked = out.linked;
    return CSN_OK;
}

static struct csn_login
login_of(const struct act *act)
{
    return (struct csn_login){.app = &act->stage->app,
                              .device = {.id = csn_bytes_text(act->device)},
                              .assurance = CSN_ASSURANCE_VERIFIED,
                              .identity = csn_bytes_text(act->identity)};
}

static enum csn_status
act_login(struct csn_job *job, struct csn_store *store)
{
    struct act *act = (struct act *)job;
    struct csn_login in = login_of(act);
    return log_in(act, store, &in);
}

/* --- items --- */

#define ITEMS_OF_AN_ACT 3

void
item_id(const char *item, uint32_t n, char out[ITEM_TEXT_MAX])
{
    snprintf(out, ITEM_TEXT_MAX, "%s.%u", item, n);
}

void
item_body(const char *item, uint32_t n, char out[ITEM_TEXT_MAX])
{
    snprintf(out, ITEM_TEXT_MAX, "\"%s.%u\"", item, n);
}

static enum csn_status
append(struct act *act, struct csn_store *store, struct csn_id customer)
{
    char ids[ITEMS_OF_AN_ACT][ITEM_TEXT_MAX], bodies[ITEMS_OF_AN_ACT][ITEM_TEXT_MAX];
    struct csn_item items[ITEMS_OF_AN_ACT];
    struct csn_appended out[ITEMS_OF_AN_ACT];
    int64_t last;
    for (uint32_t i = 0; i < ITEMS_OF_AN_ACT; i++) {
        item_id(act->item, i, ids[i]);
        item_body(act->item, i, bodies[i]);
        items[i] = (struct csn_item){.id = csn_bytes_text(ids[i]),
                                     .kind = CSN_ITEM_MESSAGE,
                                     .body = csn_bytes_text(bodies[i])};
    }
    struct csn_append_in in = {.app = act->stage->app.id,
                               .customer = customer,
                               .direction = CSN_UP,
                               .assurance = CSN_ASSURANCE_VERIFIED,
                               .items = items,
                               .count = ITEMS_OF_AN_ACT};
    memcpy(act->ack.item, act->item, sizeof act->ack.item);
    act->ack.items = ITEMS_OF_AN_ACT;
    return csn_log_append(act->stage->sessions, store, &in, out, &last, act->now_ms);
}

static enum csn_status
act_append(struct csn_job *job, struct csn_store *store)
{
    struct act *act = (struct act *)job;
    act->ack.customer = act->customer;
    return append(act, store, act->customer);
}

static enum csn_status
act_unlink(struct csn_job *job, struct csn_store *store)
{
    struct act *act = (struct act *)job;
    struct csn_relink_outcome out;
    act->ack.customer = act->customer;
    act->ack.linked = act->linked;
    enum csn_status status =
        csn_customer_unlink(store, act->stage->app.id, act->customer, act->linked,
                            act->stage->app.id, &out, act->now_ms);
    return status == CSN_NOT_FOUND ? CSN_OK : status; /* it was undone before */
}

/* An anonymous start, items, and the login that links it, as one job. */
static enum csn_status
act_link(struct csn_job *job, struct csn_store *store)
{
    struct act *act = (struct act *)job;
    struct csn_session_outcome out;
    struct csn_login in = login_of(act);
    struct csn_login anonymous = {
        .app = in.app, .device = in.device, .assurance = CSN_ASSURANCE_ANONYMOUS};
    enum csn_status status =
        csn_session_login(act->stage->sessions, store, &anonymous, &out, act->now_ms);
    in.anonymous_session = out.claims.session;
    in.anonymous_customer = out.claims.customer;
    if (status == CSN_OK) {
        status = append(act, store, out.claims.customer);
    }
    return status == CSN_OK ? log_in(act, store, &in) : status;
}

static enum csn_status
act_logout(struct csn_job *job, struct csn_store *store)
{
    struct act *act = (struct act *)job;
    struct csn_logout_outcome out;
    struct csn_logout in = {
        .app = &act->stage->app, .by = CSN_BEARER_SESSION, .session = act->session};
    act->ack.session = act->session;
    return csn_session_logout(act->stage->sessions, store, &in, &out, act->now_ms);
}

static enum csn_status
act_enforcement(struct csn_job *job, struct csn_store *store)
{
    struct act *act = (struct act *)job;
    uint8_t memory[SCRATCH];
    char json[48];
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    struct csn_app_row row;
    enum csn_status status = csn_store_app_get(store, act->stage->app.id, &arena, &row);
    if (status != CSN_OK) {
        return status;
    }
    row.enforcement_version++;
    snprintf(json, sizeof json, "{\"version\":%lld}", (long long)row.enforcement_version);
    row.enforcement = csn_bytes_text(json);
    act->ack.enforcement_version = row.enforcement_version;
    return csn_store_app_update(store, &row);
}

static enum csn_status
act_key(struct csn_job *job, struct csn_store *store)
{
    struct act *act = (struct act *)job;
    struct csn_key_row row = {.app = act->stage->app.id,
                              .algorithm = CSN_HS256,
                              .state = CSN_KEY_ACTIVE,
                              .source = 1,
                              .encoding = CSN_ENCODING_UTF8,
                              .material = csn_bytes_text("sealed"),
                              .created_ms = act->now_ms};
    csn_id_make(&act->stage->random, &row.id, act->now_ms);
    snprintf(row.fingerprint, sizeof row.fingerprint, "hmac:%s", row.id.text);
    act->ack.key = row.id;
    enum csn_status status = csn_store_key_add(store, &row);
    return status == CSN_OK ? csn_store_app_bump(store, row.app) : status;
}

void
act_prepare(struct act *act, struct stage *stage, enum act_kind kind, int64_t now_ms)
{
    static enum csn_status (*const runs[])(struct csn_job *, struct csn_store *) = {
        [ACT_LOGIN] = act_login,   [ACT_LINK] = act_link,     [ACT_UNLINK] = act_unlink,
        [ACT_APPEND] = act_append, [ACT_LOGOUT] = act_logout, [ACT_ENFORCEMENT] = act_enforcement,
        [ACT_KEY] = act_key};
    act->job = (struct csn_job){.run = runs[kind]};
    act->ack = (struct ack){.kind = kind};
    act->stage = stage;
    act->now_ms = now_ms;
}
