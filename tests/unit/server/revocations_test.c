/* What was revoked, as memory knows it: kinds, apps, expiry, growth, and a heap that fails.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/crypto.h"
#include "server/domain/heap.h"
#include "server/domain/revocations.h"
#include "tests/unit/server/registry_world.h"

#define NOW 1795219200000LL

static const struct csn_id APP = {"01JAPPAPPAPPAPPAPPAPPAPPAP"};
static const struct csn_id OTHER = {"01JANTHERANTHERANTHERANTHE"};

struct hash {
    uint8_t bytes[32];
};

static struct csn_id
session_number(unsigned n)
{
    struct csn_id id;
    snprintf(id.text, sizeof id.text, "01J%023u", n);
    return id;
}

static struct hash
token_number(unsigned n)
{
    struct hash hash;
    csn_sha256(csn_bytes_of(&n, sizeof n), hash.bytes);
    return hash;
}

static int
setup(void **state)
{
    *state = csn_revocations_create();
    return *state == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
    csn_revocations_free(*state);
    return 0;
}

static void
revoke_session(struct csn_revocations *r, struct csn_id app, unsigned n, int64_t expires_ms)
{
    assert_int_equal(csn_revoke_session(r, app, session_number(n), expires_ms), CSN_OK);
}

static void
revoke_token(struct csn_revocations *r, struct csn_id app, unsigned n, int64_t expires_ms)
{
    assert_int_equal(csn_revoke_token(r, app, token_number(n).bytes, expires_ms), CSN_OK);
}

static bool
is_session(struct csn_revocations *r, struct csn_id app, unsigned n)
{
    struct csn_id id = session_number(n);
    return csn_is_session_revoked(r, &app, &id);
}

static bool
is_token(struct csn_revocations *r, struct csn_id app, unsigned n)
{
    return csn_is_token_revoked(r, &app, token_number(n).bytes);
}

/* --- what is revoked --- */

static void
nothing_is_revoked_at_first(void **state)
{
    struct csn_revocations *r = *state;
    assert_false(csn_revocations_any(r));
    assert_false(is_session(r, APP, 1));
    assert_false(is_token(r, APP, 1));
    assert_false(is_session(r, (struct csn_id){0}, 0));
    csn_revocations_expire(r, NULL, NOW);
    assert_false(csn_revocations_any(r));
}

static void
a_revocation_speaks_of_one_thing_of_one_kind_in_one_app(void **state)
{
    struct csn_revocations *r = *state;
    revoke_session(r, APP, 1, NOW);
    revoke_token(r, OTHER, 2, NOW);
    assert_true(csn_revocations_any(r));
    assert_true(is_session(r, APP, 1));
    assert_false(is_session(r, OTHER, 1));
    assert_false(is_session(r, APP, 2));
    assert_false(is_session(r, APP, 11));
    assert_true(is_token(r, OTHER, 2));
    assert_false(is_token(r, APP, 2));
    assert_false(is_token(r, OTHER, 1));
}

static void
a_token_whose_hash_reads_like_a_session_is_not_that_session(void **state)
{
    struct csn_revocations *r = *state;
    struct csn_id session = session_number(7);
    uint8_t hash[32] = {0};
    memcpy(hash, session.text, CSN_ID_LENGTH);
    assert_int_equal(csn_revoke_token(r, APP, hash, NOW), CSN_OK);
    assert_false(csn_is_session_revoked(r, &APP, &session));
    assert_true(csn_is_token_revoked(r, &APP, hash));
}

static void
every_byte_of_a_name_counts(void **state)
{
    struct csn_revocations *r = *state;
    struct hash hash = token_number(1);
    revoke_token(r, APP, 1, NOW);
    for (size_t at = 0; at < sizeof hash.bytes; at++) {
        struct hash bent = hash;
        bent.bytes[at] ^= 1;
        assert_false(csn_is_token_revoked(r, &APP, bent.bytes));
    }
    for (size_t at = 0; at < CSN_ID_LENGTH; at++) {
        struct csn_id app = APP;
        app.text[at] ^= 1;
        assert_false(csn_is_token_revoked(r, &app, hash.bytes));
    }
    revoke_session(r, APP, 1, NOW);
    for (size_t at = 0; at < CSN_ID_LENGTH; at++) {
        struct csn_id session = session_number(1);
        session.text[at] ^= 1;
        assert_false(csn_is_session_revoked(r, &APP, &session));
    }
}

