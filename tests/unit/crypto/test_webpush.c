/* Web Push: the vector of RFC 8291, what is refused, and the word of the sender (RFC 8292).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto.h"
#include "countersign/token.h"
#include "crypto/init.h"
#include "crypto/webpush.h"
#include "support.h"

#define P256DH                                                                                     \
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
#define AUTH "BTBZMqHH6r4Tts7J_aSIgg"
#define SENDER_PRIVATE "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
#define SENDER_PUBLIC                                                                              \
    "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
#define SALT "DGv6ra1nlYgDCS1FRnbzlw"
#define PLAIN "When I grow up, I want to be a watermelon"
#define MESSAGE                                                                                    \
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS" \
    "6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qu" \
    "lcy4a-fN"

static void
decode(const char *text, uint8_t *out, size_t len)
{
    uint8_t memory[512];
    struct csn_buffer decoded = csn_buffer_over(memory, sizeof memory);
    assert_int_equal(csn_base64url_decode(csn_bytes_text(text), &decoded), CSN_OK);
    assert_int_equal(decoded.len, len);
    memcpy(out, memory, len);
}

static struct csn_webpush_fresh
fresh_of_the_vector(void)
{
    struct csn_webpush_fresh fresh = {0};
    decode(SENDER_PRIVATE, fresh.pair.private_key, sizeof fresh.pair.private_key);
    decode(SALT, fresh.salt, sizeof fresh.salt);
    assert_int_equal(csn_p256_complete(&fresh.pair), CSN_OK);
    return fresh;
}

static struct csn_webpush_keys
keys_of_the_vector(void)
{
    struct csn_webpush_keys keys;
    assert_int_equal(csn_webpush_keys_read(TEXT(P256DH), TEXT(AUTH), &keys), CSN_OK);
    return keys;
}

static void
makes_the_message_of_rfc_8291_to_the_byte(void **state)
{
    (void)state;
    struct csn_webpush_keys keys = keys_of_the_vector();
    struct csn_webpush_fresh fresh = fresh_of_the_vector();
    uint8_t memory[256], expected[144];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    assert_int_equal(csn_webpush_encrypt(&keys, &fresh, TEXT(PLAIN), &out), CSN_OK);
    decode(MESSAGE, expected, sizeof expected);
    assert_int_equal(out.len, sizeof expected);
    assert_memory_equal(out.ptr, expected, sizeof expected);
}

static void
completes_a_private_number_with_its_point(void **state)
{
    (void)state;
    struct csn_webpush_fresh fresh = fresh_of_the_vector();
    uint8_t expected[CSN_P256_PUBLIC_LENGTH];
    decode(SENDER_PUBLIC, expected, sizeof expected);
    assert_memory_equal(fresh.pair.public_key, expected, sizeof expected);
}

static void
refuses_a_private_number_outside_the_group(void **state)
{
    (void)state;
    /* n of P-256, and n - 1, which is the last that is one. */
    static const uint8_t order[32] = {0xff, 0xff, 0xff, 0xff, 0,    0,    0,    0,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                      0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
                                      0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
    struct csn_p256_pair pair = {0};
    assert_int_equal(csn_p256_complete(&pair), CSN_INVALID);
    memcpy(pair.private_key, order, sizeof order);
    assert_int_equal(csn_p256_complete(&pair), CSN_INVALID);
    pair.private_key[31]--;
    assert_int_equal(csn_p256_complete(&pair), CSN_OK);
    assert_int_equal(csn_p256_check(csn_bytes_of(pair.public_key, sizeof pair.public_key)), CSN_OK);
}

