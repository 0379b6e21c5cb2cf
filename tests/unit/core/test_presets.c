/* SPDX-License-Identifier: Apache-2.0
 * Each preset in full against its golden file, and the tokens its system's documents show.
 *
 * test_presets DIR          compares with DIR/<name>.txt
 * test_presets DIR --write  writes them */
#include "world.h"

#include <stdio.h>
#include <string.h>

static const char *folder;

/* The policy, a field a line. */
static void
show(const struct csn_preset *preset, char *text, size_t cap)
{
    static uint8_t memory[65536], json[8192];
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    struct csn_policy policy;
    struct csn_policy_error error;
    struct csn_buffer out = csn_buffer_over(json, sizeof json);
    struct csn_json_writer w = csn_json_writer_over(&out);
    const struct csn_json_node *root = NULL;
    if (csn_policy_parse(csn_bytes_text(preset->json), &arena, &policy, &error) != CSN_OK)
        fail_msg("%s: %s %s", preset->name, error.field, error.sentence);
    csn_policy_write(&policy, &w);
    assert_int_equal(csn_json_parse(csn_buffer_view(&out), &arena, &root), CSN_OK);
    size_t len =
        (size_t)snprintf(text, cap, "%s (%s)\n%s\n\n", preset->name, preset->date, preset->title);
    for (const struct csn_json_node *n = root->first; n != NULL; n = n->next) {
        struct csn_buffer line = csn_buffer_over(json, sizeof json);
        struct csn_json_writer value = csn_json_writer_over(&line);
        csn_json_node(&value, n);
        len += (size_t)snprintf(text + len, cap - len, "%-22.*s%.*s\n", (int)n->name.len,
                                (const char *)n->name.ptr, (int)line.len, (const char *)line.ptr);
    }
}

static void
path_of(const struct csn_preset *preset, char *path, size_t cap)
{
    snprintf(path, cap, "%s/%s.txt", folder, preset->name);
}

static void
equals_its_golden_file(void **state)
{
    (void)state;
    static char want[8192], got[8192], path[4096];
    for (size_t i = 0; i < csn_preset_count(); i++) {
        const struct csn_preset *preset = csn_preset_at(i);
        show(preset, got, sizeof got);
        path_of(preset, path, sizeof path);
        FILE *file = fopen(path, "r");
        if (file == NULL)
            fail_msg("no golden file %s", path);
        size_t len = fread(want, 1, sizeof want - 1, file);
        want[len] = '\0';
        fclose(file);
        assert_string_equal(got, want);
    }
}

static void
is_found_by_its_exact_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < csn_preset_count(); i++) {
        const struct csn_preset *preset = csn_preset_at(i);
        assert_ptr_equal(csn_preset_find(csn_bytes_text(preset->name)), preset);
        assert_int_equal(strlen(preset->date), 10);
    }
    assert_int_equal(csn_preset_count(), 11);
    assert_null(csn_preset_at(csn_preset_count()));
    assert_null(csn_preset_find(csn_bytes_text("Alchemer")));
    assert_null(csn_preset_find((struct csn_bytes){0}));
}

struct row {
    const char *when, *payload;
    enum csn_reason reason;
};

/* `policy` is the preset with what only an app knows; `algorithm` an HMAC. */
static void
judge_rows(const char *policy, enum csn_algorithm algorithm, const char *header,
           const struct row *rows, size_t count)
{
    struct world *w = world_open(policy);
    struct world_key hmac = hs256_key;
    hmac.algorithm = algorithm;
    size_t key = world_add_key(w, hmac);
    w->presented.expected_nonce = csn_bytes_text("n-1");
    w->presented.nonce_check = CSN_NONCE_EQUAL;
    for (size_t i = 0; i < count; i++) {
        world_sign(w, key, header, rows[i].payload);
        world_expect(w, rows[i].when, rows[i].reason);
    }
    world_close(w);
}
#define JUDGE(policy, algorithm, header, rows)                                                     \
    judge_rows(policy, algorithm, header, rows, sizeof(rows) / sizeof *(rows))
#define OK CSN_REASON_ACCEPTED

