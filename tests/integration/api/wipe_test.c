/* What a request leaves behind in the memory it was answered from.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

#include "server/api/answer.h"

#define ARENA (CSN_EXCHANGE_MEMORY - CSN_PROBLEM_MAX)

static bool
is_clear(const uint8_t *memory, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (memory[i] != 0)
            return false;
    }
    return true;
}

static void
leaves_nothing_of_a_login(void **state)
{
    (void)state;
    const char *token = world_token_for(w, "alice");
    memset(w->memory, 0, ARENA);
    assert_int_equal(sdk_start_with(token), 201);
    assert_true(is_clear(w->memory, ARENA));
}

static void
leaves_nothing_of_items_sent_and_read(void **state)
{
    (void)state;
    const char *session = sdk_login("alice");
    const char *sync = world_format(w, "/sdk/v1/apps/%s/sync", app);
    const char *body =
        "{\"items\":[{\"id\":\"m1\",\"kind\":\"message\",\"body\":{\"text\":\"hello\"}}]}";
    assert_int_equal(world_post(w, session, sync, body), 200);
    memset(w->memory, 0, ARENA);
    assert_int_equal(world_post(w, session, sync, "{}"), 200);
    assert_non_null(world_text(w, "items.0.id"));
    assert_true(is_clear(w->memory, ARENA));
}

/* Writes `text` as a body that is given up half-way, ends the exchange. */
static void
give_up_a_body(bool sensitive)
{
    struct csn_exchange x;
    memset(w->memory, 0, ARENA);
    csn_api_prepare(&x, &w->service, w->memory, CSN_EXCHANGE_MEMORY);
    x.sensitive = sensitive;
    struct csn_json_writer writer = csn_answer_open(&x);
    csn_json_member_text(&writer, "vault_key", "a secret");
    csn_api_end(&x);
}

static void
leaves_nothing_of_a_body_that_was_given_up(void **state)
{
    (void)state;
    give_up_a_body(false);
    assert_false(is_clear(w->memory, ARENA));
    give_up_a_body(true);
    assert_true(is_clear(w->memory, ARENA));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(leaves_nothing_of_a_login, sdk_setup, sdk_teardown),
        cmocka_unit_test_setup_teardown(leaves_nothing_of_items_sent_and_read, sdk_setup,
                                        sdk_teardown),
        cmocka_unit_test_setup_teardown(leaves_nothing_of_a_body_that_was_given_up, sdk_setup,
                                        sdk_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
