/* SPDX-License-Identifier: Apache-2.0
 * The order of judgement: shape, header, algorithm, key, signature, claims. */
#include "world.h"

#include <stdio.h>
#include <string.h>

#define PAYLOAD "{\"sub\":\"user-1001\",\"exp\":1767312900}"

static void
accepts_a_good_token_of_each_family(void **state)
{
    (void)state;
    static const struct {
        const char *policy, *header;
        const struct world_key *key;
    } rows[] = {
        {GENERIC, "{\"alg\":\"HS256\"}", &hs256_key},
        {"{\"algorithms\":[\"ES256\"]}", "{\"alg\":\"ES256\"}", &es256_key},
        {"{\"algorithms\":[\"EdDSA\"]}", "{\"alg\":\"EdDSA\"}", &eddsa_key},
        {"{\"algorithms\":[\"EdDSA\",\"ES256\",\"RS256\"]}", "{\"alg\":\"EdDSA\"}", &eddsa_key},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world *w = world_open(rows[i].policy);
        size_t key = world_add_key(w, *rows[i].key);
        world_sign(w, key, rows[i].header, PAYLOAD);
        world_expect(w, rows[i].header, CSN_REASON_ACCEPTED);
        assert_bytes_are(w->verdict.identity, "user-1001");
        assert_bytes_are(w->verdict.identity_claim, "sub");
        assert_int_equal(w->verdict.algorithm, rows[i].key->algorithm);
        assert_ptr_equal(w->verdict.key, &w->keys[key]);
        assert_int_equal(w->verdict.part, CSN_PART_NONE);
        world_close(w);
    }
}

static void
says_missing_where_no_token_is_presented(void **state)
{
    (void)state;
    struct world *w = world_open(GENERIC);
    world_expect(w, "nothing", CSN_REASON_MISSING);
    world_present(w, "");
    world_expect(w, "an empty text", CSN_REASON_MISSING);
    w->presented.token = (struct csn_bytes){.ptr = NULL, .len = 9};
    world_expect(w, "no text, whatever its length", CSN_REASON_MISSING);
    world_close(w);
}

static void
looks_at_the_length_before_anything_else(void **state)
{
    (void)state;
    struct world *w = world_open(GENERIC);
    memset(w->token, '!', sizeof w->token);
    w->presented.token = csn_bytes_of(w->token, CSN_TOKEN_MAX + 1);
    world_expect(w, "one byte too long", CSN_REASON_TOO_LARGE);
    w->presented.token = csn_bytes_of(w->token, CSN_TOKEN_MAX);
    world_expect(w, "as long as can be", CSN_REASON_MALFORMED);
    world_close(w);
}

static void
accepts_the_longest_token_there_can_be(void **state)
{
    (void)state;
    struct world *w = world_open(GENERIC);
    size_t key = world_add_key(w, hs256_key);
    static char payload[CSN_TOKEN_MAX];
    const char *head = "{\"sub\":\"u\",\"exp\":1767312900,\"x\":\"";
    /* 20 of header, a dot, the payload's, a dot, 43 of MAC: 16384 in all */
    size_t len = (CSN_TOKEN_MAX - 20 - 2 - 43) / 4 * 3 + 2;
    memset(payload, 'x', sizeof payload);
    memcpy(payload, head, strlen(head));
    memcpy(payload + len - 2, "\"}", 2);
    world_sign_bytes(w, key, csn_bytes_text("{\"alg\":\"HS256\"}"), csn_bytes_of(payload, len));
    assert_int_equal(w->token_len, CSN_TOKEN_MAX);
    world_expect(w, "16384 bytes", CSN_REASON_ACCEPTED);
    memcpy(payload + len - 2, "x\"}", 3);
    world_sign_bytes(w, key, csn_bytes_text("{\"alg\":\"HS256\"}"), csn_bytes_of(payload, len + 1));
    world_expect(w, "more", CSN_REASON_TOO_LARGE);
    world_close(w);
}

static void
names_the_part_that_is_malformed(void **state)
{
    (void)state;
    static const struct {
        const char *token;
        enum csn_part part;
    } rows[] = {
        {"x", CSN_PART_TOKEN},
        {"a.b.c.d.e", CSN_PART_HEADER},
        {"e30.e30.e30", CSN_PART_HEADER},
        {"e30.e!0.e30", CSN_PART_PAYLOAD},
        {"e30.e30.e3", CSN_PART_SIGNATURE},
        {"e30.e30.e30.e30.e30", CSN_PART_TOKEN},
        {"e30.e30.", CSN_PART_TOKEN},
    };
    struct world *w = world_open(GENERIC);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_present(w, rows[i].token);
        world_expect(w, rows[i].token, CSN_REASON_MALFORMED);
        assert_int_equal(w->verdict.part, rows[i].part);
    }
    world_close(w);
}

