/* Profiles: the merge as RFC 7396 says it, what is refused, versions, e-mail and contact, the wall
 * and the seal.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/domain/id.h"
#include "server/domain/profile.h"
#include "tests/unit/server/session_world.h"

static struct world w;
static struct csn_id alice, bob;
static uint8_t memory[1 << 20], document_memory[1 << 20];

static int
setup(void **state)
{
    (void)state;
    world_open(&w);
    alice = world_login_as(&w, "phone", "alice").claims.customer;
    bob = world_login_as(&w, "tablet", "bob").claims.customer;
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    world_close(&w);
    return 0;
}

static const struct csn_json_node *
parse(const char *json)
{
    static struct csn_arena arena;
    if (arena.ptr == NULL || arena.cap - arena.used < sizeof document_memory / 4)
        arena = csn_arena_over(document_memory, sizeof document_memory);
    const struct csn_json_node *root = NULL;
    assert_ok(csn_json_parse(text(json), &arena, &root));
    return root;
}

/* --- the merge --- */

static const char *
merged(const char *profile, const char *patch)
{
    static char out[CSN_PROFILE_MAX + 1];
    struct csn_profile_fault fault;
    const struct csn_json_node *patch_node = parse(patch);
    assert_true(csn_profile_check(patch_node, &fault));
    struct csn_buffer buffer = csn_buffer_over(out, CSN_PROFILE_MAX);
    assert_ok(csn_profile_merge(profile != NULL ? parse(profile) : NULL, patch_node, &buffer));
    out[buffer.len] = '\0';
    return out;
}

