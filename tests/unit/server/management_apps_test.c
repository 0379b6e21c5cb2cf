/* Apps: what makes one, what alters it, and who may.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/domain/enforcement.h"
#include "tests/unit/server/registry_world.h"

static enum csn_status
create(struct registry_world *w, const char *preset, const char *policy, struct csn_app_info *out)
{
    struct csn_app_request with = {
        .name = rw_text("shop"),
        .preset = preset != NULL ? rw_text(preset) : (struct csn_bytes){0},
        .policy = policy != NULL ? rw_text(policy) : (struct csn_bytes){0}};
    return RW(w, csn_management_app_create(&w->m, &with, out, w->now_ms));
}

static bool
holds(struct csn_bytes text, const char *part)
{
    size_t len = strlen(part);
    for (size_t i = 0; i + len <= text.len; i++) {
        if (memcmp(text.ptr + i, part, len) == 0)
            return true;
    }
    return false;
}

/* The policy in memory, written out, is the stored one: nothing of it was lost on the way. */
static void
check_compiled_policy(struct registry_world *w, const struct csn_app_info *info)
{
    const struct csn_app *app = csn_registry_app(w->registry, csn_id_view(&info->id));
    static uint8_t memory[CSN_POLICY_JSON_MAX];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_json_writer writer = csn_json_writer_over(&out);
    csn_policy_write(&app->policy, &writer);
    assert_true(csn_bytes_equal(csn_buffer_view(&out), info->policy));
    csn_app_release(app);
}

static void
a_policy_and_an_enforcement_with_everything_in_them_are_kept_whole(void **state)
{
    struct registry_world *w = *state;
    struct csn_app_info info;
    assert_int_equal(
        create(w, NULL,
               "{\"algorithms\":[\"RS256\",\"ES256\"],\"identity\":[\"/a/b\",\"sub\",\"c\",\"d\"],"
               "\"required\":[\"iat\",\"exp\",\"jti\"],\"equals\":{\"scope\":\"user\",\"v\":\"2\"},"
               "\"issuer\":\"https://i.example\",\"audience\":\"aud\",\"type\":\"JWT\"}",
               &info),
        CSN_OK);
    check_compiled_policy(w, &info);
    struct csn_bytes json =
        rw_text("{\"mode\":\"required\",\"otherwise\":\"monitor\",\"from_versions\":"
                "{\"android\":\"3.1\",\"*\":\"2\"},\"percentage\":40,"
                "\"until\":\"2027-01-01T00:00:00.000Z\",\"exemptions\":["
                "{\"identity\":\"ada\",\"until\":\"2026-12-01T00:00:00.000Z\"},"
                "{\"identity\":\"bob\",\"until\":\"2026-12-02T00:00:00.000Z\"}]}");
    struct csn_id id = info.id;
    assert_int_equal(RW(w, csn_management_enforcement_set(&w->m, id, json, 0, &info, w->now_ms)),
                     CSN_OK);
    const struct csn_app *app = csn_registry_app(w->registry, csn_id_view(&id));
    static uint8_t memory[1024];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_json_writer writer = csn_json_writer_over(&out);
    csn_enforcement_write(&app->enforcement, &writer);
    assert_true(csn_bytes_equal(csn_buffer_view(&out), info.enforcement));
    csn_app_release(app);
}

static void
every_preset_makes_an_app_whose_stored_policy_makes_the_same_one(void **state)
{
    struct registry_world *w = *state;
    for (size_t i = 0; i < csn_preset_count(); i++) {
        struct csn_app_info info;
        const char *name = csn_preset_at(i)->name;
        enum csn_status status = create(w, name, NULL, &info);
        /* A preset may leave something to its app, e.g. an issuer: then it says which field. */
        if (status == CSN_INVALID) {
            assert_true(w->m.refusal.field[0] != '\0');
            continue;
        }
        assert_int_equal(status, CSN_OK);
        assert_true(csn_bytes_equal_text(info.preset, name));
        check_compiled_policy(w, &info);
        char policy[CSN_POLICY_JSON_MAX + 1];
        snprintf(policy, sizeof policy, "%.*s", (int)info.policy.len,
                 (const char *)info.policy.ptr);
        assert_int_equal(create(w, NULL, policy, &info), CSN_OK);
        assert_true(csn_bytes_equal_text(info.policy, policy));
    }
}