static void
the_end_of_a_text_says_nothing(void **state)
{
    struct csn_revocations *r = *state;
    struct csn_id app = APP, session = session_number(1);
    app.text[CSN_ID_LENGTH] = 'x';
    session.text[CSN_ID_LENGTH] = 'x';
    assert_int_equal(csn_revoke_session(r, app, session, NOW), CSN_OK);
    assert_true(is_session(r, APP, 1));
}

/* --- until when --- */

static void
a_revocation_stays_until_it_is_told_the_time(void **state)
{
    struct csn_revocations *r = *state;
    revoke_session(r, APP, 1, NOW);
    csn_revocations_expire(r, NULL, NOW - 1);
    assert_true(is_session(r, APP, 1));
    csn_revocations_expire(r, NULL, NOW);
    assert_false(is_session(r, APP, 1));
    assert_false(csn_revocations_any(r));
}

static void
revoking_again_only_ever_lengthens(void **state)
{
    struct csn_revocations *r = *state;
    revoke_session(r, APP, 1, NOW);
    revoke_session(r, APP, 1, NOW - 1000);
    csn_revocations_expire(r, NULL, NOW - 1);
    assert_true(is_session(r, APP, 1));
    revoke_session(r, APP, 1, NOW + 1000);
    csn_revocations_expire(r, NULL, NOW + 999);
    assert_true(is_session(r, APP, 1));
    csn_revocations_expire(r, NULL, NOW + 1000);
    assert_false(csn_revocations_any(r)); /* it was one entry all along */
}

static void
only_what_expired_is_forgotten(void **state)
{
    struct csn_revocations *r = *state;
    for (unsigned i = 0; i < 500; i++) {
        revoke_session(r, APP, i, NOW + i);
        revoke_token(r, OTHER, i, NOW + i);
    }
    for (unsigned passed = 0; passed < 500; passed += 50) {
        csn_revocations_expire(r, NULL, NOW + passed);
        for (unsigned i = 0; i < 500; i++) {
            assert_int_equal(is_session(r, APP, i), i > passed);
            assert_int_equal(is_token(r, OTHER, i), i > passed);
        }
    }
}

static void
what_never_expires_stays(void **state)
{
    struct csn_revocations *r = *state;
    revoke_session(r, APP, 1, INT64_MAX);
    csn_revocations_expire(r, NULL, INT64_MAX - 1);
    assert_true(is_session(r, APP, 1));
}

static void
what_expired_before_it_was_told_still_denies_until_the_next_round(void **state)
{
    struct csn_revocations *r = *state;
    revoke_session(r, APP, 1, 0);
    assert_true(is_session(r, APP, 1));
    csn_revocations_expire(r, NULL, NOW);
    assert_false(is_session(r, APP, 1));
}

/* --- how many --- */

static void
all_are_found_however_many_there_are(void **state)
{
    struct csn_revocations *r = *state;
    enum { MANY = 20000 };
    for (unsigned i = 0; i < MANY; i++)
        revoke_token(r, APP, i, NOW);
    for (unsigned i = 0; i < MANY; i++) {
        assert_true(is_token(r, APP, i));
        assert_false(is_token(r, APP, MANY + i));
    }
}

static void
things_with_one_hash_are_told_apart(void **state)
{
    struct csn_revocations *r = *state;
    struct hash one = {{1}}, other = {{0}};
    other.bytes[16] = 1; /* the third word is folded into the first */
    assert_int_equal(csn_revoke_token(r, APP, one.bytes, NOW), CSN_OK);
    assert_false(csn_is_token_revoked(r, &APP, other.bytes));
    assert_int_equal(csn_revoke_token(r, APP, other.bytes, NOW + 1), CSN_OK);
    assert_int_equal(csn_revoke_token(r, OTHER, one.bytes, NOW + 1), CSN_OK);
    csn_revocations_expire(r, NULL,
                           NOW); /* the first leaves; those behind it are found all the same */
    assert_false(csn_is_token_revoked(r, &APP, one.bytes));
    assert_true(csn_is_token_revoked(r, &APP, other.bytes));
    assert_true(csn_is_token_revoked(r, &OTHER, one.bytes));
}

