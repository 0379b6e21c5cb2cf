/* Keys: what makes one, and what refuses one.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/store/sqlite.h"
#include "tests/unit/server/registry_world.h"

#define SECRET "an honest secret of thirty-two b"

/* --- making --- */

static void
a_secret_verifies_and_is_not_shown_again(void **state)
{
    struct registry_world *w = *state;
    uint8_t memory[1024];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_id app = rw_app(w, NULL);
    struct csn_id key = rw_secret(w, app, SECRET);
    assert_int_equal(rw_judge(w, app, rw_token(SECRET, NULL, &out)), CSN_REASON_ACCEPTED);
    struct csn_key_info info = rw_key_look(w, app, key);
    assert_null(info.public_text.ptr);
    assert_int_equal(info.encoding, CSN_ENCODING_UTF8);
    assert_int_equal(strncmp(info.fingerprint, "hmac:", 5), 0);
    assert_int_equal(info.warning, CSN_KEY_PROBLEM_NONE);
    assert_int_equal(info.state, CSN_KEY_ACTIVE);
}

static void
the_database_holds_no_material_in_clear(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    rw_secret(w, app, SECRET);
    sqlite3_stmt *rows = NULL;
    assert_int_equal(sqlite3_prepare_v2(w->store->db, "SELECT material FROM keys", -1, &rows, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
    const char *blob = sqlite3_column_blob(rows, 0);
    size_t len = (size_t)sqlite3_column_bytes(rows, 0);
    for (size_t i = 0; i + 8 <= len; i++)
        assert_memory_not_equal(blob + i, SECRET, 8);
    sqlite3_finalize(rows);
}

static void
a_blob_moved_to_another_row_does_not_open(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    rw_secret(w, app, SECRET);
    struct csn_id key = rw_secret(w, app, "another secret of thirty-two byt");
    assert_int_equal(sqlite3_exec(w->store->db,
                                  "UPDATE keys SET material = (SELECT material FROM keys"
                                  " ORDER BY number LIMIT 1)",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(rw_key_move(w, app, key, CSN_KEY_RETIRING, false), CSN_CRYPTO);
}

static void
a_declared_encoding_decides_the_bytes(void **state)
{
    struct registry_world *w = *state;
    uint8_t memory[1024];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_id app = rw_app(w, NULL);
    /* hex of SECRET */
    char hex[2 * sizeof SECRET];
    for (size_t i = 0; i < sizeof SECRET - 1; i++)
        snprintf(hex + 2 * i, 3, "%02x", (unsigned)(uint8_t)SECRET[i]);
    struct csn_key_request with = {.source = CSN_SOURCE_SECRET,
                                   .algorithm = CSN_HS256,
                                   .text = rw_text(hex),
                                   .encoding = CSN_ENCODING_HEX};
    struct csn_key_made made;
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_OK);
    assert_int_equal(rw_judge(w, app, rw_token(SECRET, NULL, &out)), CSN_REASON_ACCEPTED);
    assert_int_equal(rw_judge(w, app, rw_token(hex, NULL, &out)), CSN_REASON_SIGNATURE_INVALID);
    rw_restart(w);
    assert_int_equal(rw_judge(w, app, rw_token(SECRET, NULL, &out)), CSN_REASON_ACCEPTED);
}

static void
says_what_is_wrong_with_material(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    const struct {
        struct csn_key_request with;
        enum csn_key_problem due;
        const char *field;
    } cases[] = {
        {{.source = CSN_SOURCE_SECRET, .text = rw_text("fifteen bytes!!")},
         CSN_KEY_TOO_SHORT,
         "secret"},
        {{.source = CSN_SOURCE_SECRET, .text = rw_text("zz"), .encoding = CSN_ENCODING_HEX},
         CSN_KEY_MALFORMED,
         "secret"},
        {{.source = CSN_SOURCE_SECRET, .algorithm = CSN_RS256, .text = rw_text(SECRET)},
         CSN_KEY_ALGORITHM_CONFLICT,
         "algorithm"},
        {{.source = CSN_SOURCE_PEM, .algorithm = CSN_RS256, .text = rw_text(SECRET)},
         CSN_KEY_MALFORMED,
         "pem"},
        {{.source = CSN_SOURCE_JWK, .text = rw_text("{}")}, CSN_KEY_MALFORMED, "jwk"},
        {{.source = CSN_SOURCE_JWK, .text = rw_text("{\"kty\":\"oct\",\"alg\":\"HS256\"}")},
         CSN_KEY_MALFORMED,
         "jwk"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct csn_key_made made;
        assert_int_equal(rw_key_make(w, app, &cases[i].with, &made), CSN_INVALID);
        assert_int_equal(w->m.refusal.key_problem, cases[i].due);
        assert_string_equal(w->m.refusal.field, cases[i].field);
        assert_true(w->m.refusal.detail[0] != '\0');
        assert_null(strstr(w->m.refusal.detail, "fifteen"));
    }
}

static void
a_secret_needs_no_algorithm_where_the_policy_has_one(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, "alchemer");
    struct csn_key_request with = {.source = CSN_SOURCE_SECRET, .text = rw_text(SECRET)};
    struct csn_key_made made;
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_OK);
    assert_int_equal(made.info.algorithm, CSN_HS512);
    assert_int_equal(made.info.warning, CSN_KEY_SHORT_FOR_HASH);
    app = rw_app(w, "moengage");
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_INVALID);
    assert_int_equal(w->m.refusal.key_problem, CSN_KEY_ALGORITHM_UNSET);
}

static void
generates_for_every_algorithm_and_keeps_only_what_verifies(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    for (enum csn_algorithm a = CSN_HS256; a < CSN_ALGORITHM_COUNT; a++) {
        bool secret = csn_algorithm_family(a) == CSN_FAMILY_HMAC;
        char kid[16];
        snprintf(kid, sizeof kid, "key-%d", (int)a);
        struct csn_key_request with = {
            .source = CSN_SOURCE_GENERATED, .algorithm = a, .has_kid = true, .kid = rw_text(kid)};
        struct csn_key_made made;
        assert_int_equal(rw_key_make(w, app, &with, &made), CSN_OK);
        assert_int_equal(made.secret_text.len > 0, secret);
        assert_int_equal(made.private_pem.len > 0, !secret);
        assert_int_equal(made.public_jwk.len > 0, !secret);
        if (secret)
            continue;
        /* The private key that was shown belongs to the public one that was kept. */
        char pem[16384];
        snprintf(pem, sizeof pem, "%.*s", (int)made.private_pem.len,
                 (const char *)made.private_pem.ptr);
        struct csn_signer *signer = NULL;
        struct csn_key_report report;
        assert_int_equal(csn_signer_from_pem(a, rw_text(pem), &signer, &report), CSN_OK);
        assert_string_equal(report.fingerprint, made.info.fingerprint);
        csn_signer_free(signer);
        struct csn_key_info info = rw_key_look(w, app, made.info.id);
        assert_true(csn_bytes_starts_with(info.public_text, rw_text("-----BEGIN PUBLIC KEY")));
    }
    assert_int_equal(csn_registry_counts(w->registry).apps, 1);
    rw_restart(w);
}

static void
imports_a_public_pem_and_a_jwk_with_its_kid(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    uint8_t private_memory[8192], public_memory[2048], jwk_memory[2048];
    struct csn_buffer private_pem = csn_buffer_over(private_memory, sizeof private_memory);
    struct csn_buffer pem = csn_buffer_over(public_memory, sizeof public_memory);
    struct csn_buffer jwk = csn_buffer_over(jwk_memory, sizeof jwk_memory);
    assert_int_equal(csn_key_generate(CSN_ES256, 0, rw_text("from-jwk"), &private_pem, &pem, &jwk),
                     CSN_OK);
    struct csn_key_made made;
    struct csn_key_request with = {.source = CSN_SOURCE_JWK, .text = csn_buffer_view(&jwk)};
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_OK);
    assert_true(csn_bytes_equal_text(made.info.kid, "from-jwk"));
    assert_int_equal(made.info.algorithm, CSN_ES256);
    struct csn_id first = made.info.id;
    /* The same material in another coat is the same key. */
    with = (struct csn_key_request){.source = CSN_SOURCE_PEM, .text = csn_buffer_view(&pem)};
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_CONFLICT);
    assert_non_null(strstr(w->m.refusal.detail, first.text));
    assert_int_equal(rw_key_move(w, app, first, CSN_KEY_RETIRING, true), CSN_OK);
    assert_int_equal(rw_key_move(w, app, first, CSN_KEY_RETIRED, true), CSN_OK);
    assert_int_equal(RW(w, csn_management_key_delete(&w->m, app, first, false)), CSN_OK);
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_OK);
    assert_false(made.info.has_kid);
    /* A private key where a public one is due. */
    with.text = csn_buffer_view(&private_pem);
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_INVALID);
    assert_int_equal(w->m.refusal.key_problem, CSN_KEY_PRIVATE_MATERIAL);
}

