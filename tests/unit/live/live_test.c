/* What a stream is told, in which order it reads and sends, and when it beats.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/live/scene.h"

/* --- news --- */

static void
says_hello_first_and_then_reads(void **state)
{
    (void)state;
    struct peer peer;
    open_peer(&peer, ALICE);
    assert_int_equal(scene.asked_count, 0); /* not before the hello was taken */
    assert_int_equal(drink(&peer, 64), CSN_LIVE_PAUSED);
    assert_string_equal(peer.got, HELLO);
    assert_int_equal(scene.asked_count, 1);
    give(&(struct csn_live_page){0}, "one\n\n");
    assert_false(peer.paused);
    assert_int_equal(drink(&peer, 64), CSN_LIVE_PAUSED);
    assert_string_equal(peer.got, HELLO "one\n\n");
    assert_int_equal(scene.asked_count, 0); /* nobody told it of more */
    close_peer(&peer);
}

static void
tells_every_stream_of_the_customer_and_nobody_else(void **state)
{
    (void)state;
    struct peer phone, tablet, bob, other_app;
    open_resting(&phone, ALICE);
    open_resting(&tablet, ALICE);
    open_resting(&bob, BOB);
    assert_int_equal(open_for(&other_app, APP_B, ALICE, 0), CSN_OK);
    drink(&other_app, 64);
    give(&(struct csn_live_page){0}, NULL);
    csn_live_tell(scene.live, id_of(APP_A), id_of(ALICE));
    assert_int_equal(scene.asked_count, 2);
    give(&(struct csn_live_page){0}, "x\n\n");
    give(&(struct csn_live_page){0}, "x\n\n");
    assert_false(phone.paused);
    assert_false(tablet.paused);
    assert_true(bob.paused);
    assert_true(other_app.paused);
    drink(&phone, 64), drink(&tablet, 64);
    close_peer(&phone), close_peer(&tablet), close_peer(&bob), close_peer(&other_app);
}

static void
tells_every_customer_of_an_app(void **state)
{
    (void)state;
    struct peer alice, bob, other_app;
    open_resting(&alice, ALICE);
    open_resting(&bob, BOB);
    assert_int_equal(open_for(&other_app, APP_B, ALICE, 0), CSN_OK);
    drink(&other_app, 64);
    give(&(struct csn_live_page){0}, NULL);
    csn_live_tell_app(scene.live, id_of(APP_A));
    assert_int_equal(scene.asked_count, 2);
    give(&(struct csn_live_page){0}, NULL);
    give(&(struct csn_live_page){0}, NULL);
    close_peer(&alice), close_peer(&bob), close_peer(&other_app);
}

static void
tells_nobody_where_there_is_no_hub(void **state)
{
    (void)state;
    csn_live_tell(NULL, id_of(APP_A), id_of(ALICE));
    csn_live_tell_app(NULL, id_of(APP_A));
    assert_int_equal(csn_live_counts(NULL).open, 0);
}

static void
is_not_resumed_for_news_it_may_not_see(void **state)
{
    (void)state;
    struct peer peer;
    open_resting(&peer, ALICE);
    csn_live_tell(scene.live, id_of(APP_A), id_of(ALICE));
    give(&(struct csn_live_page){0}, NULL);
    assert_int_equal(peer.resumes, 0);
    close_peer(&peer);
}

static void
reads_again_when_told_while_it_reads(void **state)
{
    (void)state;
    struct peer peer;
    open_resting(&peer, ALICE);
    csn_live_tell(scene.live, id_of(APP_A), id_of(ALICE));
    csn_live_tell(scene.live, id_of(APP_A), id_of(ALICE));
    csn_live_tell(scene.live, id_of(APP_A), id_of(ALICE));
    assert_int_equal(scene.asked_count, 1);
    give(&(struct csn_live_page){0}, NULL);
    assert_int_equal(scene.asked_count, 1); /* once for both */
    give(&(struct csn_live_page){0}, NULL);
    assert_int_equal(scene.asked_count, 0);
    close_peer(&peer);
}

/* --- back-pressure --- */

static void
reads_the_next_page_only_when_the_last_was_taken(void **state)
{
    (void)state;
    struct peer peer;
    open_resting(&peer, ALICE);
    csn_live_tell(scene.live, id_of(APP_A), id_of(ALICE));
    give(&(struct csn_live_page){.more = true}, "0123456789");
    csn_live_tell(scene.live, id_of(APP_A), id_of(ALICE));
    size_t len = 0;
    bool page = false;
    assert_int_equal(csn_live_take(peer.stream, peer.got, 4, &len, &page), CSN_LIVE_TAKEN);
    assert_int_equal(len, 4);
    assert_true(page);
    assert_int_equal(scene.asked_count, 0);
    assert_int_equal(csn_live_take(peer.stream, peer.got, 6, &len, &page), CSN_LIVE_TAKEN);
    assert_int_equal(len, 6);
    assert_false(page);
    assert_int_equal(scene.asked_count, 0);
    assert_int_equal(csn_live_take(peer.stream, peer.got, 6, &len, &page), CSN_LIVE_PAUSED);
    assert_int_equal(scene.asked_count, 1);
    give(&(struct csn_live_page){0}, NULL);
    close_peer(&peer);
}

