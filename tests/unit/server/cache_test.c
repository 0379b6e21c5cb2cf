/* The verified-token cache: what it gives back, what it never does, and which entry goes first.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/panic.h"
#include "server/domain/cache.h"
#include "server/domain/heap.h"

#define WAYS 4 /* entries of one set, see cache.c */
#define SETS 64

/* What base/panic.c would do is to end the program; here it ends the call. */
void
csn_panic(const char *file, int line, const char *text)
{
    mock_assert(0, text, file, line);
    abort();
}

static struct csn_key keys[] = {
    {.algorithm = CSN_ES256, .state = CSN_KEY_ACTIVE, .number = 1},
    {.algorithm = CSN_ES256, .state = CSN_KEY_ACTIVE, .number = 2},
};
static struct csn_key session_key = {.algorithm = CSN_HS256, .state = CSN_KEY_ACTIVE};
static struct csn_app app;

static int
setup(void **state)
{
    app = (struct csn_app){.id = {"01JAPPAPPAPPAPPAPPAPPAPPAP"},
                           .generation = 1,
                           .keys = {keys, 2},
                           .session_keys = {&session_key, 1}};
    *state = csn_cache_create(1);
    return *state == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
    csn_cache_free(*state);
    return 0;
}

/* The `n`th token of a set: its first word picks the set, so these share one. */
static struct csn_cache_key
key_of(const struct csn_app *of, uint8_t set, uint8_t n)
{
    struct csn_cache_key key = {.app = of};
    key.token_sha256[0] = set;
    key.token_sha256[31] = n;
    return key;
}

static struct csn_caller
caller_of(const char *identity, int64_t key_number)
{
    struct csn_caller caller = {
        .kind = CSN_BEARER_TOKEN,
        .assurance = CSN_ASSURANCE_VERIFIED,
        .identity_len = strlen(identity),
        .expires_ms = 77000,
        .key_number = key_number,
        .verdict = {.reason = CSN_REASON_ACCEPTED,
                    .algorithm = CSN_ES256,
                    .has_issued_at = true,
                    .issued_at_ms = 1000,
                    .has_expires_at = true,
                    .expires_at_ms = 77000},
    };
    memcpy(caller.identity, identity, caller.identity_len);
    caller.verdict.identity = csn_bytes_of(caller.identity, caller.identity_len);
    return caller;
}

static void
put(struct csn_cache *cache, struct csn_cache_key key, const char *identity)
{
    struct csn_caller caller = caller_of(identity, 1);
    csn_cache_put(cache, &key, &caller);
}

static bool
holds(struct csn_cache *cache, struct csn_cache_key key, const char *identity)
{
    struct csn_caller caller;
    return csn_cache_get(cache, &key, &caller) && strcmp(caller.identity, identity) == 0;
}

/* --- what comes back --- */

static void
an_empty_cache_holds_nothing_not_even_for_an_empty_key(void **state)
{
    struct csn_caller caller;
    struct csn_app nobody = {0};
    struct csn_cache_key zero = {.app = &nobody}, key = key_of(&app, 0, 0);
    assert_false(csn_cache_get(*state, &key, &caller));
    assert_false(csn_cache_get(*state, &zero, &caller));
}

static void
gives_back_the_caller_whole(void **state)
{
    struct csn_cache_key key = key_of(&app, 3, 9);
    struct csn_caller kept = caller_of("ada", 2), caller;
    memset(&caller, 0xAA, sizeof caller);
    csn_cache_put(*state, &key, &kept);
    assert_true(csn_cache_get(*state, &key, &caller));
    assert_int_equal(caller.kind, CSN_BEARER_TOKEN);
    assert_int_equal(caller.assurance, CSN_ASSURANCE_VERIFIED);
    assert_string_equal(caller.identity, "ada");
    assert_int_equal(caller.identity_len, 3);
    assert_int_equal(caller.expires_ms, 77000);
    assert_int_equal(caller.key_number, 2);
    assert_int_equal(caller.verdict.reason, CSN_REASON_ACCEPTED);
    assert_int_equal(caller.verdict.algorithm, CSN_ES256);
    assert_true(caller.verdict.has_issued_at);
    assert_int_equal(caller.verdict.issued_at_ms, 1000);
    assert_true(caller.verdict.has_expires_at);
    assert_int_equal(caller.verdict.expires_at_ms, 77000);
}