static void
a_kid_and_a_piece_of_material_occur_once_in_an_app(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    struct csn_key_made made;
    struct csn_key_request with = {.source = CSN_SOURCE_SECRET,
                                   .algorithm = CSN_HS256,
                                   .text = rw_text(SECRET),
                                   .has_kid = true,
                                   .kid = rw_text("one")};
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_OK);
    with.kid = rw_text("two");
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_CONFLICT);
    assert_string_equal(w->m.refusal.field, "secret");
    with.algorithm = CSN_HS384; /* the same bytes under another algorithm are the same key */
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_CONFLICT);
    with.text = rw_text("another secret of thirty-two byt");
    with.kid = rw_text("one");
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_CONFLICT);
    assert_string_equal(w->m.refusal.field, "kid");
    with.kid = rw_text("One"); /* exact match: this is another kid */
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_OK);
    struct csn_id other = rw_app(w, NULL);
    with.kid = rw_text("one");
    assert_int_equal(rw_key_make(w, other, &with, &made), CSN_OK);
}

static void
a_kid_is_one_to_256_bytes_that_can_be_shown(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    struct csn_key_made made;
    char longest[CSN_KID_MAX + 1];
    memset(longest, 'k', sizeof longest);
    struct csn_key_request with = {
        .source = CSN_SOURCE_GENERATED, .algorithm = CSN_HS256, .has_kid = true};
    const struct {
        struct csn_bytes kid;
        enum csn_status due;
    } cases[] = {
        {{0}, CSN_INVALID},
        {csn_bytes_of(longest, CSN_KID_MAX), CSN_OK},
        {csn_bytes_of(longest, CSN_KID_MAX + 1), CSN_INVALID},
        {csn_bytes_of("a\0b", 3), CSN_INVALID},
        {rw_text("a\nb"), CSN_INVALID},
        {rw_text("\xc3"), CSN_INVALID},
        {rw_text("\xc3\xa9 e"), CSN_OK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        with.kid = cases[i].kid;
        assert_int_equal(rw_key_make(w, app, &with, &made), cases[i].due);
    }
}

static void
an_app_holds_so_many_keys_and_no_more(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    struct csn_key_made made;
    struct csn_key_request with = {
        .source = CSN_SOURCE_GENERATED, .algorithm = CSN_HS256, .state = CSN_KEY_STANDBY};
    for (size_t i = 0; i < CSN_KEYS_PER_APP_MAX; i++)
        assert_int_equal(rw_key_make(w, app, &with, &made), CSN_OK);
    assert_int_equal(made.info.state, CSN_KEY_STANDBY);
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_CONFLICT);
    assert_null(made.secret_text.ptr);
    const struct csn_key_info *list;
    size_t count = 0;
    assert_int_equal(RW(w, csn_management_key_list(&w->m, app, &list, &count, w->now_ms)), CSN_OK);
    assert_int_equal(count, CSN_KEYS_PER_APP_MAX);
    for (size_t i = 1; i < count; i++)
        assert_true(list[i - 1].number < list[i].number);
}