static void
overrides_stand_over_the_preset_and_the_preset_over_the_defaults(void **state)
{
    struct registry_world *w = *state;
    struct csn_app_info info;
    assert_int_equal(create(w, "kustomer", "{\"leeway_s\":7}", &info), CSN_OK);
    assert_true(holds(info.policy, "\"leeway_s\":7"));
    assert_true(holds(info.policy, "HS256"));
    assert_true(holds(info.policy, "externalId"));
    assert_int_equal(info.policy_version, 1);
    assert_int_equal(create(w, NULL, "{\"preset\":\"kustomer\"}", &info), CSN_OK);
    assert_true(csn_bytes_equal_text(info.preset, "kustomer"));
    assert_int_equal(create(w, "kustomer", "{\"preset\":\"kustomer\",\"leeway_s\":7}", &info),
                     CSN_OK);
}

static void
refuses_an_app_that_could_accept_nothing_or_anything(void **state)
{
    struct registry_world *w = *state;
    struct csn_app_info info;
    assert_int_equal(create(w, NULL, NULL, &info), CSN_INVALID);
    assert_string_equal(w->m.refusal.field, "preset");
    assert_int_equal(create(w, "nobody", NULL, &info), CSN_INVALID);
    assert_string_equal(w->m.refusal.field, "preset");
    assert_int_equal(create(w, "kustomer", "{\"preset\":\"alchemer\"}", &info), CSN_INVALID);
    assert_string_equal(w->m.refusal.field, "preset");
    assert_int_equal(create(w, NULL, "{\"algorithms\":[\"none\"]}", &info), CSN_INVALID);
    assert_string_equal(w->m.refusal.field, "algorithms");
    assert_int_equal(create(w, NULL, "{\"algorithms\":[]}", &info), CSN_INVALID);
    assert_int_equal(create(w, NULL, "[]", &info), CSN_INVALID);
    assert_int_equal(create(w, "kustomer", "[]", &info), CSN_INVALID);
    assert_int_equal(create(w, "kustomer", "{\"leeway_s\":7,\"leeway_s\":8}", &info), CSN_INVALID);
    assert_int_equal(create(w, "kustomer", "{\"leewey_s\":7}", &info), CSN_INVALID);
    assert_string_equal(w->m.refusal.field, "leewey_s");
    assert_int_equal(csn_registry_counts(w->registry).apps, 0);
}

static void
a_policy_is_replaced_only_from_the_version_it_was_made_from(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, "kustomer");
    struct csn_app_info info;
    struct csn_bytes json = rw_text("{\"preset\":\"kustomer\",\"leeway_s\":5}");
    assert_int_equal(RW(w, csn_management_policy_set(&w->m, app, json, 2, &info)), CSN_CONFLICT);
    assert_string_equal(w->m.refusal.field, "If-Match");
    assert_int_equal(RW(w, csn_management_policy_set(&w->m, app, json, 1, &info)), CSN_OK);
    assert_int_equal(info.policy_version, 2);
    assert_int_equal(RW(w, csn_management_policy_set(&w->m, app, json, 1, &info)), CSN_CONFLICT);
    assert_int_equal(RW(w, csn_management_policy_set(&w->m, app, json, 0, &info)), CSN_OK);
    assert_int_equal(info.policy_version, 3);
    const struct csn_app *compiled = csn_registry_app(w->registry, csn_id_view(&app));
    assert_int_equal(compiled->policy.leeway_s, 5);
    csn_app_release(compiled);
    assert_int_equal(RW(w, csn_management_policy_set(&w->m, app, rw_text("{"), 0, &info)),
                     CSN_INVALID);
    assert_int_equal(RW(w, csn_management_app_get(&w->m, app, &info)), CSN_OK);
    assert_int_equal(info.policy_version, 3);
}

static void
enforcement_has_a_version_of_its_own_and_is_stored_in_full(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    struct csn_app_info info;
    struct csn_bytes required = rw_text("{\"mode\":\"required\"}");
    assert_int_equal(
        RW(w, csn_management_enforcement_set(&w->m, app, required, 1, &info, w->now_ms)), CSN_OK);
    assert_int_equal(info.enforcement_version, 2);
    assert_int_equal(info.policy_version, 1);
    assert_true(holds(info.enforcement, "\"percentage\":100"));
    const struct csn_app *compiled = csn_registry_app(w->registry, csn_id_view(&app));
    assert_int_equal(compiled->enforcement.mode, CSN_ENFORCE_REQUIRED);
    csn_app_release(compiled);
    assert_int_equal(
        RW(w, csn_management_enforcement_set(&w->m, app, required, 1, &info, w->now_ms)),
        CSN_CONFLICT);
    assert_int_equal(RW(w, csn_management_enforcement_set(
                               &w->m, app, rw_text("{\"mode\":\"strict\"}"), 0, &info, w->now_ms)),
                     CSN_INVALID);
    assert_string_equal(w->m.refusal.field, "mode");
    assert_int_equal(
        RW(w, csn_management_enforcement_set(&w->m, app, rw_text("nonsense"), 0, &info, w->now_ms)),
        CSN_INVALID);
}

