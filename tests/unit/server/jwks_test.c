/* Fetching keys by URL: a real transfer over loopback, with a clock that the test turns.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/jwks/jwks.h"
#include "tests/unit/server/jwks_host.h"
#include "tests/unit/server/registry_world.h"

/* --- the town: store, queue, registry, fetcher --- */

struct town {
    struct registry_world w;
    struct host host;
    struct csn_queue *queue;
    struct csn_jwks *jwks;
    atomic_int_least64_t now_ms;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int events;
    struct csn_id last_app;
    struct csn_jwks_outcome last;
    char document[4096]; /* a good one */
};

static struct town town;

static int64_t
town_now(void *state)
{
    (void)state;
    return atomic_load(&town.now_ms);
}

static void
note_event(void *state, const struct csn_jwks_event *event)
{
    (void)state;
    pthread_mutex_lock(&town.lock);
    town.events++;
    town.last_app = event->app;
    town.last = *event->outcome;
    pthread_cond_broadcast(&town.changed);
    pthread_mutex_unlock(&town.lock);
}

static struct csn_jwks_outcome
wait_for_event(int due)
{
    host_wait(&town.changed, &town.lock, &town.events, due);
    pthread_mutex_lock(&town.lock);
    struct csn_jwks_outcome outcome = town.last;
    pthread_mutex_unlock(&town.lock);
    return outcome;
}

static void
start_fetching(int64_t timeout_ms)
{
    struct csn_jwks_options options = {
        .registry = town.w.registry,
        .queue = town.queue,
        .random = csn_random_system(),
        .clock = {.now_ms = town_now},
        .timeout_ms = timeout_ms,
        .log = note_event,
    };
    assert_int_equal(csn_jwks_start(&options, &town.jwks), CSN_OK);
}

/* --- operations, through the queue like everybody else's --- */

struct setting {
    struct csn_job job;
    struct csn_id app;
    char url[128];
};

static enum csn_status
run_setting(struct csn_job *job, struct csn_store *store)
{
    struct setting *setting = (struct setting *)job;
    town.w.m.store = store;
    town.w.arena.used = 0;
    return csn_management_jwks_set(&town.w.m, setting->app, rw_text(setting->url),
                                   CSN_ALGORITHM_UNSET, town_now(NULL));
}

static void
set_url(struct csn_id app, const char *user)
{
    struct setting setting = {.job = {.run = run_setting}, .app = app};
    snprintf(setting.url, sizeof setting.url, "http://%s127.0.0.1:%d/jwks", user, town.host.port);
    enum csn_status status = csn_queue_run(town.queue, &setting.job);
    csn_change_settle(&town.w.m.change, status);
    assert_int_equal(status, CSN_OK);
}

static size_t
keys_of(struct csn_id id)
{
    const struct csn_app *app = csn_registry_app(town.w.registry, csn_id_view(&id));
    size_t count = app->keys.count;
    csn_app_release(app);
    return count;
}

static void
hint(struct csn_id id)
{
    const struct csn_app *app = csn_registry_app(town.w.registry, csn_id_view(&id));
    struct csn_jwks_hints hints = csn_jwks_hints_of(town.jwks);
    csn_jwks_judged(&hints, app, CSN_REASON_KEY_UNKNOWN);
    csn_app_release(app);
}

static void
named(struct csn_id id)
{
    struct csn_jwks_hints hints = csn_jwks_hints_of(town.jwks);
    csn_jwks_named(&hints, id);
}

static void
write_document(char *out, size_t cap, const char *kid)
{
    static uint8_t memory[3][4096];
    struct csn_buffer private_pem = csn_buffer_over(memory[0], sizeof memory[0]);
    struct csn_buffer pem = csn_buffer_over(memory[1], sizeof memory[1]);
    struct csn_buffer jwk = csn_buffer_over(memory[2], sizeof memory[2]);
    assert_int_equal(csn_key_generate(CSN_ES256, 0, rw_text(kid), &private_pem, &pem, &jwk),
                     CSN_OK);
    snprintf(out, cap, "{\"keys\":[%.*s]}", (int)jwk.len, (const char *)jwk.ptr);
}

static int
open_town(void **state)
{
    (void)state;
    memset(&town, 0, sizeof town);
    rw_open(&town.w);
    atomic_store(&town.now_ms, RW_NOW);
    pthread_mutex_init(&town.lock, NULL);
    pthread_cond_init(&town.changed, NULL);
    write_document(town.document, sizeof town.document, "first");
    host_open(&town.host);
    host_answers(&town.host, "200 OK", town.document, strlen(town.document));
    return 0;
}