/* Each token breaks one more rule than the one before it; the first rule in the order decides. */
static void
judges_in_the_order_it_promises(void **state)
{
    (void)state;
    struct world *w = world_open("{\"preset\":\"generic\",\"nonce\":\"required\"}");
    struct world_key named = hs256_key;
    named.kid = "k1";
    size_t key = world_add_key(w, named);
    static const char *const expired = "{\"sub\":\"u\",\"exp\":1}";
    world_sign(w, key, "{\"alg\":\"HS256\",\"kid\":\"k1\"}", expired);
    world_expect(w, "a claim", CSN_REASON_EXPIRED);
    w->token[w->token_len - 2] ^= 1;
    world_expect(w, "and the signature", CSN_REASON_SIGNATURE_INVALID);
    world_sign(w, key, "{\"alg\":\"HS256\",\"kid\":\"k2\"}", "no JSON");
    w->token[w->token_len - 2] ^= 1;
    world_expect(w, "and the key", CSN_REASON_KEY_UNKNOWN);
    world_sign(w, key, "{\"alg\":\"HS512\",\"kid\":\"k2\"}", "no JSON");
    world_expect(w, "and the algorithm", CSN_REASON_ALGORITHM_NOT_ALLOWED);
    world_sign(w, key, "{\"alg\":\"HS999\",\"kid\":\"k2\"}", "no JSON");
    world_expect(w, "and its name", CSN_REASON_ALGORITHM_UNSUPPORTED);
    world_sign(w, key, "{\"alg\":\"HS999\",\"kid\":\"k2\",\"typ\":1}", "no JSON");
    world_expect(w, "and the type", CSN_REASON_TYPE_MISMATCH);
    world_sign(w, key, "{\"alg\":\"HS999\",\"kid\":\"k2\",\"typ\":1,\"crit\":[]}", "no JSON");
    world_expect(w, "and the header", CSN_REASON_MALFORMED);
    assert_int_equal(w->verdict.part, CSN_PART_HEADER);
    w->token[w->token_len - 1] = '!';
    world_expect(w, "and the shape", CSN_REASON_MALFORMED);
    assert_int_equal(w->verdict.part, CSN_PART_SIGNATURE);
    world_close(w);
}

static void
tells_nothing_of_the_claims_before_the_signature_holds(void **state)
{
    (void)state;
    struct world *w = world_open("{\"preset\":\"generic\",\"nonce\":\"required\"}");
    size_t key = world_add_key(w, hs256_key);
    w->presented.nonce_check = CSN_NONCE_DEFER;
    world_sign(w, key, HEADER,
               "{\"sub\":\"victim\",\"exp\":1767312900,\"iat\":1,\"nbf\":1,\"nonce\":\"n-1\"}");
    w->token[w->token_len - 3] ^= 1;
    world_expect(w, "forged", CSN_REASON_SIGNATURE_INVALID);
    assert_null(w->verdict.key);
    assert_null(w->verdict.nonce.ptr);
    assert_null(w->verdict.identity.ptr);
    assert_null(w->verdict.identity_claim.ptr);
    assert_null(w->verdict.claim.ptr);
    assert_false(w->verdict.has_issued_at || w->verdict.has_not_before ||
                 w->verdict.has_expires_at);
    assert_int_equal(w->verdict.algorithm, CSN_HS256);
    world_close(w);
}

static void
refuses_a_token_whose_alg_is_not_the_keys(void **state)
{
    (void)state;
    /* the public key's text as an HMAC secret: the classic confusion (RFC 8725 §2.1) */
    struct world *w = world_open("{\"algorithms\":[\"HS256\",\"HS512\"]}");
    struct world_key named = hs256_key;
    named.kid = "k1";
    size_t key = world_add_key(w, named);
    world_sign(w, key, "{\"alg\":\"HS512\",\"kid\":\"k1\"}", PAYLOAD);
    world_expect(w, "by kid", CSN_REASON_ALGORITHM_MISMATCH);
    world_sign(w, key, "{\"alg\":\"HS512\"}", PAYLOAD);
    world_expect(w, "without one", CSN_REASON_NO_KEY);
    world_close(w);

    w = world_open("{\"algorithms\":[\"ES256\",\"EdDSA\"]}");
    key = world_add_key(w, eddsa_key);
    world_sign(w, key, "{\"alg\":\"ES256\"}", PAYLOAD);
    world_expect(w, "of another curve", CSN_REASON_NO_KEY);
    world_close(w);
}

