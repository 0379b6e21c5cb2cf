/* Sealing, deriving, keyed hashing, locked memory.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/init.h"
#include "crypto/locked.h"
#include "crypto/seal.h"
#include "support.h"

static const struct csn_seal_key key = {"0123456789abcdefghijklmnopqrstu"};
static const uint8_t nonce[CSN_SEAL_NONCE_LENGTH] = "a nonce of 24 bytes, ok";

static struct csn_bytes
sealed(struct csn_bytes associated, struct csn_bytes plaintext)
{
    static uint8_t memory[256];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    assert_int_equal(csn_seal(&key, associated, plaintext, nonce, &out), CSN_OK);
    return csn_buffer_view(&out);
}

static enum csn_status
unseal(const struct csn_seal_key *with, struct csn_bytes associated, struct csn_bytes box,
       struct csn_bytes *plaintext)
{
    static uint8_t memory[256];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    enum csn_status status = csn_unseal(with, associated, box, &out);
    *plaintext = csn_buffer_view(&out);
    if (status != CSN_OK)
        assert_int_equal(plaintext->len, 0);
    return status;
}

static void
opens_what_it_sealed(void **state)
{
    (void)state;
    uint8_t text[100];
    memset(text, 'x', sizeof text);
    for (size_t len = 0; len <= sizeof text; len++) {
        struct csn_bytes plaintext;
        struct csn_bytes box = sealed(TEXT("app 1, customer 2"), csn_bytes_of(text, len));
        assert_int_equal(box.len, len + CSN_SEAL_OVERHEAD);
        assert_int_equal(unseal(&key, TEXT("app 1, customer 2"), box, &plaintext), CSN_OK);
        assert_true(csn_bytes_equal(plaintext, csn_bytes_of(text, len)));
    }
}

static void
refuses_a_box_with_any_bit_changed_or_cut_anywhere(void **state)
{
    (void)state;
    uint8_t changed[256];
    struct csn_bytes plaintext, box = sealed(TEXT("a"), TEXT("what is sealed"));
    memcpy(changed, box.ptr, box.len);
    for (size_t bit = 0; bit < box.len * 8; bit++) {
        changed[bit / 8] = (uint8_t)(changed[bit / 8] ^ (1u << bit % 8));
        assert_int_equal(unseal(&key, TEXT("a"), csn_bytes_of(changed, box.len), &plaintext),
                         CSN_INVALID);
        changed[bit / 8] = (uint8_t)(changed[bit / 8] ^ (1u << bit % 8));
    }
    for (size_t len = 0; len < box.len; len++)
        assert_int_equal(unseal(&key, TEXT("a"), csn_bytes_of(changed, len), &plaintext),
                         CSN_INVALID);
    assert_int_equal(unseal(&key, TEXT("a"), csn_bytes_of(changed, box.len), &plaintext), CSN_OK);
}

static void
opens_only_under_its_own_key_and_in_its_own_place(void **state)
{
    (void)state;
    struct csn_seal_key other = key;
    struct csn_bytes plaintext, box = sealed(TEXT("app 1"), TEXT("what is sealed"));
    other.bytes[31] ^= 1;
    assert_int_equal(unseal(&other, TEXT("app 1"), box, &plaintext), CSN_INVALID);
    assert_int_equal(unseal(&key, TEXT("app 2"), box, &plaintext), CSN_INVALID);
    assert_int_equal(unseal(&key, TEXT(""), box, &plaintext), CSN_INVALID);
    assert_int_equal(unseal(&key, TEXT("app 1"), box, &plaintext), CSN_OK);
}

static void
writes_nothing_where_there_is_no_room(void **state)
{
    (void)state;
    uint8_t memory[256], opened[16];
    struct csn_buffer small = csn_buffer_over(memory, 4 + CSN_SEAL_OVERHEAD - 1);
    assert_int_equal(csn_seal(&key, TEXT(""), TEXT("1234"), nonce, &small), CSN_NO_SPACE);
    assert_int_equal(small.len, 0);
    struct csn_buffer exact = csn_buffer_over(memory, 4 + CSN_SEAL_OVERHEAD);
    assert_int_equal(csn_seal(&key, TEXT(""), TEXT("1234"), nonce, &exact), CSN_OK);
    struct csn_buffer three = csn_buffer_over(opened, 3), four = csn_buffer_over(opened, 4);
    assert_int_equal(csn_unseal(&key, TEXT(""), csn_buffer_view(&exact), &three), CSN_NO_SPACE);
    assert_int_equal(csn_unseal(&key, TEXT(""), csn_buffer_view(&exact), &four), CSN_OK);
    assert_memory_equal(opened, "1234", 4);
}

/* draft-irtf-cfrg-xchacha-03 A.3.1: what we store must open with any other implementation. */
static void
makes_the_box_of_the_published_vector(void **state)
{
    (void)state;
    struct csn_seal_key vector_key;
    uint8_t memory[256];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    memcpy(vector_key.bytes,
           from_hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f").ptr, 32);
    struct csn_bytes vector_nonce = from_hex("404142434445464748494a4b4c4d4e4f5051525354555657");
    struct csn_bytes associated = from_hex("50515253c0c1c2c3c4c5c6c7");
    struct csn_bytes plaintext =
        TEXT("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
             "future, sunscreen would be it.");
    assert_int_equal(csn_seal(&vector_key, associated, plaintext, vector_nonce.ptr, &out), CSN_OK);
    assert_memory_equal(out.ptr, vector_nonce.ptr, vector_nonce.len);
    assert_memory_equal(out.ptr + 24, from_hex("bd6d179d3e83d43b9576579493c0e939").ptr, 16);
    assert_memory_equal(out.ptr + out.len - 16, from_hex("c0875924c1c7987947deafd8780acf49").ptr,
                        16);
}

static void
derives_another_key_for_every_master_purpose_and_id(void **state)
{
    (void)state;
    struct csn_seal_key other_master = key, keys[7];
    other_master.bytes[0] ^= 1;
    csn_kdf_derive(&key, "data", TEXT("1"), &keys[0]);
    csn_kdf_derive(&key, "data", TEXT("2"), &keys[1]);
    csn_kdf_derive(&key, "data", TEXT(""), &keys[2]);
    csn_kdf_derive(&key, "data1", TEXT(""), &keys[3]); /* not the same as "data" and "1" */
    csn_kdf_derive(&key, "dat", TEXT("a1"), &keys[4]);
    csn_kdf_derive(&other_master, "data", TEXT("1"), &keys[5]);
    csn_kdf_derive(&key, "names", TEXT("1"), &keys[6]);
    for (size_t i = 0; i < 7; i++)
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(keys[i].bytes, keys[j].bytes, sizeof keys[i].bytes);
    struct csn_seal_key again;
    csn_kdf_derive(&key, "data", TEXT("1"), &again);
    assert_memory_equal(again.bytes, keys[0].bytes, sizeof again.bytes);
}

/* Stored data depends on these values: they may never change. */
static void
derives_and_names_as_it_always_did(void **state)
{
    (void)state;
    struct csn_seal_key derived;
    uint8_t name[CSN_KEYED_HASH_LENGTH];
    csn_kdf_derive(&key, "data", TEXT("1"), &derived);
    csn_keyed_hash(&key, TEXT("alice@example.com"), name);
    assert_memory_equal(
        derived.bytes,
        from_hex("d385ae8762da71c9aaf8db3ad0f2db1f973cf988337f72a60481781db0ff9db0").ptr, 32);
    assert_memory_equal(name, from_hex("5a3a49471668e033f80568a3859d987f").ptr, sizeof name);
}

static void
names_things_differently_under_every_key(void **state)
{
    (void)state;
    struct csn_seal_key other = key;
    uint8_t a[CSN_KEYED_HASH_LENGTH], b[CSN_KEYED_HASH_LENGTH];
    other.bytes[0] ^= 1;
    csn_keyed_hash(&key, TEXT("alice"), a);
    csn_keyed_hash(&key, TEXT("alice"), b);
    assert_memory_equal(a, b, sizeof a);
    csn_keyed_hash(&other, TEXT("alice"), b);
    assert_memory_not_equal(a, b, sizeof a);
    csn_keyed_hash(&key, TEXT("alicf"), b);
    assert_memory_not_equal(a, b, sizeof a);
}

static void
hands_out_locked_memory_zeroed(void **state)
{
    (void)state;
    for (size_t size = 0; size < 100; size += 33) {
        uint8_t *memory = csn_locked_alloc(size);
        assert_non_null(memory);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(memory[i], 0);
        memset(memory, 1, size);
        csn_locked_free(memory);
    }
    csn_locked_free(NULL);
    assert_null(csn_locked_alloc(SIZE_MAX));
    assert_int_equal(csn_crypto_init(), CSN_OK);
    assert_int_equal(csn_crypto_init(), CSN_OK);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_what_it_sealed),
        cmocka_unit_test(refuses_a_box_with_any_bit_changed_or_cut_anywhere),
        cmocka_unit_test(opens_only_under_its_own_key_and_in_its_own_place),
        cmocka_unit_test(writes_nothing_where_there_is_no_room),
        cmocka_unit_test(makes_the_box_of_the_published_vector),
        cmocka_unit_test(derives_another_key_for_every_master_purpose_and_id),
        cmocka_unit_test(derives_and_names_as_it_always_did),
        cmocka_unit_test(names_things_differently_under_every_key),
        cmocka_unit_test(hands_out_locked_memory_zeroed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