static void
an_app_whose_exemption_has_ended_still_loads(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    struct csn_app_info info;
    struct csn_bytes json = rw_text("{\"mode\":\"required\",\"exemptions\":[{\"identity\":\"ada\","
                                    "\"until\":\"2026-12-01T00:00:00Z\"}]}");
    assert_int_equal(RW(w, csn_management_enforcement_set(&w->m, app, json, 0, &info, w->now_ms)),
                     CSN_OK);
    w->now_ms += 365 * 86400000LL;
    rw_restart(w);
    struct csn_app_changes rename = {.set_name = true, .name = rw_text("later")};
    assert_int_equal(RW(w, csn_management_app_update(&w->m, app, &rename, &info, w->now_ms)),
                     CSN_OK);
}

static void
a_change_of_one_thing_leaves_the_others(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    struct csn_app_info info;
    struct csn_bytes origins[] = {rw_text("https://shop.example"),
                                  rw_text("http://localhost:3000")};
    struct csn_app_changes changes = {.set_origins = true, .origins = origins, .origin_count = 2};
    assert_int_equal(RW(w, csn_management_app_update(&w->m, app, &changes, &info, w->now_ms)),
                     CSN_OK);
    changes = (struct csn_app_changes){.set_suspended = true, .suspended = true};
    assert_int_equal(RW(w, csn_management_app_update(&w->m, app, &changes, &info, w->now_ms)),
                     CSN_OK);
    assert_true(info.suspended);
    assert_int_equal(info.origin_count, 2);
    assert_true(csn_bytes_equal_text(info.name, "shop"));
    assert_int_equal(info.retention_days, CSN_RETENTION_DAYS_DEFAULT);
    const struct csn_app *compiled = csn_registry_app(w->registry, csn_id_view(&app));
    assert_true(compiled->suspended);
    assert_int_equal(compiled->origin_count, 2);
    assert_true(csn_bytes_equal(compiled->origins[1], origins[1]));
    csn_app_release(compiled);
}

static void
test_mode_ends_by_itself_within_a_day(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    struct csn_app_info info;
    struct csn_app_changes changes = {.set_test_mode = true,
                                      .test_mode_until_ms = w->now_ms + CSN_TEST_MODE_MAX_MS};
    assert_int_equal(RW(w, csn_management_app_update(&w->m, app, &changes, &info, w->now_ms)),
                     CSN_OK);
    assert_int_equal(info.test_mode_until_ms, w->now_ms + CSN_TEST_MODE_MAX_MS);
    changes.test_mode_until_ms++;
    assert_int_equal(RW(w, csn_management_app_update(&w->m, app, &changes, &info, w->now_ms)),
                     CSN_INVALID);
    assert_string_equal(w->m.refusal.field, "test_mode_until");
    changes.test_mode_until_ms = w->now_ms;
    assert_int_equal(RW(w, csn_management_app_update(&w->m, app, &changes, &info, w->now_ms)),
                     CSN_OK);
    assert_int_equal(info.test_mode_until_ms, 0);
}

static void
retention_has_two_edges(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    struct csn_app_info info;
    const struct {
        int64_t days;
        enum csn_status due;
    } cases[] = {{0, CSN_INVALID},
                 {1, CSN_OK},
                 {CSN_RETENTION_DAYS_MAX, CSN_OK},
                 {CSN_RETENTION_DAYS_MAX + 1, CSN_INVALID}};
    for (size_t i = 0; i < 4; i++) {
        struct csn_app_changes changes = {.set_retention = true, .retention_days = cases[i].days};
        assert_int_equal(RW(w, csn_management_app_update(&w->m, app, &changes, &info, w->now_ms)),
                         cases[i].due);
    }
}

