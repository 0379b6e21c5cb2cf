/* Whom the places to send from are given to.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/outbox/shares.h"

static struct csn_shares shares;

static int
setup(void **state)
{
    (void)state;
    memset(&shares, 0, sizeof shares);
    return 0;
}

static struct csn_parcel
to(char app, const char *url)
{
    struct csn_parcel parcel = {.carrier = CSN_CARRIER_WEBHOOK, .url = url};
    memset(parcel.row.app.text, app, CSN_ID_LENGTH);
    return parcel;
}

static bool
may(char app, bool beyond)
{
    struct csn_parcel parcel = to(app, "");
    return csn_shares_app_may(&shares, parcel.row.app, beyond);
}

static enum csn_room
room(char app, const char *url)
{
    struct csn_parcel parcel = to(app, url);
    return csn_shares_room(&shares, &parcel);
}

/* Returns: the place. */
static size_t
take(char app, const char *url)
{
    struct csn_parcel parcel = to(app, url);
    size_t place = csn_shares_unused(&shares);
    assert_true(place < CSN_SENDS_MAX);
    csn_shares_take(&shares, place, &parcel);
    return place;
}

static void
ask(char app, const char *url, enum csn_outcome outcome)
{
    csn_shares_give_back(&shares, take(app, url), outcome);
}

static void
gives_an_app_its_share_whoever_else_has_more(void **state)
{
    (void)state;
    while (may('A', true))
        take('A', "https://a.example");
    assert_int_equal(csn_shares_unused(&shares), CSN_SENDS_MAX - CSN_SENDS_KEPT);
    for (size_t i = 0; i < CSN_SENDS_APP_MAX; i++) {
        assert_true(may('B', false));
        take('B', "https://b.example");
    }
    assert_false(may('B', false));
    assert_false(may('C', true));
}

static void
gives_no_more_than_a_share_at_first(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSN_SENDS_APP_MAX; i++) {
        assert_true(may('A', false));
        take('A', "https://a.example");
    }
    assert_false(may('A', false));
    assert_true(may('A', true));
}

static void
takes_a_place_back(void **state)
{
    (void)state;
    size_t place = 0;
    while (may('A', false))
        place = take('A', "https://a.example");
    csn_shares_give_back(&shares, place, CSN_OUTCOME_TAKEN);
    assert_true(may('A', false));
    csn_shares_give_back(&shares, place, CSN_OUTCOME_TAKEN);
}

static void
gives_an_origin_no_more_than_its_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSN_SENDS_HOST_MAX; i++) {
        assert_int_equal(room('A', "https://a.example/hook"), CSN_ROOM_FREE);
        take(i % 2 ? 'A' : 'B', "https://a.example/other");
    }
    assert_int_equal(room('A', "https://a.example/hook"), CSN_ROOM_NONE);
    assert_int_equal(room('A', "https://a.example:8443/hook"), CSN_ROOM_FREE);
}

static void
asks_an_origin_that_did_not_answer_one_at_a_time_until_it_does(void **state)
{
    (void)state;
    ask('A', "https://a.example/1", CSN_OUTCOME_UNREACHABLE);
    assert_int_equal(room('A', "https://a.example/2"), CSN_ROOM_FREE);
    size_t place = take('A', "https://a.example/2");
    assert_int_equal(room('A', "https://a.example/3"), CSN_ROOM_SILENT);
    csn_shares_give_back(&shares, place, CSN_OUTCOME_BROKEN);
    take('A', "https://a.example/4");
    assert_int_equal(room('A', "https://a.example/5"), CSN_ROOM_FREE);
}

static void
learns_nothing_from_what_was_never_asked(void **state)
{
    (void)state;
    ask('A', "https://a.example", CSN_OUTCOME_UNREACHABLE);
    ask('A', "https://a.example", CSN_OUTCOME_NO_WAY);
    ask('A', "https://a.example", CSN_OUTCOME_NONE);
    take('A', "https://a.example");
    assert_int_equal(room('A', "https://a.example"), CSN_ROOM_SILENT);
}

static void
slows_no_app_for_what_another_met(void **state)
{
    (void)state;
    ask('A', "https://push.example", CSN_OUTCOME_UNREACHABLE);
    take('A', "https://push.example");
    take('B', "https://push.example");
    assert_int_equal(room('A', "https://push.example"), CSN_ROOM_SILENT);
    assert_int_equal(room('B', "https://push.example"), CSN_ROOM_FREE);
}

static void
gives_all_that_are_silent_a_quarter_together(void **state)
{
    (void)state;
    static const char *const urls[] = {"https://1.example", "https://2.example",
                                       "https://3.example", "https://4.example",
                                       "https://5.example"};
    _Static_assert(sizeof urls / sizeof *urls == CSN_SENDS_SILENT_MAX + 1, "one more than go");
    for (size_t i = 0; i <= CSN_SENDS_SILENT_MAX; i++)
        ask('A', urls[i], CSN_OUTCOME_UNREACHABLE);
    for (size_t i = 0; i < CSN_SENDS_SILENT_MAX; i++) {
        assert_int_equal(room('A', urls[i]), CSN_ROOM_FREE);
        take('A', urls[i]);
    }
    assert_int_equal(room('A', urls[CSN_SENDS_SILENT_MAX]), CSN_ROOM_SILENT);
    assert_int_equal(room('B', "https://else.example"), CSN_ROOM_FREE);
}

static void
has_room_for_what_is_not_sent(void **state)
{
    (void)state;
    struct csn_parcel moot = {.outcome = CSN_OUTCOME_MOOT};
    assert_int_equal(csn_shares_room(&shares, &moot), CSN_ROOM_FREE);
    csn_shares_take(&shares, 0, &moot);
    csn_shares_give_back(&shares, 0, CSN_OUTCOME_MOOT);
    assert_int_equal(csn_shares_unused(&shares), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(gives_an_app_its_share_whoever_else_has_more, setup),
        cmocka_unit_test_setup(gives_no_more_than_a_share_at_first, setup),
        cmocka_unit_test_setup(takes_a_place_back, setup),
        cmocka_unit_test_setup(gives_an_origin_no_more_than_its_own, setup),
        cmocka_unit_test_setup(asks_an_origin_that_did_not_answer_one_at_a_time_until_it_does,
                               setup),
        cmocka_unit_test_setup(learns_nothing_from_what_was_never_asked, setup),
        cmocka_unit_test_setup(slows_no_app_for_what_another_met, setup),
        cmocka_unit_test_setup(gives_all_that_are_silent_a_quarter_together, setup),
        cmocka_unit_test_setup(has_room_for_what_is_not_sent, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
