/* Failures by cause, and the evidence that an owner may ask to be kept.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

#include "server/domain/evidence.h"
#include "server/store/sqlite.h"

#define DAY_MS 86400000LL
#define WRONG "another secret of at least thirty-two bytes"

static const char *
path(const char *rest)
{
    return world_format(w, "/api/v1/apps/%s%s", app, rest);
}

static int
patch(const char *body)
{
    struct ask ask = {.method = CSN_PATCH, .target = path(""), .bearer = w->admin, .body = body};
    return world_ask(w, &ask);
}

static int
ask(const char *query)
{
    world_flush(w);
    return world_get(w, w->admin, path(world_format(w, "/failures%s", query)));
}

static const char *
token_signed_by(const char *secret, int64_t expires_s)
{
    return world_token(w, CSN_HS256, secret,
                       world_format(w, "{\"sub\":\"alice\",\"iat\":%lld,\"exp\":%lld}",
                                    (long long)(w->now_ms / 1000),
                                    (long long)(w->now_ms / 1000 + expires_s)));
}

static int
login(const char *device, const char *version, const char *token)
{
    return world_post(w, NULL, sessions,
                      world_format(w,
                                   "{\"device\":{\"id\":\"%s\",\"platform\":\"ios\","
                                   "\"app_version\":\"%s\"},\"token\":\"%s\"}",
                                   device, version, token));
}

static int64_t
number(const char *sql)
{
    struct csn_query q = csn_query(w->service.store, sql);
    int64_t value = csn_query_row(&q) ? csn_row_int(&q) : -1;
    assert_int_equal(csn_query_end(&q), CSN_OK);
    return value;
}

/* All of these failures come from one source, which would have to wait. */
static int
setup(void **state)
{
    sdk_setup(state);
    csn_throttle_free(w->service.throttle);
    w->service.throttle = NULL;
    return 0;
}

/* --- by cause --- */

static void
groups_failures_by_reason_key_and_versions(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++, w->now_ms += 1000)
        assert_int_equal(login("d", "1.0", token_signed_by(WRONG, 600)), 401);
    assert_int_equal(login("d", "1.0", token_signed_by(SECRET, -3600)), 401);
    assert_int_equal(login("d", "1.0", world_token_for(w, "alice")), 201);
    sdk_enforce("off");
    assert_int_equal(login("d", "1.0", token_signed_by(WRONG, 600)), 201);
    assert_int_equal(ask(""), 200);
    assert_string_equal(world_text(w, "items.0.reason"), "signature_invalid");
    assert_string_equal(world_text(w, "items.0.action"), "fix_setup");
    assert_null(world_text(w, "items.0.key_number"));
    assert_int_equal(world_int(w, "items.0.count"), 6);
    assert_int_equal(world_int(w, "items.0.refused"), 5);
    assert_string_equal(world_text(w, "items.0.first_at"), "2026-11-21T09:32:28.977Z");
    assert_string_equal(world_text(w, "items.0.last_at"), "2026-11-21T09:32:33.977Z");
    assert_string_equal(world_text(w, "items.0.platform"), "ios");
    assert_true(world_bool(w, "items.0.samples.0.admitted")); /* newest first */
    assert_false(world_bool(w, "items.0.samples.1.admitted"));
    assert_null(world_node(w, "items.0.samples.3"));
    assert_null(world_node(w, "items.0.evidence.0"));
    assert_string_equal(world_text(w, "items.1.reason"), "expired");
    assert_int_equal(world_int(w, "items.1.key_number"), 1); /* its signature held */
    assert_null(world_node(w, "items.2"));
    assert_int_equal(ask("?reason=expired"), 200);
    assert_string_equal(world_text(w, "items.0.reason"), "expired");
    assert_null(world_node(w, "items.1"));
    assert_int_equal(ask("?until=2026-11-21T09:00:00Z"), 200);
    assert_null(world_node(w, "items.0"));
    assert_int_equal(ask("?reason=nonsense"), 400);
    assert_int_equal(ask("?since=2026-10-01T00:00:00Z"), 400);
}

/* --- evidence --- */