static void
an_origin_is_what_a_browser_sends_and_nothing_else(void **state)
{
    (void)state;
    const char *good[] = {"https://shop.example",  "http://localhost",
                          "http://localhost:3000", "https://a-b.c0.example:8443",
                          "https://127.0.0.1:1",   "https://[::1]:65535",
                          "https://[2001:db8::1]"};
    const char *bad[] = {"",
                         "https://",
                         "http://",
                         "*",
                         "null",
                         "shop.example",
                         "ftp://shop.example",
                         "https://shop.example/",
                         "https://shop.example/a",
                         "https://Shop.example",
                         "HTTPS://shop.example",
                         "https://shop.example:443",
                         "http://shop.example:80",
                         "https://shop.example:",
                         "https://shop.example:0",
                         "https://shop.example:65536",
                         "https://shop.example:08",
                         "https://shop.example:1a",
                         "https://user@shop.example",
                         "https://shop.example?x",
                         "https://shop.example#x",
                         "https://shop..example",
                         "https://.shop.example",
                         "https://shop.example.",
                         "https://-shop.example",
                         "https://shop-",
                         "https://*.example",
                         "https://sh op.example",
                         "https://[::1",
                         "https://[]",
                         "https://[::1]x",
                         "https://\xc3\xa9.example"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (!csn_origin_is_valid(rw_text(good[i])))
            fail_msg("refused %s", good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (csn_origin_is_valid(rw_text(bad[i])))
            fail_msg("accepted %s", bad[i]);
    }
    char longest[CSN_ORIGIN_MAX + 2];
    memset(longest, 'a', sizeof longest);
    memcpy(longest, "https://", 8);
    assert_true(csn_origin_is_valid(csn_bytes_of(longest, CSN_ORIGIN_MAX)));
    assert_false(csn_origin_is_valid(csn_bytes_of(longest, CSN_ORIGIN_MAX + 1)));
}

static void
one_bad_origin_refuses_them_all(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    struct csn_app_info info;
    struct csn_bytes origins[CSN_ORIGINS_MAX + 1];
    for (size_t i = 0; i <= CSN_ORIGINS_MAX; i++)
        origins[i] = rw_text("https://shop.example");
    struct csn_app_changes changes = {
        .set_origins = true, .origins = origins, .origin_count = CSN_ORIGINS_MAX};
    assert_int_equal(RW(w, csn_management_app_update(&w->m, app, &changes, &info, w->now_ms)),
                     CSN_OK);
    changes.origin_count++;
    assert_int_equal(RW(w, csn_management_app_update(&w->m, app, &changes, &info, w->now_ms)),
                     CSN_TOO_LARGE);
    changes.origin_count = 2;
    origins[1] = rw_text("https://shop.example/path");
    assert_int_equal(RW(w, csn_management_app_update(&w->m, app, &changes, &info, w->now_ms)),
                     CSN_INVALID);
    assert_non_null(strstr(w->m.refusal.detail, "Entry 2"));
    assert_int_equal(RW(w, csn_management_app_get(&w->m, app, &info)), CSN_OK);
    assert_int_equal(info.origin_count, CSN_ORIGINS_MAX);
}

/* --- the wall --- */

static void
check_walled(struct registry_world *w, struct csn_id app)
{
    struct csn_app_info info;
    struct csn_app_changes changes = {.set_suspended = true, .suspended = true};
    struct csn_bytes json = rw_text("{\"preset\":\"kustomer\"}");
    struct csn_bytes mode = rw_text("{\"mode\":\"off\"}");
    const struct csn_key_info *keys;
    struct csn_key_info key;
    struct csn_key_made made;
    struct csn_diagnosis_material material;
    struct csn_key_request with = {.source = CSN_SOURCE_GENERATED, .algorithm = CSN_HS256};
    size_t count = 0;
    int64_t now = w->now_ms;
    struct csn_management *m = &w->m;
#define WALLED(call)                                                                               \
    do {                                                                                           \
        assert_int_equal(RW(w, call), CSN_NOT_FOUND);                                              \
        assert_string_equal(w->m.refusal.field, "");                                               \
        assert_string_equal(w->m.refusal.detail, "There is no such thing here.");                  \
    } while (0)
    WALLED(csn_management_app_get(m, app, &info));
    WALLED(csn_management_app_update(m, app, &changes, &info, now));
    WALLED(csn_management_app_delete(m, app, now));
    WALLED(csn_management_policy_set(m, app, json, 0, &info));
    WALLED(csn_management_policy_set(m, app, rw_text("{"), 99, &info));
    WALLED(csn_management_enforcement_set(m, app, mode, 0, &info, now));
    WALLED(csn_management_key_create(m, app, &with, &made, now));
    WALLED(csn_management_key_list(m, app, &keys, &count, now));
    WALLED(csn_management_key_get(m, app, app, &key, now));
    WALLED(csn_management_key_state(m, app, app, CSN_KEY_RETIRED, true, &key, now));
    WALLED(csn_management_key_delete(m, app, app, true));
    WALLED(csn_management_jwks_set(m, app, rw_text("https://x.example/j"), CSN_RS256, now));
    WALLED(csn_management_diagnosis_load(m, app, &material));
#undef WALLED
}

static void
what_is_not_ours_and_what_is_not_there_are_answered_alike(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    struct csn_id another = rw_app(w, NULL);
    struct csn_id none = {.text = "01JAAAAAAAAAAAAAAAAAAAAAAA"};
    struct csn_scope root = w->m.scope;
    w->m.scope = rw_other_account(w);
    check_walled(w, app);
    check_walled(w, none);
    w->m.scope = root;
    w->m.scope.app = another;
    check_walled(w, app);
    check_walled(w, none);
    w->m.scope = (struct csn_scope){0};
    check_walled(w, app);
    w->m.scope = root;
    struct csn_app_info info;
    assert_int_equal(RW(w, csn_management_app_get(&w->m, app, &info)), CSN_OK);
    assert_false(info.suspended);
}

static void
lists_only_ones_own_apps_page_by_page(void **state)
{
    struct registry_world *w = *state;
    struct csn_scope root = w->m.scope;
    w->m.scope = rw_other_account(w);
    rw_app(w, NULL);
    w->m.scope = root;
    struct csn_id ours[5];
    for (size_t i = 0; i < 5; i++) {
        w->now_ms++;
        ours[i] = rw_app(w, i % 2 == 0 ? "kustomer" : NULL);
    }
    const struct csn_app_info *list;
    size_t count = 0;
    bool more = false;
    struct csn_page page = {.limit = 2};
    for (size_t seen = 0; seen < 5; seen += count) {
        assert_int_equal(RW(w, csn_management_app_list(&w->m, page, &list, &count, &more)), CSN_OK);
        assert_int_equal(count, seen == 4 ? 1 : 2);
        assert_int_equal(more, seen < 4);
        for (size_t i = 0; i < count; i++) {
            assert_true(csn_id_equal(&list[i].id, &ours[seen + i]));
            assert_true(csn_bytes_equal_text(list[i].name, "shop"));
            assert_int_equal(list[i].preset.ptr != NULL, (seen + i) % 2 == 0);
        }
        page.after = list[count - 1].id;
    }
    w->m.scope.app = ours[3];
    page = (struct csn_page){0};
    assert_int_equal(RW(w, csn_management_app_list(&w->m, page, &list, &count, &more)), CSN_OK);
    assert_int_equal(count, 1);
    assert_true(csn_id_equal(&list[0].id, &ours[3]));
    struct csn_app_info info;
    struct csn_app_request with = {.name = rw_text("n"), .preset = rw_text("kustomer")};
    assert_int_equal(RW(w, csn_management_app_create(&w->m, &with, &info, w->now_ms)),
                     CSN_NOT_FOUND);
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, rw_setup, rw_teardown)
    const struct CMUnitTest tests[] = {
        SENTENCE(every_preset_makes_an_app_whose_stored_policy_makes_the_same_one),
        SENTENCE(a_policy_and_an_enforcement_with_everything_in_them_are_kept_whole),
        SENTENCE(overrides_stand_over_the_preset_and_the_preset_over_the_defaults),
        SENTENCE(refuses_an_app_that_could_accept_nothing_or_anything),
        SENTENCE(a_policy_is_replaced_only_from_the_version_it_was_made_from),
        SENTENCE(enforcement_has_a_version_of_its_own_and_is_stored_in_full),
        SENTENCE(an_app_whose_exemption_has_ended_still_loads),
        SENTENCE(a_change_of_one_thing_leaves_the_others),
        SENTENCE(test_mode_ends_by_itself_within_a_day),
        SENTENCE(retention_has_two_edges),
        SENTENCE(an_origin_is_what_a_browser_sends_and_nothing_else),
        SENTENCE(one_bad_origin_refuses_them_all),
        SENTENCE(what_is_not_ours_and_what_is_not_there_are_answered_alike),
        SENTENCE(lists_only_ones_own_apps_page_by_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