static void
no_view_of_a_hit_points_into_what_has_gone(void **state)
{
    struct csn_cache_key key = key_of(&app, 3, 9);
    struct csn_caller kept = caller_of("ada", 2), caller;
    uint8_t gone[] = "gone";
    kept.verdict.identity_claim = csn_bytes_text((char *)gone);
    kept.verdict.nonce = kept.verdict.claim = kept.verdict.identity_claim;
    kept.verdict.key = &keys[0];
    csn_cache_put(*state, &key, &kept);
    struct csn_app later = app; /* compiled anew: other memory, same generation */
    struct csn_key later_keys[2] = {keys[0], keys[1]};
    later.keys.keys = later_keys;
    key.app = &later;
    assert_true(csn_cache_get(*state, &key, &caller));
    assert_ptr_equal(caller.verdict.identity.ptr, caller.identity);
    assert_int_equal(caller.verdict.identity.len, 3);
    assert_ptr_equal(caller.verdict.key, &later_keys[1]);
    assert_null(caller.verdict.identity_claim.ptr);
    assert_null(caller.verdict.nonce.ptr);
    assert_null(caller.verdict.claim.ptr);
}

static void
a_hit_whose_key_is_not_there_has_no_key(void **state)
{
    struct csn_cache_key key = key_of(&app, 0, 1);
    struct csn_caller kept = caller_of("ada", 3), caller;
    csn_cache_put(*state, &key, &kept);
    assert_true(csn_cache_get(*state, &key, &caller));
    assert_null(caller.verdict.key);
}

static void
a_session_has_its_key_among_the_session_keys(void **state)
{
    struct csn_cache_key key = key_of(&app, 0, 1);
    struct csn_caller kept = caller_of("ada", 0), caller;
    kept.kind = CSN_BEARER_SESSION;
    csn_cache_put(*state, &key, &kept);
    assert_true(csn_cache_get(*state, &key, &caller));
    assert_ptr_equal(caller.verdict.key, &session_key);
}

/* --- what is never a hit --- */

static void
another_app_or_generation_misses(void **state)
{
    put(*state, key_of(&app, 0, 1), "ada");
    struct csn_app changed = app, other = app;
    changed.generation = 2;
    assert_false(holds(*state, key_of(&changed, 0, 1), "ada"));
    changed.generation = 1ULL << 32 | 1;
    assert_false(holds(*state, key_of(&changed, 0, 1), "ada"));
    for (size_t at = 0; at < CSN_ID_LENGTH; at++) {
        other = app;
        other.id.text[at] ^= 1;
        assert_false(holds(*state, key_of(&other, 0, 1), "ada"));
    }
    assert_true(holds(*state, key_of(&app, 0, 1), "ada"));
}

