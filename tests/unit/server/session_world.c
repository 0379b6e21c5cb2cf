/* A small world for tests of the session side. See session_world.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/server/session_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/crypto.h"
#include "server/store/sqlite.h"

#define START_MS 1795219200000LL /* 2026-11-21 */

struct csn_bytes
text(const char *text)
{
    return csn_bytes_text(text);
}

static struct csn_app
app_called(const char *id)
{
    struct csn_app app = {
        .policy = {.session_ttl_s = 3600, .nonce_ttl_s = 300, .lifetime_max_s = -1}};
    memcpy(app.id.text, id, CSN_ID_LENGTH);
    return app;
}

static void
open_store(struct world *w)
{
    assert_ok(csn_store_open(w->directory[0] != '\0' ? w->directory : ":memory:", &w->store));
}

static void
prepare(struct world *w)
{
    uint8_t master[32];
    memset(master, 'm', sizeof master);
    w->random = csn_random_seeded(&w->seeded, 7);
    w->app = app_called("01JAPPAPPAPPAPPAPPAPPAPPAP");
    w->other_app = app_called("01JANTHERANTHERANTHERANTHE");
    w->now_ms = START_MS;
    assert_ok(csn_sessions_create(master, &w->random, &w->sessions));
    open_store(w);
}

void
world_open(struct world *w)
{
    *w = (struct world){0};
    prepare(w);
}

void
world_open_directory(struct world *w)
{
    *w = (struct world){.directory = "/tmp/countersign-test-XXXXXX"};
    assert_non_null(mkdtemp(w->directory));
    prepare(w);
}

void
world_reopen(struct world *w)
{
    csn_store_close(w->store);
    open_store(w);
}

static void
remove_file(const struct world *w, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", w->directory, name);
    unlink(path);
}

void
world_close(struct world *w)
{
    csn_store_close(w->store);
    csn_sessions_free(w->sessions);
    if (w->directory[0] == '\0') {
        return;
    }
    remove_file(w, "countersign.db");
    remove_file(w, "countersign.db-wal");
    remove_file(w, "countersign.db-shm");
    remove_file(w, "countersign.lock");
    rmdir(w->directory);
}

/* --- one job --- */

struct test_job {
    struct csn_job job;
    enum csn_status (*run)(void *state, struct csn_store *store);
    void *state;
};

static enum csn_status
run_test_job(struct csn_job *job, struct csn_store *store)
{
    struct test_job *test = (struct test_job *)job;
    return test->run(test->state, store);
}

static void
ignore_done(struct csn_job *job)
{
    (void)job;
}

enum csn_status
world_run(struct csn_store *store, enum csn_status (*run)(void *state, struct csn_store *store),
          void *state)
{
    struct test_job test = {
        .job = {.run = run_test_job, .done = ignore_done}, .run = run, .state = state};
    csn_queue_inline(store, &test.job);
    return test.job.status;
}

/* --- the operations --- */

struct call {
    struct world *w;
    const void *in;
    void *out;
};

static enum csn_status
run_login(void *state, struct csn_store *store)
{
    struct call *call = state;
    return csn_session_login(call->w->sessions, store, call->in, call->out, call->w->now_ms);
}

static enum csn_status
run_refresh(void *state, struct csn_store *store)
{
    struct call *call = state;
    return csn_session_refresh(call->w->sessions, store, call->in, call->out, call->w->now_ms);
}

static enum csn_status
run_logout(void *state, struct csn_store *store)
{
    struct call *call = state;
    return csn_session_logout(call->w->sessions, store, call->in, call->out, call->w->now_ms);
}

static enum csn_status
run_contact(void *state, struct csn_store *store)
{
    struct call *call = state;
    return csn_customer_contact(call->w->sessions, store, call->in, call->out, call->w->now_ms);
}

static enum csn_status
run_challenge(void *state, struct csn_store *store)
{
    struct call *call = state;
    return csn_challenge_create(call->w->sessions, store, &call->w->app, text(call->in), call->out,
                                call->w->now_ms);
}

