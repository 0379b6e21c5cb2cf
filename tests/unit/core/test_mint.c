/* SPDX-License-Identifier: Apache-2.0
 * What is minted, and that the judge accepts it. */
#include "world.h"

#include <string.h>

#define PAYLOAD "{\"sub\":\"user-1001\",\"exp\":1767312900}"

static enum csn_status
mint(struct world *w, size_t key, const char *kid, const char *type, const char *payload,
     size_t cap)
{
    struct csn_mint_request request = {
        .signer = w->signers[key],
        .kid = csn_bytes_text(kid),
        .type = csn_bytes_text(type),
        .payload = csn_bytes_text(payload),
    };
    struct csn_buffer out = csn_buffer_over(w->token, cap);
    enum csn_status status = csn_mint(&request, &out);
    w->presented.token = csn_buffer_view(&out);
    return status;
}

static void
mints_what_the_judge_accepts(void **state)
{
    (void)state;
    struct world *w = world_open("{\"preset\":\"generic\",\"kid_required\":true,\"type\":\"JWT\"}");
    struct world_key named = hs256_key;
    named.kid = "k \"1\"";
    size_t key = world_add_key(w, named);
    assert_int_equal(mint(w, key, named.kid, "JWT", PAYLOAD, sizeof w->token), CSN_OK);
    world_expect(w, "minted", CSN_REASON_ACCEPTED);
    world_close(w);
}

static void
mints_a_header_of_alg_alone_where_nothing_else_is_given(void **state)
{
    (void)state;
    struct world *w = world_open("{\"algorithms\":[\"HS256\"]}");
    size_t key = world_add_key(w, hs256_key);
    assert_int_equal(mint(w, key, NULL, NULL, "{}", sizeof w->token), CSN_OK);
    struct csn_bytes token = w->presented.token;
    assert_true(csn_bytes_starts_with(token, csn_bytes_text("eyJhbGciOiJIUzI1NiJ9.e30.")));
    assert_int_equal(token.len, 20 + 1 + 3 + 1 + 43);
    world_close(w);
}

static void
mints_deterministically_where_the_algorithm_does(void **state)
{
    (void)state;
    /* RFC 8037 A.4 signs this payload with this key; as a JSON text it cannot be ours, so the
     * signature is compared with one made over the same input by hand */
    struct world *w = world_open("{\"algorithms\":[\"EdDSA\"]}");
    size_t key = world_add_key(w, eddsa_key);
    assert_int_equal(mint(w, key, NULL, NULL, PAYLOAD, sizeof w->token), CSN_OK);
    uint8_t first[512];
    size_t len = w->presented.token.len;
    memcpy(first, w->token, len);
    world_sign(w, key, "{\"alg\":\"EdDSA\"}", PAYLOAD);
    assert_int_equal(w->token_len, len);
    assert_memory_equal(w->token, first, len);
    world_close(w);
}

static void
refuses_to_sign_what_is_no_strict_object(void **state)
{
    (void)state;
    struct world *w = world_open(GENERIC);
    size_t key = world_add_key(w, hs256_key);
    static const char *const payloads[] = {
        "", "[]", "\"x\"", "{", "{\"a\":1,}", "{\"a\":1,\"a\":1}", "{} x", "{\"a\":\"\xff\"}"};
    for (size_t i = 0; i < sizeof payloads / sizeof *payloads; i++) {
        assert_int_equal(mint(w, key, NULL, NULL, payloads[i], sizeof w->token), CSN_INVALID);
        assert_int_equal(w->presented.token.len, 0);
    }
    world_close(w);
}

static void
refuses_a_kid_or_type_that_is_too_long_or_no_text(void **state)
{
    (void)state;
    struct world *w = world_open(GENERIC);
    size_t key = world_add_key(w, hs256_key);
    char kid[CSN_KID_MAX + 2];
    memset(kid, '<', sizeof kid); /* each of them six characters in the header */
    kid[CSN_KID_MAX + 1] = '\0';
    assert_int_equal(mint(w, key, kid, NULL, PAYLOAD, sizeof w->token), CSN_INVALID);
    assert_int_equal(mint(w, key, kid + 1, kid + 2, PAYLOAD, sizeof w->token), CSN_OK);
    assert_int_equal(mint(w, key, NULL, kid + 1, PAYLOAD, sizeof w->token), CSN_INVALID);
    assert_int_equal(mint(w, key, "\xff", NULL, PAYLOAD, sizeof w->token), CSN_INVALID);
    assert_int_equal(mint(w, key, NULL, "\xff", PAYLOAD, sizeof w->token), CSN_INVALID);
    world_close(w);
}

static void
leaves_nothing_behind_where_room_is_short(void **state)
{
    (void)state;
    struct world *w = world_open(GENERIC);
    size_t key = world_add_key(w, hs256_key);
    assert_int_equal(mint(w, key, NULL, NULL, PAYLOAD, sizeof w->token), CSN_OK);
    size_t whole = w->presented.token.len;
    for (size_t cap = 0; cap < whole; cap++) {
        assert_int_equal(mint(w, key, NULL, NULL, PAYLOAD, cap), CSN_NO_SPACE);
        assert_int_equal(w->presented.token.len, 0);
    }
    assert_int_equal(mint(w, key, NULL, NULL, PAYLOAD, whole), CSN_OK);
    world_close(w);
}

static void
mints_nothing_longer_than_a_token_may_be(void **state)
{
    (void)state;
    struct world *w = world_open(GENERIC);
    size_t key = world_add_key(w, hs256_key);
    static char payload[CSN_TOKEN_MAX + 2];
    const char *head = "{\"sub\":\"u\",\"exp\":1767312900,\"x\":\"";
    size_t len = (CSN_TOKEN_MAX - 20 - 2 - 43) / 4 * 3 + 2;
    memset(payload, 'x', sizeof payload);
    memcpy(payload, head, strlen(head));
    memcpy(payload + len - 2, "\"}", 3);
    assert_int_equal(mint(w, key, NULL, NULL, payload, sizeof w->token), CSN_OK);
    assert_int_equal(w->presented.token.len, CSN_TOKEN_MAX);
    memcpy(payload + len - 2, "x\"}", 4);
    assert_int_equal(mint(w, key, NULL, NULL, payload, sizeof w->token), CSN_TOO_LARGE);
    memset(payload + len - 2, 'x', sizeof payload - len);
    memcpy(payload + CSN_TOKEN_MAX - 1, "\"}", 3);
    assert_int_equal(mint(w, key, NULL, NULL, payload, sizeof w->token), CSN_INVALID);
    world_close(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mints_what_the_judge_accepts),
        cmocka_unit_test(mints_a_header_of_alg_alone_where_nothing_else_is_given),
        cmocka_unit_test(mints_deterministically_where_the_algorithm_does),
        cmocka_unit_test(refuses_to_sign_what_is_no_strict_object),
        cmocka_unit_test(refuses_a_kid_or_type_that_is_too_long_or_no_text),
        cmocka_unit_test(leaves_nothing_behind_where_room_is_short),
        cmocka_unit_test(mints_nothing_longer_than_a_token_may_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