static void
has_only_so_many_reads_under_way(void **state)
{
    (void)state;
    enum { PEERS = CSN_LIVE_READS_MAX + 5 };
    static struct peer peers[PEERS];
    for (size_t i = 0; i < PEERS; i++)
        open_resting(&peers[i], i % 2 == 0 ? ALICE : BOB);
    csn_live_tell_app(scene.live, id_of(APP_A));
    assert_int_equal(scene.asked_count, CSN_LIVE_READS_MAX);
    assert_int_equal(csn_live_counts(scene.live).reads, CSN_LIVE_READS_MAX);
    give(&(struct csn_live_page){0}, NULL);
    assert_int_equal(scene.asked_count, CSN_LIVE_READS_MAX); /* the next in line */
    for (size_t i = 1; i < PEERS; i++)
        give(&(struct csn_live_page){0}, NULL);
    assert_int_equal(scene.asked_count, 0);
    for (size_t i = 0; i < PEERS; i++)
        close_peer(&peers[i]);
}

static void
reads_that_answer_at_once_do_not_pile_up(void **state)
{
    (void)state;
    static struct peer peers[200];
    for (size_t i = 0; i < 200; i++)
        open_resting(&peers[i], ALICE);
    scene.inline_reads = true;
    csn_live_tell_app(scene.live, id_of(APP_A));
    assert_int_equal(csn_live_counts(scene.live).reads, 0);
    for (size_t i = 0; i < 200; i++)
        close_peer(&peers[i]);
}

static void
a_failed_read_is_made_again_in_the_next_round(void **state)
{
    (void)state;
    struct peer peer;
    open_resting(&peer, ALICE);
    csn_live_tell(scene.live, id_of(APP_A), id_of(ALICE));
    give(&(struct csn_live_page){.failed = true}, NULL);
    assert_int_equal(scene.asked_count, 0);
    csn_live_round(scene.live, NOW_MS + 1);
    assert_int_equal(scene.asked_count, 1);
    give(&(struct csn_live_page){0}, NULL);
    csn_live_round(scene.live, NOW_MS + 2);
    assert_int_equal(scene.asked_count, 0);
    close_peer(&peer);
}

/* --- beats --- */

static void
beats_when_it_was_silent_for_so_long(void **state)
{
    (void)state;
    struct peer peer;
    open_resting(&peer, ALICE);
    csn_live_round(scene.live, NOW_MS + CSN_LIVE_BEAT_MS - 1);
    assert_true(peer.paused);
    csn_live_round(scene.live, NOW_MS + CSN_LIVE_BEAT_MS);
    assert_false(peer.paused);
    assert_int_equal(drink(&peer, 64), CSN_LIVE_PAUSED);
    assert_string_equal(peer.got, ":\n\n");
    csn_live_round(scene.live, NOW_MS + 2 * CSN_LIVE_BEAT_MS - 1);
    assert_true(peer.paused);
    csn_live_round(scene.live, NOW_MS + 2 * CSN_LIVE_BEAT_MS);
    assert_false(peer.paused);
    close_peer(&peer);
}

static void
beats_also_while_it_stands_in_line(void **state)
{
    (void)state;
    static struct peer peers[CSN_LIVE_READS_MAX + 1];
    for (size_t i = 0; i <= CSN_LIVE_READS_MAX; i++)
        open_resting(&peers[i], ALICE);
    csn_live_tell_app(scene.live, id_of(APP_A));
    csn_live_round(scene.live, NOW_MS + CSN_LIVE_BEAT_MS);
    size_t beating = 0;
    struct peer *waited = NULL;
    for (size_t i = 0; i <= CSN_LIVE_READS_MAX; i++) {
        beating += !peers[i].paused;
        waited = !peers[i].paused ? &peers[i] : waited;
    }
    assert_int_equal(beating, 1);
    assert_int_equal(drink(waited, 64), CSN_LIVE_PAUSED);
    assert_string_equal(waited->got, ":\n\n");
    for (size_t i = 0; i <= CSN_LIVE_READS_MAX; i++)
        give(&(struct csn_live_page){0}, NULL); /* and its read was not forgotten */
    for (size_t i = 0; i <= CSN_LIVE_READS_MAX; i++)
        close_peer(&peers[i]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(says_hello_first_and_then_reads),
        TEST(tells_every_stream_of_the_customer_and_nobody_else),
        TEST(tells_every_customer_of_an_app),
        TEST(tells_nobody_where_there_is_no_hub),
        TEST(is_not_resumed_for_news_it_may_not_see),
        TEST(reads_again_when_told_while_it_reads),
        TEST(reads_the_next_page_only_when_the_last_was_taken),
        TEST(has_only_so_many_reads_under_way),
        TEST(reads_that_answer_at_once_do_not_pile_up),
        TEST(a_failed_read_is_made_again_in_the_next_round),
        TEST(beats_when_it_was_silent_for_so_long),
        TEST(beats_also_while_it_stands_in_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