static void
keeps_nothing_unless_the_owner_asked_for_it(void **state)
{
    (void)state;
    assert_int_equal(login("d", "1", token_signed_by(WRONG, 600)), 401);
    assert_int_equal(ask(""), 200);
    assert_null(world_text(w, "evidence_until"));
    assert_int_equal(number("SELECT count(*) FROM evidence"), 0);
}

static void
a_kept_token_is_diagnosed_and_never_shown(void **state)
{
    (void)state;
    assert_int_equal(patch("{\"evidence_until\":\"2026-11-22T00:00:00Z\"}"), 200);
    assert_string_equal(world_text(w, "evidence_until"), "2026-11-22T00:00:00.000Z");
    const char *token = token_signed_by(SECRET, -3600);
    assert_int_equal(login("d", "1", token), 401);
    w->now_ms += 3 * 3600000; /* judged by the time it was presented at */
    assert_int_equal(ask(""), 200);
    const char *id = world_text(w, "items.0.evidence.0.id");
    assert_int_equal(world_get(w, w->admin, path(world_format(w, "/failures/%s", id))), 200);
    assert_string_equal(world_text(w, "reason"), "expired");
    assert_string_equal(world_text(w, "at"), "2026-11-21T09:32:28.977Z");
    assert_string_equal(world_text(w, "diagnosis.verdict.reason"), "expired");
    assert_non_null(world_text(w, "diagnosis.findings.0.code"));
    assert_null(strstr(w->body, strrchr(token, '.') + 1)); /* the signature */
    char middle[64];
    snprintf(middle, sizeof middle, "%.40s", strchr(token, '.') + 1);
    assert_null(strstr(w->body, middle));
    w->now_ms -= 3 * 3600000;
}

static void
what_is_kept_is_sealed(void **state)
{
    (void)state;
    assert_int_equal(patch("{\"evidence_until\":\"2026-11-22T00:00:00Z\"}"), 200);
    const char *token = token_signed_by(WRONG, 600);
    assert_int_equal(login("the-device-of-alice", "1", token), 401);
    world_flush(w);
    assert_int_equal(number("SELECT count(*) FROM evidence"), 1);
    assert_int_equal(number("SELECT count(*) FROM evidence WHERE instr(sealed, 'eyJ') > 0 OR"
                            " instr(sealed, 'the-device-of-alice') > 0"),
                     0);
    /* another row's place does not open it */
    assert_int_equal(ask(""), 200);
    const char *id = world_text(w, "items.0.evidence.0.id");
    struct csn_query q = csn_query(w->service.store, "UPDATE evidence SET id = "
                                                     "'01ARZ3NDEKTSV4RRFFQ69G5FAV'");
    assert_int_equal(csn_query_done(&q), CSN_OK);
    assert_int_equal(world_get(w, w->admin, path(world_format(w, "/failures/%s", id))), 404);
    assert_true(world_get(w, w->admin, path("/failures/01ARZ3NDEKTSV4RRFFQ69G5FAV")) >= 500);
}

static void
keeps_a_few_of_each_reason_the_newest(void **state)
{
    (void)state;
    assert_int_equal(patch("{\"evidence_until\":\"2026-11-22T00:00:00Z\"}"), 200);
    assert_int_equal(login("d", "1", token_signed_by(SECRET, -3600)), 401);
    for (int i = 0; i < CSN_EVIDENCE_PER_REASON; i++, w->now_ms++) {
        assert_int_equal(login("d", "1", token_signed_by(WRONG, 600)), 401);
        world_flush(w);
    }
    assert_int_equal(number("SELECT count(*) FROM evidence"), CSN_EVIDENCE_PER_REASON + 1);
    int64_t oldest = number("SELECT min(at) FROM evidence WHERE reason = 12");
    assert_int_equal(login("d", "1", token_signed_by(WRONG, 600)), 401);
    world_flush(w);
    assert_int_equal(number("SELECT count(*) FROM evidence"), CSN_EVIDENCE_PER_REASON + 1);
    assert_true(number("SELECT min(at) FROM evidence WHERE reason = 12") > oldest);
    assert_int_equal(number("SELECT count(*) FROM evidence WHERE reason = 13"), 1);
}

