/* The duplicate rule, its limit, and its defence against names made to collide.
 *
 * Knows nothing of the hash: it reads it out of the table that the caller owns.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "json_support.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define SEARCHED 700000    /* names, enough for some 57 pairs of equal 32-bit hash */
#define COLLISIONS_MAX 16u /* as in base/json_names.c */

static void
refuses_a_name_that_is_there_already(void **state)
{
    (void)state;
    static const struct document documents[] = {
        DOCUMENT("{\"a\":1,\"a\":1}"),
        DOCUMENT("{\"a\":1,\"b\":2,\"a\":3}"),
        DOCUMENT("{\"\":1,\"\":2}"),
        DOCUMENT("{\"a\":1,\"\\u0061\":2}"),
        DOCUMENT("{\"\\u0061\":1,\"a\":2}"),
        DOCUMENT("{\"\\u0061\":1,\"\\u0061\":2}"),
        DOCUMENT("{\"\\n\":1,\"\\u000a\":2}"),
        DOCUMENT("{\"\\u000A\":1,\"\\u000a\":2}"),
        DOCUMENT("{\"/\":1,\"\\/\":2}"),
        DOCUMENT("{\"\xC3\xA9\":1,\"\\u00e9\":2}"),
        DOCUMENT("{\"\\ud834\\udd1e\":1,\"\xF0\x9D\x84\x9E\":2}"),
        DOCUMENT("{\"issuer_of_tokens\":1,\"issuer_of_t\\u006fkens\":2}"),
        DOCUMENT("{\"a\":{\"x\":1},\"b\":[{\"a\":1}],\"a\":2}"),
        DOCUMENT("[{\"a\":1,\"a\":1}]"),
        DOCUMENT("{\"o\":{\"a\":1,\"a\":1}}"),
    };
    assert_all_refused(documents, COUNT(documents));
}

static void
accepts_names_that_differ_or_belong_to_another_object(void **state)
{
    (void)state;
    static const struct document documents[] = {
        DOCUMENT("{\"a\":1,\"A\":2}"),
        DOCUMENT("{\"a\":1,\"aa\":2,\"\":3}"),
        DOCUMENT("{\"a\":1,\"a\\u0000\":2,\"\\u0000\":3,\"\":4}"),
        DOCUMENT("{\"a\":{\"a\":{\"a\":1}}}"),
        DOCUMENT("[{\"a\":1},{\"a\":1}]"),
        DOCUMENT("{\"x\":{\"a\":1},\"y\":{\"a\":1},\"a\":1}"),
        DOCUMENT("{\"\xC3\xA9\":1,\"e\xCC\x81\":2}"), /* composed or not: no normalisation */
        DOCUMENT("{\"\\\\u0061\":1,\"a\":2}"),
        DOCUMENT("{\"12345678\":1,\"123456789\":2,\"1234567\":3,\"1234567812345678\":4}"),
    };
    assert_all_accepted(documents, COUNT(documents));
}

static void
what_follows_a_nul_belongs_to_the_name(void **state)
{
    (void)state;
    char memory[1024];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    for (unsigned c = 'a'; c <= 'z'; c++) {
        csn_buffer_text(&out, c == 'a' ? "{\"\\u0000" : ",\"\\u0000");
        csn_buffer_byte(&out, (uint8_t)c);
        csn_buffer_text(&out, "\":1");
    }
    csn_buffer_text(&out, "}");
    assert_true(accepts(csn_buffer_view(&out)));
}

/* A name of `len` characters, all plain but for one that is an escape (`escaped` < len). */
static void
write_name(struct csn_buffer *out, size_t len, size_t escaped)
{
    csn_buffer_byte(out, '"');
    for (size_t i = 0; i < len; i++) {
        uint8_t c = (uint8_t)('a' + i % 26);
        if (i == escaped) {
            csn_buffer_text(out, "\\u00");
            csn_buffer_hex(out, csn_bytes_of(&c, 1));
        } else {
            csn_buffer_byte(out, c);
        }
    }
    csn_buffer_text(out, "\":1");
}

static void
an_escape_hides_no_duplicate_at_any_length_or_place(void **state)
{
    (void)state;
    for (size_t len = 1; len < 40; len++) {
        for (size_t escaped = 0; escaped < len; escaped++) {
            char memory[256];
            struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
            csn_buffer_byte(&out, '{');
            write_name(&out, len, len % 2 == 0 ? escaped : len);
            csn_buffer_byte(&out, ',');
            write_name(&out, len, len % 2 == 0 ? len : escaped);
            csn_buffer_byte(&out, '}');
            assert_false(accepts(csn_buffer_view(&out)));
        }
    }
}

static void
write_member(struct csn_buffer *out, size_t number)
{
    csn_buffer_text(out, out->ptr[out->len - 1] == '{' ? "\"" : ",\"");
    csn_buffer_text(out, number % 2 == 0 ? "name " : "\\u0000"); /* a NUL ends nothing */
    csn_buffer_int(out, (int64_t)number);
    csn_buffer_text(out, "\":1");
}

static void
finds_a_duplicate_of_any_of_many_names(void **state)
{
    (void)state;
    for (size_t names = 1; names < 70; names++) {
        for (size_t twice = 0; twice <= names; twice++) {
            char memory[2048];
            struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
            csn_buffer_byte(&out, '{');
            for (size_t i = 0; i < names; i++)
                write_member(&out, i);
            write_member(&out, twice); /* the last of all is new */
            csn_buffer_byte(&out, '}');
            assert_false(out.overflowed);
            assert_int_equal(accepts(csn_buffer_view(&out)), twice == names);
        }
    }
}

