/* Diagnosis beside what login says of the same token: challenges, revocation, what was pasted.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "one_world.h"

static const char *app, *base;

static int
open_with(const char *members, const char *algorithm)
{
    world_setup(NULL);
    app = strdup(world_app(w, w->admin, members, algorithm));
    base = strdup(world_format(w, "/api/v1/apps/%s/", app));
    return 0;
}

static int
open_dotdigital(void **state)
{
    (void)state;
    return open_with("\"preset\":\"dotdigital\",\"policy\":{\"preset\":\"dotdigital\",\"issuer\":"
                     "\"i\",\"audience\":\"a\"}",
                     "HS256");
}

static int
open_generic(void **state)
{
    (void)state;
    return open_with("\"preset\":\"generic\"", "HS256");
}

static int
open_alchemer(void **state)
{
    (void)state;
    return open_with("\"preset\":\"alchemer\"", "HS512");
}

static int
teardown(void **state)
{
    free((void *)app);
    free((void *)base);
    return world_teardown(state);
}

/* --- what is asked --- */

static const char *
challenge(const char *device)
{
    assert_int_equal(world_post(w, NULL, world_format(w, "/sdk/v1/apps/%s/challenge", app),
                                world_format(w, "{\"device\":{\"id\":\"%s\"}}", device)),
                     201);
    return world_text(w, "nonce");
}

static const char *
token_with(const char *nonce)
{
    long long now_s = w->now_ms / 1000;
    return strdup(world_token(w, CSN_HS256, SECRET,
                              world_format(w,
                                           "{\"iss\":\"i\",\"aud\":\"a\",\"sub\":\"alice\","
                                           "\"nonce\":\"%s\",\"iat\":%lld,\"exp\":%lld}",
                                           nonce, now_s, now_s + 600)));
}

static void
diagnose(const char *token, const char *members)
{
    assert_int_equal(world_post(w, w->admin, world_format(w, "%sdiagnose", base),
                                world_format(w, "{\"token\":\"%s\"%s}", token, members)),
                     200);
}

#define SAYS(reason, finding)                                                                      \
    do {                                                                                           \
        assert_string_equal(world_text(w, "verdict.reason"), (reason));                            \
        assert_string_equal(world_text(w, "findings.0.code"), (finding));                          \
    } while (0)

/* --- challenges --- */

static void
accepts_a_fresh_token_and_leaves_its_nonce_for_the_login(void **state)
{
    (void)state;
    const char *nonce = challenge("device-1");
    const char *token = token_with(nonce);
    for (int i = 0; i < 2; i++) {
        diagnose(token, "");
        SAYS("accepted", "accepted");
    }
    diagnose(token, world_format(w, ",\"nonce\":\"%s\",\"device\":\"device-1\"", nonce));
    SAYS("accepted", "accepted");
    assert_non_null(world_login(w, app, "device-1", token));
    free((void *)token);
}

static void
says_that_a_nonce_was_used(void **state)
{
    (void)state;
    const char *nonce = challenge("device-1");
    const char *token = token_with(nonce);
    assert_non_null(world_login(w, app, "device-1", token));
    assert_null(world_login(w, app, "device-1", token));
    PROBLEM_IS(w, "nonce_used");
    diagnose(token, "");
    SAYS("nonce_used", "nonce_earlier");
    diagnose(token, world_format(w, ",\"nonce\":\"%s\"", nonce));
    SAYS("nonce_used", "nonce_earlier");
    free((void *)token);
}

static void
says_that_a_challenge_has_expired(void **state)
{
    (void)state;
    const char *nonce = strdup(challenge("device-1"));
    w->now_ms += 3600 * 1000;
    const char *token = token_with(nonce);
    assert_null(world_login(w, app, "device-1", token));
    PROBLEM_IS(w, "nonce_expired");
    diagnose(token, "");
    SAYS("nonce_expired", "nonce_earlier");
    free((void *)nonce);
    free((void *)token);
}

static void
says_that_the_nonce_is_of_an_earlier_challenge(void **state)
{
    (void)state;
    const char *earlier = strdup(challenge("device-1"));
    const char *latest = challenge("device-1");
    const char *token = token_with(earlier);
    diagnose(token, world_format(w, ",\"nonce\":\"%s\"", latest));
    SAYS("nonce_unknown", "nonce_earlier");
    free((void *)earlier);
    free((void *)token);
}

static void
says_that_the_nonce_is_another_devices(void **state)
{
    (void)state;
    const char *token = token_with(challenge("device-2"));
    assert_null(world_login(w, app, "device-1", token));
    PROBLEM_IS(w, "nonce_unknown");
    diagnose(token, ",\"device\":\"device-1\"");
    SAYS("nonce_unknown", "nonce_other_device");
    diagnose(token, ",\"device\":\"device-2\"");
    SAYS("accepted", "accepted");
    free((void *)token);
}