struct csn_login
login_of(struct world *w, const char *device, const char *identity)
{
    return (struct csn_login){
        .app = &w->app,
        .device = {.id = text(device), .platform = text("android"), .app_version = text("3.1.0")},
        .assurance = identity != NULL ? CSN_ASSURANCE_VERIFIED : CSN_ASSURANCE_ANONYMOUS,
        .identity = text(identity)};
}

enum csn_status
world_try_login(struct world *w, const struct csn_login *in, struct csn_session_outcome *out)
{
    return world_run(w->store, run_login, &(struct call){w, in, out});
}

struct csn_session_outcome
world_login(struct world *w, const struct csn_login *in)
{
    struct csn_session_outcome out;
    assert_ok(world_try_login(w, in, &out));
    return out;
}

struct csn_session_outcome
world_login_as(struct world *w, const char *device, const char *identity)
{
    struct csn_login in = login_of(w, device, identity);
    return world_login(w, &in);
}

struct csn_session_outcome
world_login_from(struct world *w, const char *device, const char *identity,
                 const struct csn_session_outcome *before)
{
    struct csn_login in = login_of(w, device, identity);
    in.anonymous_session = before->claims.session;
    in.anonymous_customer = before->claims.customer;
    return world_login(w, &in);
}

struct csn_session_outcome
world_refresh(struct world *w, const struct csn_session_outcome *session, const char *identity)
{
    struct csn_session_outcome out;
    struct csn_refresh in = {.app = &w->app,
                             .session = session->claims.session,
                             .customer = session->claims.customer,
                             .device = session->claims.device,
                             .identity = text(identity),
                             .token = token_named(w, "a fresh token", NULL)};
    assert_ok(world_run(w->store, run_refresh, &(struct call){w, &in, &out}));
    return out;
}

struct csn_logout_outcome
world_logout(struct world *w, const struct csn_logout *in)
{
    struct csn_logout_outcome out;
    assert_ok(world_run(w->store, run_logout, &(struct call){w, in, &out}));
    return out;
}

struct csn_challenge_outcome
world_challenge(struct world *w, const char *device)
{
    struct csn_challenge_outcome out;
    assert_ok(world_run(w->store, run_challenge, &(struct call){w, device, &out}));
    return out;
}

struct csn_contact_outcome
world_contact(struct world *w, const char *identity, const char *device)
{
    return world_contact_of(w, CSN_ASSURANCE_VERIFIED, identity, device);
}

struct csn_contact_outcome
world_contact_of(struct world *w, enum csn_assurance assurance, const char *identity,
                 const char *device)
{
    struct csn_contact_outcome out;
    struct csn_contact in = {.app = &w->app,
                             .identity = text(identity),
                             .assurance = assurance,
                             .device = {.id = text(device)}};
    assert_ok(world_run(w->store, run_contact, &(struct call){w, &in, &out}));
    return out;
}

struct csn_token_facts
token_named(struct world *w, const char *name, const char *nonce)
{
    struct csn_token_facts token = {.given = true,
                                    .issued_ms = w->now_ms,
                                    .expires_ms = w->now_ms + 900000,
                                    .nonce = text(nonce)};
    csn_sha256(text(name), token.hash);
    return token;
}

void
world_execute(struct world *w, const char *sql)
{
    assert_int_equal(SQLITE_OK, sqlite3_exec(w->store->db, sql, NULL, NULL, NULL));
}

int64_t
world_number(struct world *w, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    assert_int_equal(SQLITE_OK, sqlite3_prepare_v2(w->store->db, sql, -1, &statement, NULL));
    assert_int_equal(SQLITE_ROW, sqlite3_step(statement));
    int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

struct csn_push_address
address_of(const char *endpoint)
{
    return (struct csn_push_address){
        .kind = CSN_PUSH_WEB, .target = text(endpoint), .json = text(endpoint)};
}

int64_t
world_steps(struct world *w)
{
    int64_t sum = 0;
    for (int i = 0; i < CSN_STATEMENTS_MAX; i++) {
        sqlite3_stmt *statement = w->store->statements[i].handle;
        if (statement != NULL)
            sum += sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 1);
    }
    return sum;
}