static void
merges_as_rfc_7396_says(void **state)
{
    (void)state;
    static const struct {
        const char *profile, *patch, *merged;
    } rows[] = {
        {NULL, "{}", "{\"properties\":{}}"},
        {NULL, "{\"properties\":{\"a\":1}}", "{\"properties\":{\"a\":1}}"},
        {"{\"properties\":{\"a\":1}}", "{}", "{\"properties\":{\"a\":1}}"},
        {"{\"properties\":{\"a\":1}}", "{\"properties\":{}}", "{\"properties\":{\"a\":1}}"},
        {"{\"properties\":{\"a\":1}}", "{\"properties\":{\"a\":\"x\"}}",
         "{\"properties\":{\"a\":\"x\"}}"},
        {"{\"properties\":{\"a\":1,\"b\":true}}", "{\"properties\":{\"c\":false,\"a\":null}}",
         "{\"properties\":{\"b\":true,\"c\":false}}"},
        {"{\"properties\":{\"a\":1}}", "{\"properties\":{\"b\":null}}",
         "{\"properties\":{\"a\":1}}"},
        {"{\"email\":\"a@b.c\",\"properties\":{\"a\":1}}", "{\"properties\":null}",
         "{\"email\":\"a@b.c\",\"properties\":{}}"},
        {"{\"email\":\"a@b.c\",\"properties\":{}}", "{\"email\":null}", "{\"properties\":{}}"},
        {"{\"email\":\"a@b.c\",\"properties\":{}}", "{\"email\":\"d@e.f\"}",
         "{\"email\":\"d@e.f\",\"properties\":{}}"},
        {NULL, "{\"properties\":{\"a\":1e3,\"b\":\"\\u00fc\\u0000\"}}",
         "{\"properties\":{\"a\":1e3,\"b\":\"\xC3\xBC\\u0000\"}}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(merged(rows[i].profile, rows[i].patch), rows[i].merged);
}

static void
refuses_a_patch_and_names_what_is_wrong(void **state)
{
    (void)state;
    static char long_name[200], long_text[2000];
    memset(long_name, 'n', CSN_PROPERTY_NAME_MAX + 1);
    memset(long_text, 't', CSN_PROPERTY_TEXT_MAX + 1);
    static char name_patch[300], text_patch[2400];
    snprintf(name_patch, sizeof name_patch, "{\"properties\":{\"%s\":1}}", long_name);
    snprintf(text_patch, sizeof text_patch, "{\"properties\":{\"t\":\"%s\"}}", long_text);
    const struct {
        const char *patch, *prefix, *name;
        bool unknown;
    } rows[] = {
        {"{\"propertys\":{}}", "", "propertys", true},
        {"{\"contact\":null}", "", "contact", false},
        {"{\"properties\":[]}", "", "properties", false},
        {"{\"properties\":\"x\"}", "", "properties", false},
        {"{\"properties\":{\"a\":{}}}", "properties.", "a", false},
        {"{\"properties\":{\"a\":[1]}}", "properties.", "a", false},
        {"{\"properties\":{\"\":1}}", "properties.", "", false},
        {"{\"properties\":{\"a\\n\":1}}", "properties.", "a\n", false},
        {"{\"email\":\"nobody\"}", "", "email", false},
        {"{\"email\":7}", "", "email", false},
        {name_patch, "properties.", long_name, false},
        {text_patch, "properties.", "t", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct csn_profile_fault fault;
        assert_false(csn_profile_check(parse(rows[i].patch), &fault));
        assert_string_equal(fault.prefix, rows[i].prefix);
        assert_true(csn_bytes_equal_text(fault.name, rows[i].name));
        assert_int_equal(fault.unknown, rows[i].unknown);
        assert_non_null(fault.sentence);
    }
    long_name[CSN_PROPERTY_NAME_MAX] = '\0';
    long_text[CSN_PROPERTY_TEXT_MAX] = '\0';
    snprintf(text_patch, sizeof text_patch, "{\"properties\":{\"%s\":\"%s\"}}", long_name,
             long_text);
    struct csn_profile_fault fault;
    assert_true(csn_profile_check(parse(text_patch), &fault));
    assert_null(fault.sentence);
}

static char *
many(size_t from, size_t count, size_t text_len)
{
    static char json[40000];
    size_t used = (size_t)snprintf(json, sizeof json, "{\"properties\":{");
    for (size_t i = 0; i < count; i++) {
        used += (size_t)snprintf(json + used, sizeof json - used, "%s\"p%03zu\":\"",
                                 i > 0 ? "," : "", from + i);
        memset(json + used, 'x', text_len);
        used += text_len;
        json[used++] = '"';
    }
    strcpy(json + used, "}}");
    return json;
}

/* --- the part that lasts --- */

struct patching {
    struct csn_id app, customer;
    const char *patch;
    struct csn_profile out;
};

static enum csn_status
run_patch(void *state, struct csn_store *store)
{
    struct patching *p = state;
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    enum csn_status status =
        csn_profile_get(w.sessions, store, p->app, p->customer, &arena, &p->out);
    if (status != CSN_OK || p->patch == NULL)
        return status;
    const struct csn_json_node *patch = NULL;
    assert_ok(csn_json_parse(text(p->patch), &arena, &patch));
    return csn_profile_patch(w.sessions, store, p->app, p->customer, patch, &arena, &p->out,
                             w.now_ms);
}

static enum csn_status
try_patch(struct csn_id customer, const char *patch, struct csn_profile *out)
{
    struct patching p = {.app = w.app.id, .customer = customer, .patch = patch};
    enum csn_status status = world_run(w.store, run_patch, &p);
    if (out != NULL)
        *out = p.out;
    return status;
}

static struct csn_profile
patched(struct csn_id customer, const char *patch)
{
    struct csn_profile out;
    assert_ok(try_patch(customer, patch, &out));
    return out;
}

static void
begins_empty_and_grows_a_version_with_each_change(void **state)
{
    (void)state;
    struct csn_profile profile = patched(alice, NULL);
    assert_int_equal(profile.version, 0);
    assert_null(profile.properties);
    assert_int_equal(patched(alice, "{}").version, 0);
    assert_int_equal(patched(alice, "{\"properties\":{\"plan\":null}}").version, 0);
    w.now_ms += 5;
    profile = patched(alice, "{\"properties\":{\"plan\":\"gold\"}}");
    assert_int_equal(profile.version, 1);
    assert_int_equal(profile.changed_ms, w.now_ms);
    assert_int_equal(patched(alice, "{\"properties\":{\"plan\":\"gold\"}}").version, 1);
    profile = patched(alice, "{\"properties\":{\"age\":7}}");
    assert_int_equal(profile.version, 2);
    assert_int_equal(profile.properties->count, 2);
    profile = patched(alice, NULL);
    assert_int_equal(profile.version, 2);
    assert_true(csn_bytes_equal_text(csn_json_get(profile.properties, "plan")->text, "gold"));
    assert_int_equal(patched(bob, NULL).version, 0);
}

static void
holds_as_many_properties_and_bytes_as_its_limits(void **state)
{
    (void)state;
    assert_ok(try_patch(alice, many(0, CSN_PROPERTIES_MAX, 1), NULL));
    assert_int_equal(try_patch(alice, "{\"properties\":{\"one\":1}}", NULL), CSN_TOO_LARGE);
    assert_ok(try_patch(alice, "{\"properties\":{\"one\":1,\"p000\":null}}", NULL));
    /* {"properties":{...}} and "p000":"...", each: 17 bytes, and 10 a property less one comma. */
    assert_ok(try_patch(bob, many(0, 16, 1012), NULL));
    assert_int_equal(try_patch(bob, many(16, 1, 7), NULL), CSN_TOO_LARGE);
    struct csn_profile now = patched(bob, NULL);
    assert_int_equal(now.properties->count, 16);
    assert_int_equal(now.version, 1);
    assert_ok(try_patch(bob, many(16, 1, 6), NULL));
}

static void
links_the_email_to_a_contact(void **state)
{
    (void)state;
    struct csn_profile first = patched(alice, "{\"email\":\"Ann@Shop.example\"}");
    struct csn_profile second = patched(bob, "{\"email\":\"ann@shop.EXAMPLE\"}");
    assert_true(csn_bytes_equal_text(second.email, "ann@shop.EXAMPLE"));
    assert_id_equal(first.contact, second.contact);
    struct csn_id read;
    assert_true(csn_id_read(csn_id_view(&first.contact), &read));
    assert_id_not_equal(patched(bob, "{\"email\":\"bob@shop.example\"}").contact, first.contact);
    first = patched(alice, "{\"email\":null}");
    assert_true(csn_id_is_none(&first.contact));
}

struct finding {
    const char *email;
    struct csn_id after;
    struct csn_customer_info found[4];
    size_t limit, count;
};

static enum csn_status
run_find(void *state, struct csn_store *store)
{
    struct finding *f = state;
    return csn_profile_find(w.sessions, store, w.app.id, text(f->email), f->after, f->found,
                            f->limit, &f->count);
}

static size_t
found(const char *email)
{
    struct finding f = {.email = email, .limit = 4};
    assert_ok(world_run(w.store, run_find, &f));
    return f.count;
}

static void
finds_customers_by_email(void **state)
{
    (void)state;
    patched(alice, "{\"email\":\"ann@shop.example\"}");
    assert_int_equal(found("ANN@shop.example"), 1);
    patched(bob, "{\"email\":\"ann@shop.example\"}");
    assert_int_equal(found("ann@shop.example"), 2);
    struct finding page = {.email = "ann@shop.example", .limit = 1};
    assert_ok(world_run(w.store, run_find, &page));
    page.after = page.found[0].id;
    struct csn_id first = page.after;
    assert_ok(world_run(w.store, run_find, &page));
    assert_int_equal(page.count, 1);
    assert_id_not_equal(page.found[0].id, first);
    assert_int_equal(found("other@shop.example"), 0);
    assert_int_equal(found("ann"), 0);
    patched(alice, "{\"email\":null}");
    patched(bob, "{\"email\":\"bob@shop.example\"}");
    assert_int_equal(found("ann@shop.example"), 0);
    assert_int_equal(found("bob@shop.example"), 1);
}

static void
knows_nobody_of_another_app(void **state)
{
    (void)state;
    struct csn_profile own = patched(alice, "{\"email\":\"ann@shop.example\"}");
    struct patching strange = {.app = w.other_app.id, .customer = alice};
    assert_int_equal(world_run(w.store, run_patch, &strange), CSN_NOT_FOUND);
    w.app = w.other_app;
    assert_int_equal(found("ann@shop.example"), 0);
    struct csn_id other = world_login_as(&w, "phone", "alice").claims.customer;
    struct csn_profile foreign = patched(other, "{\"email\":\"ann@shop.example\"}");
    assert_id_not_equal(own.contact, foreign.contact);
}

static void
does_not_open_for_another_customer(void **state)
{
    (void)state;
    patched(alice, "{\"properties\":{\"a\":1}}");
    patched(bob, "{\"properties\":{\"b\":2}}");
    world_execute(&w, "UPDATE profiles SET sealed = (SELECT max(sealed) FROM profiles)");
    bool opens_for_alice = try_patch(alice, NULL, NULL) == CSN_OK;
    bool opens_for_bob = try_patch(bob, NULL, NULL) == CSN_OK;
    assert_true(opens_for_alice != opens_for_bob);
}

static void
is_gone_with_the_customers_key(void **state)
{
    (void)state;
    patched(alice, "{\"properties\":{\"a\":1}}");
    world_execute(&w, "UPDATE customers SET key_sealed = zeroblob(72)");
    assert_int_equal(try_patch(alice, NULL, NULL), CSN_CRYPTO);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merges_as_rfc_7396_says),
        cmocka_unit_test(refuses_a_patch_and_names_what_is_wrong),
        TEST(begins_empty_and_grows_a_version_with_each_change),
        TEST(holds_as_many_properties_and_bytes_as_its_limits),
        TEST(links_the_email_to_a_contact),
        TEST(finds_customers_by_email),
        TEST(knows_nobody_of_another_app),
        TEST(does_not_open_for_another_customer),
        TEST(is_gone_with_the_customers_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