static void
memory_follows_what_is_alive(void **state)
{
    struct csn_revocations *r = *state;
    uint64_t at_first = csn_heap_in_use();
    for (unsigned i = 0; i < 5000; i++)
        revoke_token(r, APP, i, i < 20 ? NOW + 1 : NOW);
    uint64_t grown = csn_heap_in_use();
    assert_true(grown > 10 * at_first);
    for (unsigned i = 0; i < 5000; i++)
        revoke_token(r, APP, i, NOW); /* again: takes nothing */
    assert_int_equal(csn_heap_in_use(), grown);
    csn_revocations_expire(r, NULL, NOW);
    assert_int_equal(csn_heap_in_use(), at_first);
    for (unsigned i = 0; i < 20; i++)
        assert_true(is_token(r, APP, i));
}

static void
the_table_stays_at_most_half_full_when_nothing_expired(void **state)
{
    struct csn_revocations *r = *state;
    for (unsigned i = 0; i < 40; i++)
        revoke_token(r, APP, i, NOW + 1);
    uint64_t grown = csn_heap_in_use();
    csn_revocations_expire(r, NULL, NOW);
    assert_int_equal(csn_heap_in_use(), grown);
}

/* --- when memory is out --- */

static void
makes_none_when_memory_is_out(void **state)
{
    (void)state;
    uint64_t before = csn_heap_in_use();
    for (uint64_t nth = 1; nth <= 2; nth++) {
        csn_heap_fail_from(nth);
        assert_null(csn_revocations_create());
        csn_heap_fail_from(0);
    }
    assert_int_equal(csn_heap_in_use(), before);
    csn_revocations_free(NULL);
}

static void
says_when_it_could_not_revoke_and_forgets_nothing(void **state)
{
    struct csn_revocations *r = *state;
    unsigned kept = 0;
    csn_heap_fail_from(1);
    while (csn_revoke_session(r, APP, session_number(kept), NOW) == CSN_OK)
        kept++;
    csn_heap_fail_from(0);
    assert_in_range(kept, 16, 64);
    for (unsigned i = 0; i < kept; i++)
        assert_true(is_session(r, APP, i));
    assert_false(is_session(r, APP, kept));
    revoke_session(r, APP, kept, NOW);
    assert_true(is_session(r, APP, kept));
}

static void
what_cannot_be_forgotten_for_want_of_memory_goes_on_denying(void **state)
{
    struct csn_revocations *r = *state;
    revoke_session(r, APP, 1, NOW);
    csn_heap_fail_from(1);
    csn_revocations_expire(r, NULL, NOW);
    csn_heap_fail_from(0);
    assert_true(is_session(r, APP, 1));
    csn_revocations_expire(r, NULL, NOW);
    assert_false(is_session(r, APP, 1));
}

/* --- customers --- */

static const uint8_t ANN[CSN_NAME_HASH] = {1, 2, 3}, BOB[CSN_NAME_HASH] = {1, 2, 4};

static void
a_customer_is_revoked_up_to_the_latest_time_told(void **state)
{
    struct csn_revocations *r = *state;
    assert_false(csn_revocations_any_customer(r));
    assert_int_equal(csn_customer_revoked_before(r, &APP, ANN), 0);
    static const int64_t told[] = {NOW, NOW + 5, NOW - 5};
    static const int64_t known[] = {NOW, NOW + 5, NOW + 5};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(csn_revoke_customer(r, APP, ANN, told[i]), CSN_OK);
        assert_int_equal(csn_customer_revoked_before(r, &APP, ANN), known[i]);
    }
    assert_true(csn_revocations_any(r));
    assert_true(csn_revocations_any_customer(r));
    assert_int_equal(csn_customer_revoked_before(r, &APP, BOB), 0);
    assert_int_equal(csn_customer_revoked_before(r, &OTHER, ANN), 0);
    csn_revocations_expire(r, NULL, INT64_MAX - 1);
    assert_int_equal(csn_customer_revoked_before(r, &APP, ANN), NOW + 5);
}

/* Made under a policy of these members; a clock may be a minute off. */
static struct csn_id
app_under(struct registry_world *w, const char *members)
{
    char policy[200];
    struct csn_app_info about;
    struct csn_id app = rw_app(w, NULL);
    snprintf(policy, sizeof policy, "{\"algorithms\":[\"HS256\"],\"leeway_s\":60%s}", members);
    assert_int_equal(RW(w, csn_management_policy_set(&w->m, app, rw_text(policy), 0, &about)),
                     CSN_OK);
    return app;
}