static void
alchemer_takes_sub_and_iat_and_ends_after_30_days(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"with exp", "{\"iat\":1767311995,\"exp\":1767315600,\"sub\":\"user123121\"}", OK},
        {"without exp", "{\"iat\":1767311995,\"sub\":\"user123121\"}", OK},
        {"30 days", "{\"iat\":1767312000,\"exp\":1769904000,\"sub\":\"u\"}", OK},
        {"a second more", "{\"iat\":1767312000,\"exp\":1769904001,\"sub\":\"u\"}",
         CSN_REASON_LIFETIME_TOO_LONG},
        {"30 days old", "{\"iat\":1764719940,\"sub\":\"u\"}", CSN_REASON_EXPIRED},
        {"no iat", "{\"exp\":1767315600,\"sub\":\"u\"}", CSN_REASON_CLAIM_MISSING},
        {"no sub", "{\"iat\":1767311995}", CSN_REASON_CLAIM_MISSING},
        {"milliseconds", "{\"iat\":1767311995000,\"sub\":\"u\"}", CSN_REASON_TIME_IN_MILLISECONDS},
    };
    JUDGE("{\"preset\":\"alchemer\"}", CSN_HS512, "{\"alg\":\"HS512\"}", rows);
    static const struct row other[] = {
        {"HS256", "{\"iat\":1767311995,\"sub\":\"u\"}", CSN_REASON_ALGORITHM_NOT_ALLOWED}};
    JUDGE("{\"preset\":\"alchemer\"}", CSN_HS256, "{\"alg\":\"HS256\"}", other);
}

static void
kustomer_takes_email_before_external_id_within_15_minutes(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"email", "{\"email\":\"a@b.c\",\"iat\":1767312000}", OK},
        {"externalId", "{\"externalId\":\"e\",\"iat\":1767312000}", OK},
        {"both", "{\"externalId\":\"e\",\"email\":\"a@b.c\",\"iat\":1767312000}", OK},
        {"neither", "{\"sub\":\"e\",\"iat\":1767312000}", CSN_REASON_IDENTITY_MISSING},
        {"misspelled", "{\"externalID\":\"e\",\"iat\":1767312000}", CSN_REASON_IDENTITY_MISSING},
        {"16 minutes old", "{\"externalId\":\"e\",\"iat\":1767311040}", OK},
        {"older", "{\"externalId\":\"e\",\"iat\":1767311039}", CSN_REASON_ISSUED_TOO_LONG_AGO},
        {"the placeholder", "{\"externalId\":\"e\",\"iat\":\"CURRENT_TIME_UTC\"}",
         CSN_REASON_CLAIM_INVALID},
        {"no iat", "{\"externalId\":\"e\"}", CSN_REASON_CLAIM_MISSING},
    };
    JUDGE("{\"preset\":\"kustomer\"}", CSN_HS256, HEADER, rows);
    static const struct row untyped[] = {
        {"no typ", "{\"externalId\":\"e\",\"iat\":1767312000}", CSN_REASON_TYPE_MISMATCH}};
    JUDGE("{\"preset\":\"kustomer\"}", CSN_HS256, "{\"alg\":\"HS256\"}", untyped);
}

static void
appcues_takes_the_accounts_tokens_for_15_minutes_or_more(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"15 minutes", "{\"iss\":\"42\",\"sub\":\"u\",\"exp\":1767312900}", OK},
        {"an hour", "{\"iss\":\"42\",\"sub\":\"u\",\"exp\":1767315600}", OK},
        {"another account", "{\"iss\":\"43\",\"sub\":\"u\",\"exp\":1767312900}",
         CSN_REASON_ISSUER_MISMATCH},
        {"no end", "{\"iss\":\"42\",\"sub\":\"u\"}", CSN_REASON_CLAIM_MISSING},
        {"a year", "{\"iss\":\"42\",\"sub\":\"u\",\"exp\":1798848000}",
         CSN_REASON_LIFETIME_TOO_LONG},
    };
    JUDGE("{\"preset\":\"appcues\",\"issuer\":\"42\"}", CSN_HS256, "{\"alg\":\"HS256\"}", rows);
}

