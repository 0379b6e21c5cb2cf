/* Randomness that can be replayed, and the ids made of it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/id.h"
#include "support.h"

#define LAST_MS ((INT64_C(1) << 48) - 1)

static void
replays_the_same_bytes_from_the_same_seed(void **state)
{
    (void)state;
    struct csn_random_seeded a_state, b_state, c_state;
    struct csn_random a = csn_random_seeded(&a_state, 7), b = csn_random_seeded(&b_state, 7);
    struct csn_random c = csn_random_seeded(&c_state, 8);
    uint8_t first[64], second[64];
    for (unsigned call = 0; call < 10; call++) {
        csn_random_fill(&a, first, sizeof first);
        csn_random_fill(&b, second, sizeof second);
        assert_memory_equal(first, second, sizeof first);
        csn_random_fill(&c, second, sizeof second);
        assert_memory_not_equal(first, second, sizeof first);
    }
}

static void
gives_every_call_a_stream_of_its_own(void **state)
{
    (void)state;
    struct csn_random_seeded a_state, b_state;
    struct csn_random a = csn_random_seeded(&a_state, 7), b = csn_random_seeded(&b_state, 7);
    uint8_t first[32], second[32], third[32];
    csn_random_fill(&a, first, 1);
    csn_random_fill(&b, first, 32);
    csn_random_fill(&a, second, sizeof second);
    csn_random_fill(&b, third, sizeof third);
    assert_memory_equal(second, third, sizeof second); /* however much the first call took */
    assert_memory_not_equal(first, second, sizeof first);
    csn_random_fill(&a, first, 0);
}

/* Recorded simulations depend on this: it may never change. */
static void
gives_the_bytes_it_always_gave(void **state)
{
    (void)state;
    struct csn_random_seeded seeded;
    struct csn_random random = csn_random_seeded(&seeded, 42);
    uint8_t bytes[16];
    csn_random_fill(&random, bytes, sizeof bytes);
    assert_memory_equal(bytes, from_hex("f132ef3e9ed28016fb54142797184f96").ptr, sizeof bytes);
}

static void
takes_from_the_system_what_nobody_can_replay(void **state)
{
    (void)state;
    struct csn_random random = csn_random_system();
    uint8_t a[32], b[32];
    csn_random_fill(&random, a, sizeof a);
    csn_random_fill(&random, b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
}

static void
fill_with_ones(void *state, void *out, size_t len)
{
    (void)state;
    memset(out, 0xff, len);
}

static void
fill_with_counting(void *state, void *out, size_t len)
{
    (void)state;
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)out)[i] = (uint8_t)i;
}

static void
writes_ids_in_crockfords_base_32(void **state)
{
    (void)state;
    const struct csn_random ones = {.fill = fill_with_ones},
                            counting = {.fill = fill_with_counting};
    char id[CSN_ID_SIZE];
    csn_id_make(&ones, id, LAST_MS);
    assert_string_equal(id, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
    csn_id_make(&counting, id, 0);
    assert_string_equal(id, "0000000000000G40R40M30E209");
    csn_id_make(&counting, id, 1469918176385); /* of the ULID specification: 01ARYZ6S41... */
    assert_memory_equal(id, "01ARYZ6S41", 10);
    assert_int_equal(csn_id_time_ms(csn_bytes_text(id)), 1469918176385);
}

static void
orders_ids_by_their_time(void **state)
{
    (void)state;
    static const int64_t times[] = {0, 1, 31, 32, 1023, 1024, 1795253548977, LAST_MS};
    struct csn_random random = csn_random_system();
    char last[CSN_ID_SIZE] = "", id[CSN_ID_SIZE];
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        csn_id_make(&random, id, times[i]);
        assert_true(strcmp(last, id) < 0);
        assert_true(csn_id_valid(csn_bytes_text(id)));
        assert_int_equal(csn_id_time_ms(csn_bytes_text(id)), times[i]);
        memcpy(last, id, sizeof last);
    }
}

static void
knows_an_id_from_anything_else(void **state)
{
    (void)state;
    assert_true(csn_id_valid(TEXT("7ZZZZZZZZZZZZZZZZZZZZZZZZZ")));
    assert_false(csn_id_valid(TEXT("8ZZZZZZZZZZZZZZZZZZZZZZZZZ")));
    assert_false(csn_id_valid(TEXT("7ZZZZZZZZZZZZZZZZZZZZZZZZ")));
    assert_false(csn_id_valid(TEXT("7ZZZZZZZZZZZZZZZZZZZZZZZZZZ")));
    assert_false(csn_id_valid(TEXT("01ARYZ6S41ARYZ6S41ARYZ6S4I"))); /* I, L, O, U are no digits */
    assert_false(csn_id_valid(TEXT("01ARYZ6S41ARYZ6S41ARYZ6S4u")));
    assert_false(csn_id_valid(TEXT("01ARYZ6S41ARYZ6S41ARYZ6S4\0")));
    assert_false(csn_id_valid((struct csn_bytes){0}));
    assert_int_equal(csn_id_time_ms(TEXT("x")), -1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replays_the_same_bytes_from_the_same_seed),
        cmocka_unit_test(gives_every_call_a_stream_of_its_own),
        cmocka_unit_test(gives_the_bytes_it_always_gave),
        cmocka_unit_test(takes_from_the_system_what_nobody_can_replay),
        cmocka_unit_test(writes_ids_in_crockfords_base_32),
        cmocka_unit_test(orders_ids_by_their_time),
        cmocka_unit_test(knows_an_id_from_anything_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