static void
tries_each_key_in_use_until_one_holds(void **state)
{
    (void)state;
    static const char *const secrets[] = {
        "{\"kty\":\"oct\",\"k\":\"c2VjcmV0LW9uZS1zZWNyZXQtb25lLXNlY3JldC1vbmUx\"}",
        "{\"kty\":\"oct\",\"k\":\"c2VjcmV0LXR3by1zZWNyZXQtdHdvLXNlY3JldC10d28y\"}",
        "{\"kty\":\"oct\",\"k\":\"c2VjcmV0LXRyaS1zZWNyZXQtdHJpLXNlY3JldC10cmkz\"}",
    };
    struct world *w = world_open(GENERIC);
    for (size_t i = 0; i < 3; i++) {
        struct world_key key = hs256_key;
        key.private_jwk = key.public_jwk = secrets[i];
        key.state = i == 2 ? CSN_KEY_RETIRED : i == 1 ? CSN_KEY_RETIRING : CSN_KEY_ACTIVE;
        world_add_key(w, key);
    }
    for (size_t i = 0; i < 3; i++) {
        world_sign(w, i, HEADER, PAYLOAD);
        world_expect(w, secrets[i], i < 2 ? CSN_REASON_ACCEPTED : CSN_REASON_SIGNATURE_INVALID);
        assert_ptr_equal(w->verdict.key, i < 2 ? &w->keys[i] : NULL);
    }
    world_close(w);
}

static void
verifies_nothing_with_an_empty_key_ring_or_policy(void **state)
{
    (void)state;
    struct world *w = world_open(GENERIC);
    size_t key = world_add_key(w, hs256_key);
    world_sign(w, key, HEADER, PAYLOAD);
    struct csn_key whole = w->keys[key];
    w->keys[key] = (struct csn_key){0};
    world_expect(w, "a key that is nothing", CSN_REASON_NO_KEY);
    w->keys[key] = (struct csn_key){.algorithm = CSN_HS256, .state = CSN_KEY_ACTIVE};
    world_expect(w, "a key without material", CSN_REASON_SIGNATURE_INVALID);
    w->keys[key] = whole;
    struct csn_keyring ring = w->ring;
    w->ring = (struct csn_keyring){0};
    world_expect(w, "no keys", CSN_REASON_NO_KEY);
    w->ring = ring;
    struct csn_policy policy = w->policy;
    w->policy = (struct csn_policy){0};
    world_expect(w, "no policy", CSN_REASON_ALGORITHM_NOT_ALLOWED);
    w->policy = policy;
    w->policy.identity[0] = (struct csn_bytes){0};
    world_expect(w, "an identity without a name", CSN_REASON_IDENTITY_MISSING);
    w->policy = policy;
    world_expect(w, "all of it", CSN_REASON_ACCEPTED);
    world_close(w);
}

static void
gives_the_same_verdict_whatever_the_workspace_held_before(void **state)
{
    (void)state;
    struct world *w = world_open(GENERIC);
    size_t key = world_add_key(w, hs256_key);
    for (int fill = 0; fill < 256; fill += 85) {
        memset(&w->workspace, fill, sizeof w->workspace);
        world_sign(w, key, HEADER, "{\"sub\":\"us\\u0065r\",\"exp\":1767312900}");
        world_expect(w, "good", CSN_REASON_ACCEPTED);
        assert_bytes_are(w->verdict.identity, "user");
        world_sign(w, key, HEADER, "{\"exp\":1767312900}");
        world_expect(w, "bad", CSN_REASON_CLAIM_MISSING);
    }
    world_close(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_a_good_token_of_each_family),
        cmocka_unit_test(says_missing_where_no_token_is_presented),
        cmocka_unit_test(looks_at_the_length_before_anything_else),
        cmocka_unit_test(accepts_the_longest_token_there_can_be),
        cmocka_unit_test(names_the_part_that_is_malformed),
        cmocka_unit_test(judges_in_the_order_it_promises),
        cmocka_unit_test(tells_nothing_of_the_claims_before_the_signature_holds),
        cmocka_unit_test(refuses_a_token_whose_alg_is_not_the_keys),
        cmocka_unit_test(tries_each_key_in_use_until_one_holds),
        cmocka_unit_test(verifies_nothing_with_an_empty_key_ring_or_policy),
        cmocka_unit_test(gives_the_same_verdict_whatever_the_workspace_held_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