static void
recognises_a_nonce_that_was_encoded_once_more(void **state)
{
    (void)state;
    const char *nonce = challenge("device-1");
    char encoded[64];
    struct csn_buffer text = csn_buffer_over(encoded, sizeof encoded);
    csn_base64url_append(&text, csn_bytes_text(nonce));
    const char *token = token_with(csn_buffer_terminate(&text));
    diagnose(token, "");
    SAYS("nonce_unknown", "nonce_encoded");
    free((void *)token);
}

static void
recognises_a_nonce_with_something_left_around_it(void **state)
{
    (void)state;
    static const char *const WAYS[] = {"\\\"%s\\\"", "'%s'", "%s ", "  %s", "%s="};
    const char *nonce = strdup(challenge("device-1"));
    for (size_t i = 0; i < sizeof WAYS / sizeof WAYS[0]; i++) {
        const char *token = token_with(world_format(w, WAYS[i], nonce));
        diagnose(token, "");
        SAYS("nonce_unknown", "nonce_encoded");
        free((void *)token);
    }
    free((void *)nonce);
}

/* The store knows hashes alone, so another case cannot be found: then nothing untrue is said. */
static void
claims_no_ignorance_of_challenges_when_a_nonce_was_folded(void **state)
{
    (void)state;
    char folded[128];
    const char *nonce = strdup(challenge("device-1"));
    size_t len = strlen(nonce);
    assert_true(len < sizeof folded);
    for (size_t i = 0; i <= len; i++)
        folded[i] = (char)(nonce[i] >= 'A' && nonce[i] <= 'Z' ? nonce[i] - 'A' + 'a' : nonce[i]);
    const char *token = token_with(folded);
    diagnose(token, "");
    SAYS("nonce_unknown", "nonce_unknown");
    assert_null(strstr(world_text(w, "findings.0.seen"), "No challenge of this app"));
    assert_non_null(strstr(world_text(w, "findings.0.fix"), "Diagnose again"));
    diagnose(token, world_format(w, ",\"nonce\":\"%s\"", nonce));
    SAYS("nonce_unknown", "nonce_encoded");
    free((void *)token);
    free((void *)nonce);
}

static void
says_that_a_nonce_was_never_given_out_here(void **state)
{
    (void)state;
    const char *made_up = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    const char *token = token_with(made_up);
    diagnose(token, "");
    SAYS("nonce_unknown", "nonce_unknown");
    diagnose(token, world_format(w, ",\"nonce\":\"%s\"", made_up));
    SAYS("nonce_unknown", "nonce_unknown");
    free((void *)token);
}

static void
knows_the_nonce_of_a_token_that_arrived_wrapped_up(void **state)
{
    (void)state;
    const char *token = token_with(challenge("device-1"));
    diagnose(world_format(w, "Bearer %s", token), "");
    SAYS("malformed", "bearer_prefix");
    assert_int_equal(world_node(w, "findings")->count, 1);
    free((void *)token);
}

static void
knows_no_challenge_of_another_app(void **state)
{
    (void)state;
    const char *token = token_with(challenge("device-1"));
    const char *other = world_app(w, w->admin,
                                  "\"policy\":{\"preset\":\"dotdigital\",\"issuer\":\"i\","
                                  "\"audience\":\"a\"}",
                                  "HS256");
    assert_int_equal(world_post(w, w->admin, world_format(w, "/api/v1/apps/%s/diagnose", other),
                                world_format(w, "{\"token\":\"%s\"}", token)),
                     200);
    SAYS("nonce_unknown", "nonce_unknown");
    free((void *)token);
}

/* --- revocation --- */

static const char *
alchemer_token(void)
{
    long long now_s = w->now_ms / 1000;
    return strdup(world_token(
        w, CSN_HS512, SECRET,
        world_format(w, "{\"sub\":\"alice\",\"iat\":%lld,\"exp\":%lld}", now_s, now_s + 600)));
}

static void
says_that_the_token_was_revoked_by_a_logout(void **state)
{
    (void)state;
    const char *token = alchemer_token();
    diagnose(token, "");
    SAYS("accepted", "accepted");
    const char *session = world_login(w, app, "device-1", token);
    assert_non_null(session);
    struct ask out = {.method = CSN_DELETE,
                      .target = world_format(w, "/sdk/v1/apps/%s/sessions/current", app),
                      .bearer = token};
    assert_int_equal(world_ask(w, &out), 204);
    assert_null(world_login(w, app, "device-1", token));
    PROBLEM_IS(w, "revoked");
    diagnose(token, "");
    SAYS("revoked", "revoked");
    free((void *)token);
}

static void
says_that_all_of_the_customer_was_revoked(void **state)
{
    (void)state;
    const char *token = alchemer_token();
    assert_non_null(world_login(w, app, "device-1", token));
    const char *customer = world_text(w, "customer.id");
    w->now_ms += 2000;
    assert_int_equal(
        world_post(w, w->admin, world_format(w, "%scustomers/%s/revoke", base, customer), NULL),
        204);
    diagnose(token, "");
    SAYS("revoked", "revoked");
    w->now_ms += 2000;
    const char *fresh = alchemer_token();
    diagnose(fresh, "");
    SAYS("accepted", "accepted");
    free((void *)token);
    free((void *)fresh);
}