static void
a_burst_is_kept_up_to_the_bound_of_a_flush(void **state)
{
    (void)state;
    assert_int_equal(patch("{\"evidence_until\":\"2026-11-22T00:00:00Z\"}"), 200);
    for (int i = 0; i <= CSN_EVIDENCE_PENDING_MAX; i++)
        assert_int_equal(login("d", "1", token_signed_by(WRONG, 600 + i)), 401);
    world_flush(w);
    assert_int_equal(number("SELECT count(*) FROM evidence"), CSN_EVIDENCE_PENDING_MAX);
}

static void
ends_by_itself_and_at_once_when_it_is_turned_off(void **state)
{
    (void)state;
    assert_int_equal(patch("{\"evidence_until\":\"2026-11-28T09:32:28.978Z\"}"), 400);
    assert_int_equal(patch("{\"evidence_until\":\"2026-11-28T09:32:28.977Z\"}"), 200);
    w->now_ms += 7 * DAY_MS - 1;
    assert_int_equal(login("d", "1", token_signed_by(WRONG, 600)), 401);
    w->now_ms += 1;
    assert_int_equal(login("d", "1", token_signed_by(WRONG, 600)), 401);
    world_flush(w);
    assert_int_equal(number("SELECT count(*) FROM evidence"), 1);
    assert_int_equal(patch("{\"evidence_until\":null}"), 200);
    assert_null(world_text(w, "evidence_until"));
    assert_int_equal(number("SELECT count(*) FROM evidence"), 0);
    w->now_ms -= 7 * DAY_MS;
}

static void
keeps_no_token_that_was_accepted_or_absent(void **state)
{
    (void)state;
    assert_int_equal(patch("{\"evidence_until\":\"2026-11-22T00:00:00Z\"}"), 200);
    assert_int_equal(login("d", "1", world_token_for(w, "alice")), 201);
    assert_int_equal(sdk_start(NULL, ""), 201);
    const char *session = sdk_login("alice");
    assert_int_equal(sdk_refresh(session, world_token_for(w, "alice")), 200);
    world_flush(w);
    assert_int_equal(number("SELECT count(*) FROM evidence"), 0);
    assert_int_equal(sdk_refresh(session, "x.y.z"), 401);
    assert_int_equal(world_get(w, "x.y.z", current), 401);
    assert_int_equal(world_get(w, "x.y.z", world_format(w, "/gateway/v1/apps/%s/verify", app)),
                     401);
    world_flush(w);
    assert_int_equal(number("SELECT count(*) FROM evidence"), 3);
}

static void
evidence_goes_with_its_app(void **state)
{
    (void)state;
    assert_int_equal(patch("{\"evidence_until\":\"2026-11-22T00:00:00Z\"}"), 200);
    assert_int_equal(login("d", "1", token_signed_by(WRONG, 600)), 401);
    world_flush(w);
    assert_int_equal(login("d", "1", token_signed_by(WRONG, 600)), 401);
    struct ask gone = {.method = CSN_DELETE, .target = path(""), .bearer = w->admin};
    assert_int_equal(world_ask(w, &gone), 204);
    world_flush(w); /* what was still on its way finds no app */
    assert_int_equal(number("SELECT count(*) FROM evidence"), 0);
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, setup, sdk_teardown)
    const struct CMUnitTest tests[] = {
        SENTENCE(groups_failures_by_reason_key_and_versions),
        SENTENCE(keeps_nothing_unless_the_owner_asked_for_it),
        SENTENCE(a_kept_token_is_diagnosed_and_never_shown),
        SENTENCE(what_is_kept_is_sealed),
        SENTENCE(keeps_a_few_of_each_reason_the_newest),
        SENTENCE(a_burst_is_kept_up_to_the_bound_of_a_flush),
        SENTENCE(ends_by_itself_and_at_once_when_it_is_turned_off),
        SENTENCE(keeps_no_token_that_was_accepted_or_absent),
        SENTENCE(evidence_goes_with_its_app),
    };
    return cmocka_run_group_tests_name("failures", tests, NULL, NULL);
}