static void
a_token_without_kid_never_has_more_than_eight_keys_to_try(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    struct csn_key_made made;
    struct csn_key_request with = {.source = CSN_SOURCE_GENERATED, .algorithm = CSN_HS256};
    for (size_t i = 0; i < CSN_KEYS_TRIED_MAX; i++)
        assert_int_equal(rw_key_make(w, app, &with, &made), CSN_OK);
    struct csn_id last = made.info.id;
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_CONFLICT);
    assert_string_equal(w->m.refusal.field, "kid");
    with.algorithm = CSN_HS512; /* another algorithm, another row of keys to try */
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_OK);
    with.algorithm = CSN_HS256;
    with.state = CSN_KEY_STANDBY;
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_OK);
    assert_int_equal(rw_key_move(w, app, made.info.id, CSN_KEY_ACTIVE, false), CSN_CONFLICT);
    assert_int_equal(rw_key_move(w, app, last, CSN_KEY_RETIRING, false), CSN_OK);
    assert_int_equal(rw_key_move(w, app, made.info.id, CSN_KEY_ACTIVE, false), CSN_CONFLICT);
    assert_int_equal(rw_key_move(w, app, last, CSN_KEY_RETIRED, false), CSN_OK);
    assert_int_equal(rw_key_move(w, app, made.info.id, CSN_KEY_ACTIVE, false), CSN_OK);
}