static void
says_that_a_token_without_iat_counts_as_early_as_it_can(void **state)
{
    (void)state;
    const char *customer = NULL;
    for (int login = 0; login < 2; login++) {
        long long now_s = w->now_ms / 1000;
        const char *token =
            strdup(world_token(w, CSN_HS256, SECRET,
                               world_format(w, "{\"sub\":\"alice\",\"exp\":%lld}", now_s + 600)));
        if (login == 0) {
            assert_non_null(world_login(w, app, "device-1", token));
            customer = world_text(w, "customer.id");
            assert_int_equal(world_post(w, w->admin,
                                        world_format(w, "%scustomers/%s/revoke", base, customer),
                                        NULL),
                             204);
        }
        diagnose(token, "");
        SAYS("revoked", "revoked");
        assert_non_null(strstr(world_text(w, "findings.0.why"), "1 h before exp"));
        assert_non_null(strstr(world_text(w, "findings.0.fix"), "iat: Math.floor"));
        free((void *)token);
        w->now_ms += 2000;
    }
}

/* --- what was pasted, and who asks --- */

static void
says_that_there_is_no_token(void **state)
{
    (void)state;
    diagnose("", "");
    SAYS("missing", "token_missing");
    diagnose("  ", "");
    assert_string_equal(world_text(w, "findings.0.code"), "token_missing");
}

static void
finds_a_token_signed_with_the_whole_api_key(void **state)
{
    (void)state;
    long long now_s = w->now_ms / 1000;
    const char *token = world_token(
        w, CSN_HS512, w->admin,
        world_format(w, "{\"sub\":\"alice\",\"iat\":%lld,\"exp\":%lld}", now_s, now_s + 600));
    diagnose(token, "");
    SAYS("signature_invalid", "secret_is_api_credential");
    assert_null(strstr(w->body, strchr(w->admin, '.')));
}

static void
finds_a_token_signed_with_the_api_key_joined_as_for_basic(void **state)
{
    (void)state;
    long long now_s = w->now_ms / 1000;
    char *secret = strdup(w->admin);
    *strchr(secret, '.') = ':';
    const char *token = world_token(
        w, CSN_HS512, secret,
        world_format(w, "{\"sub\":\"alice\",\"iat\":%lld,\"exp\":%lld}", now_s, now_s + 600));
    diagnose(token, "");
    SAYS("signature_invalid", "secret_is_api_credential");
    assert_null(strstr(w->body, strchr(secret, ':')));
    free(secret);
}

static void
recognises_its_own_session_token(void **state)
{
    (void)state;
    const char *token = alchemer_token();
    const char *login = world_login(w, app, "device-1", token);
    assert_non_null(login);
    char *session = strdup(login);
    diagnose(session, "");
    assert_string_equal(world_text(w, "findings.0.code"), "session_token");
    assert_int_equal(world_node(w, "findings")->count, 1);
    free(session);
    free((void *)token);
}

int
main(void)
{
#define DOTDIGITAL(name) cmocka_unit_test_setup_teardown(name, open_dotdigital, teardown)
#define GENERIC(name) cmocka_unit_test_setup_teardown(name, open_generic, teardown)
#define ALCHEMER(name) cmocka_unit_test_setup_teardown(name, open_alchemer, teardown)
    const struct CMUnitTest tests[] = {
        DOTDIGITAL(accepts_a_fresh_token_and_leaves_its_nonce_for_the_login),
        DOTDIGITAL(says_that_a_nonce_was_used),
        DOTDIGITAL(says_that_a_challenge_has_expired),
        DOTDIGITAL(says_that_the_nonce_is_of_an_earlier_challenge),
        DOTDIGITAL(says_that_the_nonce_is_another_devices),
        DOTDIGITAL(recognises_a_nonce_that_was_encoded_once_more),
        DOTDIGITAL(recognises_a_nonce_with_something_left_around_it),
        DOTDIGITAL(claims_no_ignorance_of_challenges_when_a_nonce_was_folded),
        DOTDIGITAL(says_that_a_nonce_was_never_given_out_here),
        DOTDIGITAL(knows_the_nonce_of_a_token_that_arrived_wrapped_up),
        DOTDIGITAL(knows_no_challenge_of_another_app),
        ALCHEMER(says_that_the_token_was_revoked_by_a_logout),
        ALCHEMER(says_that_all_of_the_customer_was_revoked),
        GENERIC(says_that_a_token_without_iat_counts_as_early_as_it_can),
        ALCHEMER(says_that_there_is_no_token),
        ALCHEMER(finds_a_token_signed_with_the_whole_api_key),
        ALCHEMER(finds_a_token_signed_with_the_api_key_joined_as_for_basic),
        ALCHEMER(recognises_its_own_session_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