/* Apps are made before the queue takes the store over. */
static void
open_queue(void)
{
    assert_int_equal(csn_queue_start(town.w.store, &town.queue), CSN_OK);
}

static int
close_town(void **state)
{
    (void)state;
    csn_jwks_stop(town.jwks);
    csn_queue_stop(town.queue);
    host_close(&town.host);
    rw_close(&town.w);
    pthread_mutex_destroy(&town.lock);
    pthread_cond_destroy(&town.changed);
    return 0;
}

/* --- sentences --- */

static void
fetches_a_new_address_and_puts_its_keys_to_use(void **state)
{
    (void)state;
    struct csn_id app = rw_app(&town.w, "moengage");
    open_queue();
    start_fetching(0);
    set_url(app, "");
    named(app);
    struct csn_jwks_outcome outcome = wait_for_event(1);
    assert_true(outcome.good);
    assert_int_equal(outcome.added, 1);
    assert_int_equal(keys_of(app), 1);
    assert_int_equal(csn_jwks_counts(town.jwks).fetched, 1);
    assert_true(host_was_sent(&town.host, "GET /jwks HTTP/1.1"));
    assert_false(host_was_sent(&town.host, "Authorization"));
}

static void
fetches_at_start_what_was_due_before(void **state)
{
    (void)state;
    struct csn_id app = rw_app(&town.w, "moengage");
    open_queue();
    set_url(app, "");
    start_fetching(0);
    assert_true(wait_for_event(1).good);
    assert_int_equal(keys_of(app), 1);
}

static void
sends_the_password_of_the_address_to_its_host_alone(void **state)
{
    (void)state;
    struct csn_id app = rw_app(&town.w, "moengage");
    open_queue();
    set_url(app, "reader:hunter2hunter2@");
    host_answers(&town.host, "500 No", "hunter2hunter2", 14);
    start_fetching(0);
    struct csn_jwks_outcome outcome = wait_for_event(1);
    assert_true(host_was_sent(&town.host, "Authorization: Basic "));
    assert_null(strstr(outcome.error, "hunter2"));
    assert_null(strstr(outcome.error, "127.0.0.1"));
}

static void
an_unknown_kid_fetches_again_but_not_before_the_cool_down(void **state)
{
    (void)state;
    struct csn_id app = rw_app(&town.w, "moengage");
    town.w.now_ms++;
    struct csn_id other = rw_app(&town.w, "moengage");
    struct csn_id plain = rw_app(&town.w, NULL);
    open_queue();
    set_url(app, "");
    start_fetching(0);
    wait_for_event(1);
    char document[4096];
    write_document(document, sizeof document, "second");
    host_answers(&town.host, "200 OK", document, strlen(document));
    hint(plain); /* has no address */
    struct csn_jwks_hints nobody = {0};
    csn_jwks_named(&nobody, app);
    hint(app); /* fetched a moment ago */
    set_url(other, "");
    named(plain); /* wakes, no more */
    wait_for_event(2);
    assert_true(csn_id_equal(&town.last_app, &other));
    assert_int_equal(host_requests(&town.host), 2);
    atomic_fetch_add(&town.now_ms, CSN_JWKS_COOL_DOWN_MS + 1);
    hint(app);
    struct csn_jwks_outcome outcome = wait_for_event(3);
    assert_true(csn_id_equal(&town.last_app, &app));
    assert_int_equal(outcome.added, 1);
    assert_int_equal(outcome.removed, 1);
    assert_int_equal(host_requests(&town.host), 3);
}

static void
many_hints_make_one_transfer(void **state)
{
    (void)state;
    struct csn_id app = rw_app(&town.w, "moengage");
    town.w.now_ms++;
    struct csn_id other = rw_app(&town.w, "moengage");
    open_queue();
    host_holds(&town.host, true);
    set_url(app, "");
    start_fetching(0);
    host_wait(&town.host.changed, &town.host.lock, &town.host.requests, 1);
    for (int i = 0; i < 200; i++)
        hint(app);
    host_holds(&town.host, false);
    wait_for_event(1);
    set_url(other, ""); /* a round later: had there been a second one, it would have come by now */
    named(other);
    wait_for_event(2);
    assert_true(csn_id_equal(&town.last_app, &other));
    assert_int_equal(host_requests(&town.host), 2);
}

/* Fetches once more, an hour later. */
static struct csn_jwks_outcome
fetch_again(struct csn_id app, int event)
{
    atomic_fetch_add(&town.now_ms, CSN_JWKS_REFRESH_MS + 1);
    hint(app);
    return wait_for_event(event);
}