static void
a_customer_is_forgotten_once_the_policy_lets_none_of_the_tokens_live(void **state)
{
    struct csn_revocations *r = *state;
    struct registry_world w;
    rw_open(&w);
    static const struct {
        const char *members;
        int64_t life_ms;
    } cases[] = {
        {",\"lifetime_max_s\":600", 660000},
        {",\"lifetime_max_s\":600,\"issued_within_s\":300", 360000},
        {",\"lifetime_max_s\":600,\"issued_within_s\":300,\"use\":\"every_request\"", 660000},
        {",\"issued_within_s\":300", 360000},
        {",\"issued_within_s\":300,\"use\":\"every_request\"", 0}, /* fresh at the login alone */
        {"", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct csn_id app = app_under(&w, cases[i].members);
        bool ends = cases[i].life_ms > 0;
        int64_t end_ms = ends ? NOW + cases[i].life_ms : INT64_MAX - 1;
        assert_int_equal(csn_revoke_customer(r, app, ANN, NOW), CSN_OK);
        csn_revocations_expire(r, w.registry, end_ms - 1);
        assert_int_equal(csn_customer_revoked_before(r, &app, ANN), NOW);
        assert_int_equal(csn_revoke_customer(r, app, ANN, NOW - 5), CSN_OK); /* told again */
        csn_revocations_expire(r, w.registry, end_ms);
        assert_int_equal(csn_customer_revoked_before(r, &app, ANN), ends ? 0 : NOW);
        assert_int_equal(csn_revocations_any_customer(r), !ends);
        rw_begin(&w);
        assert_int_equal(rw_end(&w, csn_management_app_delete(&w.m, app, NOW)), CSN_OK);
        csn_revocations_expire(r, w.registry, NOW); /* gone, and its tokens with it */
        assert_false(csn_revocations_any(r));
    }
    rw_close(&w);
}

static void
the_policy_of_now_says_when_a_customer_is_forgotten(void **state)
{
    struct csn_revocations *r = *state;
    struct registry_world w;
    rw_open(&w);
    struct csn_id app = app_under(&w, "");
    struct csn_app_info about;
    struct csn_bytes shorter = rw_text("{\"algorithms\":[\"HS256\"],\"lifetime_max_s\":600}");
    assert_int_equal(csn_revoke_customer(r, app, ANN, NOW), CSN_OK);
    csn_revocations_expire(r, w.registry, NOW + 660000);
    assert_true(csn_revocations_any(r));
    assert_int_equal(RW(&w, csn_management_policy_set(&w.m, app, shorter, 0, &about)), CSN_OK);
    csn_revocations_expire(r, w.registry, NOW + 660000);
    assert_false(csn_revocations_any(r));
    rw_close(&w);
}

static void
a_session_revoked_is_no_customer_revoked(void **state)
{
    struct csn_revocations *r = *state;
    revoke_session(r, APP, 1, NOW + 1);
    uint8_t who[CSN_NAME_HASH];
    memcpy(who, session_number(1).text, sizeof who);
    assert_false(csn_revocations_any_customer(r));
    assert_int_equal(csn_customer_revoked_before(r, &APP, who), 0);
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        SENTENCE(nothing_is_revoked_at_first),
        SENTENCE(a_revocation_speaks_of_one_thing_of_one_kind_in_one_app),
        SENTENCE(a_token_whose_hash_reads_like_a_session_is_not_that_session),
        SENTENCE(every_byte_of_a_name_counts),
        SENTENCE(the_end_of_a_text_says_nothing),
        SENTENCE(a_revocation_stays_until_it_is_told_the_time),
        SENTENCE(revoking_again_only_ever_lengthens),
        SENTENCE(only_what_expired_is_forgotten),
        SENTENCE(what_never_expires_stays),
        SENTENCE(what_expired_before_it_was_told_still_denies_until_the_next_round),
        SENTENCE(all_are_found_however_many_there_are),
        SENTENCE(things_with_one_hash_are_told_apart),
        SENTENCE(memory_follows_what_is_alive),
        SENTENCE(the_table_stays_at_most_half_full_when_nothing_expired),
        SENTENCE(a_customer_is_revoked_up_to_the_latest_time_told),
        SENTENCE(a_customer_is_forgotten_once_the_policy_lets_none_of_the_tokens_live),
        SENTENCE(the_policy_of_now_says_when_a_customer_is_forgotten),
        SENTENCE(a_session_revoked_is_no_customer_revoked),
        SENTENCE(makes_none_when_memory_is_out),
        SENTENCE(says_when_it_could_not_revoke_and_forgets_nothing),
        SENTENCE(what_cannot_be_forgotten_for_want_of_memory_goes_on_denying),
    };
    return cmocka_run_group_tests_name("revocations", tests, NULL, NULL);
}