static void
refuses_a_request_that_makes_no_sense(void **state)
{
    struct registry_world *w = *state;
    struct csn_id app = rw_app(w, NULL);
    struct csn_key_made made;
    struct csn_key_request good = {
        .source = CSN_SOURCE_SECRET, .algorithm = CSN_HS256, .text = rw_text(SECRET)};
    struct csn_key_request with = good;
    with.source = CSN_SOURCE_UNSET;
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_INVALID);
    with.source = CSN_SOURCE_JWKS_URL;
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_INVALID);
    assert_string_equal(w->m.refusal.field, "source");
    with = good;
    with.text = (struct csn_bytes){0};
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_INVALID);
    with = good;
    with.state = CSN_KEY_RETIRED;
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_INVALID);
    assert_string_equal(w->m.refusal.field, "state");
    with = good;
    with.expires_ms = w->now_ms;
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_INVALID);
    with = (struct csn_key_request){
        .source = CSN_SOURCE_GENERATED, .algorithm = CSN_RS256, .rsa_bits = 1024};
    assert_int_equal(rw_key_make(w, app, &with, &made), CSN_INVALID);
    assert_string_equal(w->m.refusal.field, "rsa_bits");
}

static void
sources_have_names_both_ways(void **state)
{
    (void)state;
    for (enum csn_key_source s = CSN_SOURCE_SECRET; s <= CSN_SOURCE_GENERATED; s++)
        assert_int_equal(csn_key_source_from_name(rw_text(csn_key_source_name(s))), s);
    assert_int_equal(csn_key_source_from_name(rw_text("unset")), CSN_SOURCE_UNSET);
    assert_string_equal(csn_key_source_name((enum csn_key_source)77), "unset");
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, rw_setup, rw_teardown)
    const struct CMUnitTest tests[] = {
        SENTENCE(a_secret_verifies_and_is_not_shown_again),
        SENTENCE(the_database_holds_no_material_in_clear),
        SENTENCE(a_blob_moved_to_another_row_does_not_open),
        SENTENCE(a_declared_encoding_decides_the_bytes),
        SENTENCE(says_what_is_wrong_with_material),
        SENTENCE(a_secret_needs_no_algorithm_where_the_policy_has_one),
        SENTENCE(generates_for_every_algorithm_and_keeps_only_what_verifies),
        SENTENCE(imports_a_public_pem_and_a_jwk_with_its_kid),
        SENTENCE(a_kid_and_a_piece_of_material_occur_once_in_an_app),
        SENTENCE(a_kid_is_one_to_256_bytes_that_can_be_shown),
        SENTENCE(an_app_holds_so_many_keys_and_no_more),
        SENTENCE(a_token_without_kid_never_has_more_than_eight_keys_to_try),
        SENTENCE(refuses_a_request_that_makes_no_sense),
        SENTENCE(sources_have_names_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