static void
every_bit_of_the_tokens_hash_counts(void **state)
{
    struct csn_cache_key key = key_of(&app, 0, 1);
    put(*state, key, "ada");
    for (size_t bit = 0; bit < 256; bit++) {
        struct csn_cache_key bent = key;
        bent.token_sha256[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(holds(*state, bent, "ada"));
    }
}

static void
assert_put_panics(struct csn_cache *cache, const struct csn_cache_key *key, enum csn_reason reason)
{
    struct csn_caller caller = caller_of("ada", 1);
    caller.verdict.reason = reason;
    expect_assert_failure(csn_cache_put(cache, key, &caller));
}

static void
refuses_to_keep_anything_but_an_accepted_caller(void **state)
{
    struct csn_cache_key key = key_of(&app, 0, 1);
    for (enum csn_reason reason = CSN_UNDECIDED; reason < CSN_REASON_COUNT; reason++) {
        if (reason != CSN_REASON_ACCEPTED)
            assert_put_panics(*state, &key, reason);
    }
    assert_false(holds(*state, key, "ada"));
}

static void
refuses_to_keep_for_an_app_without_a_generation(void **state)
{
    struct csn_app unborn = app;
    unborn.generation = 0;
    struct csn_cache_key key = key_of(&unborn, 0, 1);
    assert_put_panics(*state, &key, CSN_REASON_ACCEPTED);
}

/* --- its bounds --- */

static void
a_set_keeps_four_and_the_one_unused_longest_goes(void **state)
{
    for (uint8_t n = 1; n <= WAYS; n++)
        put(*state, key_of(&app, 0, n), "ada");
    for (uint8_t n = 1; n <= WAYS; n++)
        assert_true(holds(*state, key_of(&app, 0, n), "ada"));
    assert_true(holds(*state, key_of(&app, 0, 1), "ada")); /* used again: now 2 is the oldest */
    put(*state, key_of(&app, 0, 5), "bob");
    assert_false(holds(*state, key_of(&app, 0, 2), "ada"));
    assert_true(holds(*state, key_of(&app, 0, 1), "ada"));
    assert_true(holds(*state, key_of(&app, 0, 3), "ada"));
    assert_true(holds(*state, key_of(&app, 0, 4), "ada"));
    assert_true(holds(*state, key_of(&app, 0, 5), "bob"));
}

static void
putting_again_replaces_and_renews(void **state)
{
    for (uint8_t n = 1; n <= WAYS; n++)
        put(*state, key_of(&app, 0, n), "ada");
    put(*state, key_of(&app, 0, 1), "eve"); /* replaces, and makes 2 the oldest */
    put(*state, key_of(&app, 0, 5), "bob");
    assert_true(holds(*state, key_of(&app, 0, 1), "eve"));
    assert_false(holds(*state, key_of(&app, 0, 2), "ada"));
    for (uint8_t n = 3; n <= WAYS; n++)
        assert_true(holds(*state, key_of(&app, 0, n), "ada"));
}

static void
one_set_never_takes_from_another(void **state)
{
    put(*state, key_of(&app, 1, 0), "ada");
    for (unsigned set = 0; set < SETS; set++) {
        for (uint8_t n = 0; n < 20 && set != 1; n++)
            put(*state, key_of(&app, (uint8_t)set, n), "bob");
    }
    assert_true(holds(*state, key_of(&app, 1, 0), "ada"));
}

static void
the_past_of_an_app_makes_room_for_its_present(void **state)
{
    struct csn_app changed = app;
    for (uint8_t n = 1; n <= WAYS; n++)
        put(*state, key_of(&app, 0, n), "ada");
    changed.generation = 2;
    for (uint8_t n = 1; n <= WAYS; n++)
        put(*state, key_of(&changed, 0, n), "bob");
    for (uint8_t n = 1; n <= WAYS; n++) {
        assert_true(holds(*state, key_of(&changed, 0, n), "bob"));
        assert_false(holds(*state, key_of(&app, 0, n), "ada"));
    }
}

static uint64_t
memory_of(size_t entries)
{
    uint64_t before = csn_heap_in_use();
    struct csn_cache *cache = csn_cache_create(entries);
    assert_non_null(cache);
    uint64_t size = csn_heap_in_use() - before;
    csn_cache_free(cache);
    assert_int_equal(csn_heap_in_use(), before);
    return size;
}

static void
its_memory_is_set_by_its_size_alone(void **state)
{
    uint64_t smallest = memory_of(0), before = csn_heap_in_use();
    assert_int_equal(memory_of(SETS * WAYS), smallest);
    uint64_t twice = memory_of(SETS * WAYS + 1);
    assert_true(twice > smallest + smallest * 9 / 10 && twice < 2 * smallest);
    assert_int_equal(memory_of(2 * SETS * WAYS), twice);
    for (unsigned n = 0; n < 5000; n++) {
        struct csn_cache_key key = key_of(&app, (uint8_t)n, (uint8_t)(n >> 8));
        put(*state, key, "ada");
    }
    assert_int_equal(csn_heap_in_use(), before);
}

static void
holds_as_many_as_it_was_made_for_where_they_spread(void **state)
{
    (void)state;
    struct csn_cache *cache = csn_cache_create(1024); /* 256 sets */
    for (unsigned n = 0; n < 1024; n++)
        put(cache, key_of(&app, (uint8_t)n, (uint8_t)(n >> 8)), "ada");
    for (unsigned n = 0; n < 1024; n++)
        assert_true(holds(cache, key_of(&app, (uint8_t)n, (uint8_t)(n >> 8)), "ada"));
    csn_cache_free(cache);
}

static void
makes_none_when_memory_is_out(void **state)
{
    (void)state;
    csn_heap_fail_from(1);
    assert_null(csn_cache_create(1));
    csn_heap_fail_from(0);
    csn_cache_free(NULL);
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        SENTENCE(an_empty_cache_holds_nothing_not_even_for_an_empty_key),
        SENTENCE(gives_back_the_caller_whole),
        SENTENCE(no_view_of_a_hit_points_into_what_has_gone),
        SENTENCE(a_hit_whose_key_is_not_there_has_no_key),
        SENTENCE(a_session_has_its_key_among_the_session_keys),
        SENTENCE(another_app_or_generation_misses),
        SENTENCE(every_bit_of_the_tokens_hash_counts),
        SENTENCE(refuses_to_keep_anything_but_an_accepted_caller),
        SENTENCE(refuses_to_keep_for_an_app_without_a_generation),
        SENTENCE(a_set_keeps_four_and_the_one_unused_longest_goes),
        SENTENCE(putting_again_replaces_and_renews),
        SENTENCE(one_set_never_takes_from_another),
        SENTENCE(the_past_of_an_app_makes_room_for_its_present),
        SENTENCE(its_memory_is_set_by_its_size_alone),
        SENTENCE(holds_as_many_as_it_was_made_for_where_they_spread),
        SENTENCE(makes_none_when_memory_is_out),
    };
    return cmocka_run_group_tests_name("cache", tests, NULL, NULL);
}