#define COMAPI "\"iss\":\"https://i\",\"aud\":\"https://a\",\"sub\":\"u\","
static void
dotdigital_takes_seconds_fractions_and_milliseconds(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"seconds", "{" COMAPI "\"nonce\":\"n-1\",\"iat\":1767312000,\"exp\":1769904000}", OK},
        {"fractions", "{" COMAPI "\"nonce\":\"n-1\",\"iat\":1767312000.123,\"exp\":1769904000.123}",
         OK},
        {"exponents", "{" COMAPI "\"nonce\":\"n-1\",\"iat\":1.767312e9,\"exp\":1.769904E9}", OK},
        {"milliseconds",
         "{" COMAPI "\"nonce\":\"n-1\",\"iat\":1767312000123,\"exp\":1769904000125}", OK},
        {"30 days and an hour",
         "{" COMAPI "\"nonce\":\"n-1\",\"iat\":1767312000,\"exp\":1769907600}", OK},
        {"another nonce", "{" COMAPI "\"nonce\":\"n-2\",\"iat\":1767312000,\"exp\":1769904000}",
         CSN_REASON_NONCE_UNKNOWN},
        {"no nonce", "{" COMAPI "\"iat\":1767312000,\"exp\":1769904000}", CSN_REASON_NONCE_MISSING},
        {"no iat", "{" COMAPI "\"nonce\":\"n-1\",\"exp\":1769904000}", CSN_REASON_CLAIM_MISSING},
    };
    JUDGE("{\"preset\":\"dotdigital\",\"issuer\":\"https://i\",\"audience\":\"https://a\"}",
          CSN_HS256, HEADER, rows);
}

static void
zendesk_takes_users_alone(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"a user", "{\"external_id\":\"e\",\"scope\":\"user\"}", CSN_REASON_ACCEPTED},
        {"an agent", "{\"external_id\":\"e\",\"scope\":\"agent\"}", CSN_REASON_CLAIM_INVALID},
        {"no scope", "{\"external_id\":\"e\"}", CSN_REASON_CLAIM_MISSING},
    };
    JUDGE("{\"preset\":\"zendesk\"}", CSN_HS256, "{\"alg\":\"HS256\",\"kid\":\"app_1\"}", rows);
    static const struct row unnamed[] = {
        {"no kid", "{\"external_id\":\"e\",\"scope\":\"user\"}", CSN_REASON_KEY_UNKNOWN}};
    JUDGE("{\"preset\":\"zendesk\"}", CSN_HS256, HEADER, unnamed);
}

static void
onesignal_takes_sub_or_the_nested_external_id(void **state)
{
    (void)state;
    struct world *w = world_open("{\"preset\":\"onesignal\",\"issuer\":\"app\"}");
    size_t key = world_add_key(w, es256_key);
    static const char *const payloads[] = {
        "{\"iss\":\"app\",\"exp\":1767312900,\"identity\":{\"external_id\":\"u\"}}",
        "{\"iss\":\"app\",\"exp\":1767312900,\"sub\":\"u\"}",
    };
    for (size_t i = 0; i < 2; i++) {
        world_sign(w, key, "{\"alg\":\"ES256\"}", payloads[i]);
        world_expect(w, payloads[i], CSN_REASON_ACCEPTED);
        assert_bytes_are(w->verdict.identity, "u");
    }
    world_close(w);
}

static int
write_golden_files(void)
{
    static char text[8192], path[4096];
    for (size_t i = 0; i < csn_preset_count(); i++) {
        show(csn_preset_at(i), text, sizeof text);
        path_of(csn_preset_at(i), path, sizeof path);
        FILE *file = fopen(path, "w");
        if (file == NULL || fputs(text, file) == EOF || fclose(file) != 0)
            return 1;
    }
    return 0;
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_its_golden_file),
        cmocka_unit_test(is_found_by_its_exact_name),
        cmocka_unit_test(alchemer_takes_sub_and_iat_and_ends_after_30_days),
        cmocka_unit_test(kustomer_takes_email_before_external_id_within_15_minutes),
        cmocka_unit_test(appcues_takes_the_accounts_tokens_for_15_minutes_or_more),
        cmocka_unit_test(dotdigital_takes_seconds_fractions_and_milliseconds),
        cmocka_unit_test(zendesk_takes_users_alone),
        cmocka_unit_test(onesignal_takes_sub_or_the_nested_external_id),
    };
    if (argc < 2)
        return 2;
    folder = argv[1];
    if (argc == 3 && strcmp(argv[2], "--write") == 0)
        return write_golden_files();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