/* An object of `outer` names, the last of which holds one of `inner`. */
static bool
accepts_names(size_t outer, size_t inner)
{
    static char memory[65536];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    csn_buffer_text(&out, "[{");
    for (size_t i = 0; i < outer; i++)
        write_member(&out, i);
    csn_buffer_text(&out, ",\"inner\":{");
    for (size_t i = 0; i < inner; i++)
        write_member(&out, i);
    csn_buffer_text(&out, "},\"more\":1},{\"name 0\":2}]");
    assert_false(out.overflowed);
    return accepts(csn_buffer_view(&out));
}

static void
accepts_512_names_open_at_once_and_refuses_513(void **state)
{
    (void)state;
    assert_int_equal(CSN_JSON_NAMES_MAX, 512);
    assert_true(accepts_names(510, 0));
    assert_false(accepts_names(511, 0));
    assert_true(accepts_names(511 - 200, 200));
    assert_true(accepts_names(1, 510));
    assert_false(accepts_names(1, 511));
}

static void
a_closed_object_gives_its_names_back(void **state)
{
    (void)state;
    static char memory[262144];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    csn_buffer_text(&out, "[");
    for (int object = 0; object < 20; object++) {
        csn_buffer_text(&out, object == 0 ? "{" : ",{");
        for (size_t i = 0; i < CSN_JSON_NAMES_MAX; i++)
            write_member(&out, i);
        csn_buffer_text(&out, "}");
    }
    csn_buffer_text(&out, "]");
    assert_false(out.overflowed);
    assert_true(accepts(csn_buffer_view(&out)));
}

/* --- names of equal hash --- */

struct hashed {
    uint32_t hash, number;
};

static int
by_hash(const void *a, const void *b)
{
    uint32_t x = ((const struct hashed *)a)->hash, y = ((const struct hashed *)b)->hash;
    return x < y ? -1 : x > y;
}

/* Pairs of different numbers whose names have the same hash. */
static struct {
    uint32_t first, second;
} pairs[COLLISIONS_MAX + 1];

static uint32_t
hash_of(size_t number)
{
    static struct csn_json_names names;
    char memory[64];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    csn_buffer_byte(&out, '{');
    write_member(&out, number);
    struct csn_json_reader reader;
    struct csn_json_item item;
    csn_json_reader_init(&reader, csn_buffer_view(&out), &names);
    csn_json_next(&reader, &item);
    csn_json_next(&reader, &item);
    return names.hash[0];
}

static int
find_pairs(void **state)
{
    (void)state;
    struct hashed *all = malloc(SEARCHED * sizeof *all);
    if (all == NULL)
        return -1;
    for (uint32_t i = 0; i < SEARCHED; i++)
        all[i] = (struct hashed){.hash = hash_of(i), .number = i};
    qsort(all, SEARCHED, sizeof *all, by_hash);
    size_t found = 0;
    for (size_t i = 1; i < SEARCHED && found < COUNT(pairs); i++) {
        if (all[i].hash != all[i - 1].hash)
            continue;
        pairs[found].first = all[i - 1].number;
        pairs[found].second = all[i].number;
        found++;
    }
    free(all);
    return found == COUNT(pairs) ? 0 : -1;
}

/* An object of `count` pairs, and one name more. */
static bool
accepts_pairs(size_t count, uint32_t last)
{
    static char memory[4096];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    csn_buffer_byte(&out, '{');
    for (size_t i = 0; i < count; i++) {
        write_member(&out, pairs[i].first);
        write_member(&out, pairs[i].second);
    }
    write_member(&out, last);
    csn_buffer_byte(&out, '}');
    assert_false(out.overflowed);
    return accepts(csn_buffer_view(&out));
}

static void
different_names_of_equal_hash_are_different(void **state)
{
    (void)state;
    assert_true(accepts_pairs(1, SEARCHED));
}

static void
finds_a_duplicate_behind_another_name_of_its_hash(void **state)
{
    (void)state;
    assert_false(accepts_pairs(1, pairs[0].first));
    assert_false(accepts_pairs(1, pairs[0].second));
    assert_false(accepts_pairs(12, pairs[0].second));
    assert_false(accepts_pairs(12, pairs[11].second));
}

static void
accepts_16_collisions_and_refuses_17(void **state)
{
    (void)state;
    assert_true(accepts_pairs(COLLISIONS_MAX, SEARCHED));
    assert_false(accepts_pairs(COLLISIONS_MAX + 1, SEARCHED));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_a_name_that_is_there_already),
        cmocka_unit_test(accepts_names_that_differ_or_belong_to_another_object),
        cmocka_unit_test(what_follows_a_nul_belongs_to_the_name),
        cmocka_unit_test(an_escape_hides_no_duplicate_at_any_length_or_place),
        cmocka_unit_test(finds_a_duplicate_of_any_of_many_names),
        cmocka_unit_test(accepts_512_names_open_at_once_and_refuses_513),
        cmocka_unit_test(a_closed_object_gives_its_names_back),
        cmocka_unit_test(different_names_of_equal_hash_are_different),
        cmocka_unit_test(finds_a_duplicate_behind_another_name_of_its_hash),
        cmocka_unit_test(accepts_16_collisions_and_refuses_17),
    };
    return cmocka_run_group_tests(tests, find_pairs, NULL);
}