static void
refuses_keys_of_another_length(void **state)
{
    (void)state;
    struct csn_webpush_keys keys;
    static const char *const bad[][2] = {
        {"", AUTH},
        {P256DH, ""},
        {P256DH, "BTBZMqHH6r4Tts7J_aSI"},                       /* 15 bytes */
        {P256DH, "BTBZMqHH6r4Tts7J_aSIggA"},                    /* 17 */
        {"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcx", AUTH}, /* 33 */
        {P256DH "AA", AUTH},                                    /* 66 */
        {P256DH, "BTBZMqHH6r4Tts7J_aSIgg=="},                   /* padded */
        {"CyVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
         AUTH}, /* not the uncompressed form */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(
            csn_webpush_keys_read(csn_bytes_text(bad[i][0]), csn_bytes_text(bad[i][1]), &keys),
            CSN_INVALID);
}

static void
refuses_a_point_off_the_curve_by_one_bit(void **state)
{
    (void)state;
    struct csn_webpush_keys keys = keys_of_the_vector();
    struct csn_webpush_fresh fresh = fresh_of_the_vector();
    uint8_t memory[256];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    keys.p256dh[64] ^= 1;
    assert_int_equal(csn_webpush_encrypt(&keys, &fresh, TEXT(PLAIN), &out), CSN_INVALID);
    assert_int_equal(out.len, 0);
}

static void
takes_the_longest_message_and_refuses_one_byte_more(void **state)
{
    (void)state;
    static uint8_t plain[CSN_WEBPUSH_PLAIN_MAX + 1], memory[CSN_WEBPUSH_RECORD];
    struct csn_webpush_keys keys = keys_of_the_vector();
    struct csn_webpush_fresh fresh = fresh_of_the_vector();
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    assert_int_equal(csn_webpush_encrypt(&keys, &fresh, csn_bytes_of(plain, sizeof plain), &out),
                     CSN_TOO_LARGE);
    assert_int_equal(
        csn_webpush_encrypt(&keys, &fresh, csn_bytes_of(plain, sizeof plain - 1), &out), CSN_OK);
    assert_int_equal(out.len, CSN_WEBPUSH_RECORD);
}

static void
appends_nothing_where_it_does_not_fit(void **state)
{
    (void)state;
    uint8_t memory[143];
    struct csn_webpush_keys keys = keys_of_the_vector();
    struct csn_webpush_fresh fresh = fresh_of_the_vector();
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    assert_int_equal(csn_webpush_encrypt(&keys, &fresh, TEXT(PLAIN), &out), CSN_NO_SPACE);
    assert_int_equal(out.len, 0);
}

static void
makes_the_pair_its_randomness_says(void **state)
{
    (void)state;
    struct csn_random_seeded seeded;
    struct csn_random random = csn_random_seeded(&seeded, 7);
    struct csn_p256_pair one, same, other;
    assert_int_equal(csn_p256_make(&random, &one), CSN_OK);
    assert_int_equal(csn_p256_make(&random, &other), CSN_OK);
    random = csn_random_seeded(&seeded, 7);
    assert_int_equal(csn_p256_make(&random, &same), CSN_OK);
    assert_memory_equal(&one, &same, sizeof one);
    assert_memory_not_equal(&one, &other, sizeof one);
}

/* --- VAPID --- */

static void
says_who_sends_to_one_service_for_half_a_day(void **state)
{
    (void)state;
    struct csn_webpush_fresh fresh = fresh_of_the_vector();
    struct csn_vapid vapid = {.pair = &fresh.pair, .subject = TEXT("mailto:push@example.com")};
    static char memory[2048], token[2048];
    static struct csn_workspace workspace;
    struct csn_token_parts parts;
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    assert_int_equal(
        csn_vapid_append(&vapid, TEXT("https://push.example.net"), &out, 1453341205000LL), CSN_OK);
    const char *text = csn_buffer_terminate(&out);
    assert_memory_equal(text, "vapid t=", 8);
    const char *comma = strstr(text, ", k=");
    assert_non_null(comma);
    assert_string_equal(comma + 4, SENDER_PUBLIC);
    memcpy(token, text + 8, (size_t)(comma - text - 8));
    assert_int_equal(csn_token_open(csn_bytes_text(token), &workspace, &parts), CSN_OK);
    assert_true(csn_bytes_equal_text(parts.header, "{\"alg\":\"ES256\",\"typ\":\"JWT\"}"));
    assert_true(csn_bytes_equal_text(parts.payload, "{\"aud\":\"https://push.example.net\","
                                                    "\"exp\":1453384405,"
                                                    "\"sub\":\"mailto:push@example.com\"}"));
    assert_int_equal(parts.signature.len, 64);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_the_message_of_rfc_8291_to_the_byte),
        cmocka_unit_test(completes_a_private_number_with_its_point),
        cmocka_unit_test(refuses_a_private_number_outside_the_group),
        cmocka_unit_test(refuses_keys_of_another_length),
        cmocka_unit_test(refuses_a_point_off_the_curve_by_one_bit),
        cmocka_unit_test(takes_the_longest_message_and_refuses_one_byte_more),
        cmocka_unit_test(appends_nothing_where_it_does_not_fit),
        cmocka_unit_test(makes_the_pair_its_randomness_says),
        cmocka_unit_test(says_who_sends_to_one_service_for_half_a_day),
    };
    if (csn_crypto_init() != CSN_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
