/* Sixteen at once, through the store's queue, as the server runs them: of what only one may do,
 * exactly one did.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>

#include "sdk.h"

#define RACERS 16

struct racer {
    pthread_t thread;
    pthread_barrier_t *start;
    enum csn_method method;
    const char *target, *body;
    struct csn_header headers[3];
    size_t header_count;
    char session[2048], customer[CSN_ID_LENGTH + 1], authorization[2100];
    int status;
};

static struct racer racers[RACERS];
static struct csn_queue *queue;

/* The seeded randomness and the store inline are for one thread. */
static int
setup(void **state)
{
    sdk_setup(state);
    memset(racers, 0, sizeof racers);
    return 0;
}

static void *
run(void *of)
{
    struct racer *racer = of;
    size_t size = CSN_EXCHANGE_MEMORY + strlen(racer->body);
    struct csn_exchange *x = calloc(1, sizeof *x);
    struct csn_workspace *workspace = calloc(1, sizeof *workspace);
    void *memory = malloc(size);
    csn_api_prepare(x, &w->service, memory, size);
    x->workspace = workspace;
    x->request = (struct csn_request){.method = racer->method,
                                      .path = csn_bytes_text(racer->target),
                                      .headers = racer->headers,
                                      .header_count = racer->header_count,
                                      .body = csn_bytes_text(racer->body),
                                      .source = csn_bytes_text("192.0.2.1")};
    pthread_barrier_wait(racer->start);
    csn_api_answer(x);
    racer->status = x->response.status;
    csn_api_end(x);
    free(memory);
    free(workspace);
    free(x);
    return NULL;
}

static void
add_header(struct racer *racer, const char *name, const char *value)
{
    racer->headers[racer->header_count++] =
        (struct csn_header){csn_bytes_text(name), csn_bytes_text(value)};
}

static void
race(void)
{
    pthread_barrier_t start;
    struct csn_random seeded = w->service.random;
    struct csn_store *store = w->service.store;
    pthread_barrier_init(&start, NULL, RACERS);
    assert_int_equal(csn_queue_start(store, &queue), CSN_OK);
    w->service.queue = queue;
    w->service.random = csn_random_system();
    for (int i = 0; i < RACERS; i++) {
        struct racer *racer = &racers[i];
        racer->start = &start;
        struct csn_buffer out = csn_buffer_over(racer->authorization, sizeof racer->authorization);
        csn_buffer_text(&out, "Bearer ");
        csn_buffer_text(&out, racer->session);
        assert_non_null(csn_buffer_terminate(&out));
        add_header(racer, "Authorization", racer->authorization);
        add_header(racer, "Content-Type", "application/json");
        assert_int_equal(pthread_create(&racer->thread, NULL, run, racer), 0);
    }
    for (int i = 0; i < RACERS; i++)
        pthread_join(racers[i].thread, NULL);
    csn_queue_stop(queue);
    w->service.queue = NULL;
    w->service.random = seeded;
    pthread_barrier_destroy(&start);
}

static void
log_in(struct racer *racer, const char *device, const char *sub)
{
    strcpy(racer->session, world_login(w, app, device, world_token_for(w, sub)));
    strcpy(racer->customer, world_text(w, "customer.id"));
}

static int
count(int status)
{
    int found = 0;
    for (int i = 0; i < RACERS; i++)
        found += racers[i].status == status;
    return found;
}

static void
of_sixteen_changes_to_one_version_of_a_profile_one_wins(void **state)
{
    (void)state;
    const char *target = strdup(world_format(w, "/sdk/v1/apps/%s/profile", app));
    static char bodies[RACERS][64];
    for (int i = 0; i < RACERS; i++) {
        log_in(&racers[i], world_format(w, "device-%d", i), "alice");
        snprintf(bodies[i], sizeof bodies[i], "{\"properties\":{\"winner\":%d}}", i);
        racers[i].method = CSN_PATCH;
        racers[i].target = target;
        racers[i].body = bodies[i];
        add_header(&racers[i], "If-Match", "\"0\"");
    }
    race();
    assert_int_equal(count(200), 1);
    assert_int_equal(count(412), RACERS - 1);
    assert_int_equal(world_get(w, racers[0].session, target), 200);
    assert_string_equal(world_header(w, "etag"), "\"1\"");
    assert_int_equal(racers[world_int(w, "properties.winner")].status, 200);
    free((void *)target);
}

static void
of_sixteen_merges_without_a_condition_none_is_lost(void **state)
{
    (void)state;
    const char *target = strdup(world_format(w, "/sdk/v1/apps/%s/profile", app));
    static char bodies[RACERS][64];
    for (int i = 0; i < RACERS; i++) {
        log_in(&racers[i], world_format(w, "device-%d", i), "alice");
        snprintf(bodies[i], sizeof bodies[i], "{\"properties\":{\"p%d\":true}}", i);
        racers[i].method = CSN_PATCH;
        racers[i].target = target;
        racers[i].body = bodies[i];
    }
    race();
    assert_int_equal(count(200), RACERS);
    assert_int_equal(world_get(w, racers[0].session, target), 200);
    assert_int_equal(world_node(w, "properties")->count, RACERS);
    free((void *)target);
}

static void
of_sixteen_customers_who_give_one_push_address_one_has_it(void **state)
{
    (void)state;
    const char *target = strdup(world_format(w, "/sdk/v1/apps/%s/device/push", app));
    for (int i = 0; i < RACERS; i++) {
        log_in(&racers[i], world_format(w, "device-%d", i), world_format(w, "user-%d", i));
        racers[i].method = CSN_PUT;
        racers[i].target = target;
        racers[i].body = "{\"fcm\":{\"package\":\"p\",\"registration_id\":\"one\"}}";
    }
    race();
    assert_int_equal(count(204), RACERS);
    int having = 0;
    for (int i = 0; i < RACERS; i++) {
        assert_int_equal(
            world_get(w, w->admin,
                      world_format(w, "/api/v1/apps/%s/customers/%s", app, racers[i].customer)),
            200);
        having += world_text(w, "devices.0.push") != NULL;
    }
    assert_int_equal(having, 1);
    free((void *)target);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, sdk_teardown)
    const struct CMUnitTest tests[] = {
        TEST(of_sixteen_changes_to_one_version_of_a_profile_one_wins),
        TEST(of_sixteen_merges_without_a_condition_none_is_lost),
        TEST(of_sixteen_customers_who_give_one_push_address_one_has_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