static void
whatever_the_host_answers_the_last_good_keys_stay(void **state)
{
    (void)state;
    struct csn_id app = rw_app(&town.w, "moengage");
    open_queue();
    set_url(app, "");
    start_fetching(0);
    assert_true(wait_for_event(1).good);
    const char *statuses[] = {"500 No", "404 No", "204 No", "401 No", "206 Part"};
    int event = 1;
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        host_answers(&town.host, statuses[i], town.document, strlen(town.document));
        assert_false(fetch_again(app, ++event).good);
        assert_int_equal(keys_of(app), 1);
    }
    host_answers(&town.host, "200 OK", "<html>", 6);
    assert_false(fetch_again(app, ++event).good);
    host_sends_only(&town.host, 0); /* hangs up */
    assert_false(fetch_again(app, ++event).good);
    host_answers(&town.host, "200 OK", town.document, strlen(town.document));
    host_sends_only(&town.host, strlen(town.document)); /* less than it announced */
    assert_false(fetch_again(app, ++event).good);
    assert_int_equal(keys_of(app), 1);
    assert_int_equal(csn_jwks_counts(town.jwks).failed, event - 1);
    host_answers(&town.host, "200 OK", town.document, strlen(town.document));
    assert_true(fetch_again(app, ++event).good);
}

static void
follows_no_redirect(void **state)
{
    (void)state;
    struct csn_id app = rw_app(&town.w, "moengage");
    open_queue();
    set_url(app, "");
    char head[128];
    snprintf(head, sizeof head, "302 Found\r\nLocation: http://127.0.0.1:%d/elsewhere",
             town.host.port);
    host_answers(&town.host, head, "", 0);
    start_fetching(0);
    struct csn_jwks_outcome outcome = wait_for_event(1);
    assert_false(outcome.good);
    assert_non_null(strstr(outcome.error, "redirect"));
    assert_int_equal(host_requests(&town.host), 1);
}

static void
takes_a_document_of_the_largest_size_and_no_byte_more(void **state)
{
    (void)state;
    struct csn_id app = rw_app(&town.w, "moengage");
    open_queue();
    set_url(app, "");
    static char document[CSN_KEY_TEXT_MAX + 1];
    memset(document, ' ', sizeof document);
    memcpy(document, town.document, strlen(town.document));
    host_answers(&town.host, "200 OK", document, CSN_KEY_TEXT_MAX);
    start_fetching(0);
    assert_true(wait_for_event(1).good);
    host_answers(&town.host, "200 OK", document, CSN_KEY_TEXT_MAX + 1);
    struct csn_jwks_outcome outcome = fetch_again(app, 2);
    assert_false(outcome.good);
    assert_non_null(strstr(outcome.error, "too large"));
}

static void
gives_up_on_a_host_that_does_not_answer(void **state)
{
    (void)state;
    struct csn_id app = rw_app(&town.w, "moengage");
    open_queue();
    set_url(app, "");
    host_holds(&town.host, true);
    start_fetching(50);
    struct csn_jwks_outcome outcome = wait_for_event(1);
    assert_false(outcome.good);
    assert_non_null(strstr(outcome.error, "in time"));
}

static void
stops_while_a_host_does_not_answer(void **state)
{
    (void)state;
    struct csn_id app = rw_app(&town.w, "moengage");
    open_queue();
    set_url(app, "");
    host_holds(&town.host, true);
    start_fetching(3600 * 1000);
    host_wait(&town.host.changed, &town.host.lock, &town.host.requests, 1);
    csn_jwks_stop(town.jwks);
    town.jwks = NULL;
    assert_int_equal(town.events, 0);
    assert_int_equal(keys_of(app), 0);
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, open_town, close_town)
    const struct CMUnitTest tests[] = {
        SENTENCE(fetches_a_new_address_and_puts_its_keys_to_use),
        SENTENCE(fetches_at_start_what_was_due_before),
        SENTENCE(sends_the_password_of_the_address_to_its_host_alone),
        SENTENCE(an_unknown_kid_fetches_again_but_not_before_the_cool_down),
        SENTENCE(many_hints_make_one_transfer),
        SENTENCE(whatever_the_host_answers_the_last_good_keys_stay),
        SENTENCE(follows_no_redirect),
        SENTENCE(takes_a_document_of_the_largest_size_and_no_byte_more),
        SENTENCE(gives_up_on_a_host_that_does_not_answer),
        SENTENCE(stops_while_a_host_does_not_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
