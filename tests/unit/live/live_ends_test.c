/* How a stream ends, how many there are, and what its frames look like.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/live/frame.h"
#include "tests/unit/live/scene.h"

/* --- ends --- */

static void
ends_with_a_last_frame_when_its_right_ends(void **state)
{
    (void)state;
    struct peer peer;
    open_resting(&peer, ALICE);
    scene.verdict = CSN_REASON_REVOKED;
    csn_live_round(scene.live, NOW_MS);
    assert_false(peer.paused);
    assert_int_equal(drink(&peer, 16), CSN_LIVE_OVER);
    assert_string_equal(peer.got,
                        "event: end\ndata: {\"reason\":\"revoked\",\"action\":\"login\"}\n\n");
    assert_int_equal(csn_live_counts(scene.live).ended, 1);
    csn_live_close(peer.stream);
    assert_int_equal(csn_live_counts(scene.live).open, 0);
}

static void
ends_at_the_very_time_its_token_does(void **state)
{
    (void)state;
    struct peer peer;
    assert_int_equal(open_for(&peer, APP_A, ALICE, NOW_MS + 1000), CSN_OK);
    drink(&peer, 64);
    give(&(struct csn_live_page){0}, NULL);
    csn_live_round(scene.live, NOW_MS + 999);
    assert_true(peer.paused);
    csn_live_round(scene.live, NOW_MS + 1000);
    assert_false(peer.paused);
    assert_int_equal(drink(&peer, 64), CSN_LIVE_OVER);
    assert_non_null(strstr(peer.got, "\"expired\",\"action\":\"refresh\""));
    csn_live_close(peer.stream);
}

static void
a_page_that_is_the_last_is_followed_by_the_end(void **state)
{
    (void)state;
    struct peer peer;
    open_peer(&peer, ALICE);
    drink(&peer, 64);
    give(&(struct csn_live_page){.over = CSN_REASON_REVOKED}, "bye\n\n");
    assert_int_equal(drink(&peer, 64), CSN_LIVE_OVER);
    assert_non_null(strstr(peer.got, "bye\n\nevent: end\n"));
    assert_int_equal(scene.asked_count, 0);
    csn_live_close(peer.stream);
}

static void
what_ends_while_it_reads_ends_when_the_read_does(void **state)
{
    (void)state;
    struct peer peer;
    open_peer(&peer, ALICE);
    drink(&peer, 64);
    csn_live_drain(scene.live);
    assert_true(peer.paused);
    give(&(struct csn_live_page){.more = true}, NULL);
    assert_false(peer.paused);
    assert_int_equal(drink(&peer, 64), CSN_LIVE_OVER);
    assert_non_null(strstr(peer.got, "\"unavailable\",\"action\":\"wait\""));
    csn_live_close(peer.stream);
}

static void
drains_those_that_rest_wait_and_run(void **state)
{
    (void)state;
    static struct peer waiting[CSN_LIVE_READS_MAX + 1];
    struct peer resting, running;
    for (size_t i = 0; i <= CSN_LIVE_READS_MAX; i++)
        open_resting(&waiting[i], ALICE);
    open_resting(&resting, BOB);
    csn_live_tell(scene.live, id_of(APP_A), id_of(ALICE));
    open_peer(&running, BOB);
    csn_live_drain(scene.live);
    for (size_t i = 0; i < CSN_LIVE_READS_MAX; i++)
        give(&(struct csn_live_page){0}, NULL);
    assert_int_equal(scene.asked_count, 0);
    for (size_t i = 0; i <= CSN_LIVE_READS_MAX; i++) {
        assert_int_equal(drink(&waiting[i], 64), CSN_LIVE_OVER);
        csn_live_close(waiting[i].stream);
    }
    assert_int_equal(drink(&resting, 64), CSN_LIVE_OVER);
    assert_int_equal(drink(&running, 64), CSN_LIVE_OVER);
    csn_live_close(resting.stream);
    csn_live_close(running.stream);
}

/* --- limits --- */

static void
opens_none_once_it_drains(void **state)
{
    (void)state;
    struct peer peer;
    csn_live_drain(scene.live);
    assert_int_equal(open_for(&peer, APP_A, ALICE, 0), CSN_UNAVAILABLE);
    assert_int_equal(csn_live_counts(scene.live).refused, 1);
}

static void
opens_only_so_many_of_one_customer(void **state)
{
    (void)state;
    static struct peer peers[CSN_LIVE_CUSTOMER_STREAMS_MAX];
    struct peer more, bob;
    for (size_t i = 0; i < CSN_LIVE_CUSTOMER_STREAMS_MAX; i++)
        open_peer(&peers[i], ALICE);
    assert_int_equal(open_for(&more, APP_A, ALICE, 0), CSN_UNAVAILABLE);
    assert_null(more.stream);
    open_peer(&bob, BOB);
    csn_live_close(peers[7].stream);
    open_peer(&peers[7], ALICE);
    for (size_t i = 0; i < CSN_LIVE_CUSTOMER_STREAMS_MAX; i++)
        csn_live_close(peers[i].stream);
    csn_live_close(bob.stream);
}

/* Anybody can claim to be a customer: it must not cost the customer a stream. */
static void
opens_one_for_the_customer_whatever_claims_there_are(void **state)
{
    (void)state;
    static struct csn_live_stream *claims[CSN_LIVE_CLAIM_STREAMS_MAX];
    struct csn_live_stream *more = NULL;
    struct peer alice;
    struct csn_live_reader reader = {
        .app = id_of(APP_A), .customer = id_of(ALICE), .view = CSN_VIEW_CLAIM};
    for (size_t i = 0; i < CSN_LIVE_CLAIM_STREAMS_MAX; i++)
        assert_int_equal(
            csn_live_open(scene.live, &reader, csn_bytes_text(HELLO), &claims[i], NOW_MS), CSN_OK);
    assert_int_equal(csn_live_open(scene.live, &reader, csn_bytes_text(HELLO), &more, NOW_MS),
                     CSN_UNAVAILABLE);
    open_peer(&alice, ALICE);
    csn_live_close(alice.stream);
    for (size_t i = 0; i < CSN_LIVE_CLAIM_STREAMS_MAX; i++)
        csn_live_close(claims[i]);
}

static void
opens_only_so_many_of_one_session(void **state)
{
    (void)state;
    static struct csn_live_stream *streams[CSN_LIVE_SESSION_STREAMS_MAX];
    struct csn_live_stream *more = NULL;
    struct csn_live_reader reader = {
        .app = id_of(APP_A), .customer = id_of(ALICE), .session = id_of(BOB)};
    for (size_t i = 0; i < CSN_LIVE_SESSION_STREAMS_MAX; i++)
        assert_int_equal(
            csn_live_open(scene.live, &reader, csn_bytes_text(HELLO), &streams[i], NOW_MS), CSN_OK);
    assert_int_equal(csn_live_open(scene.live, &reader, csn_bytes_text(HELLO), &more, NOW_MS),
                     CSN_UNAVAILABLE);
    reader.session = id_of(ALICE);
    assert_int_equal(csn_live_open(scene.live, &reader, csn_bytes_text(HELLO), &more, NOW_MS),
                     CSN_OK);
    csn_live_close(more);
    for (size_t i = 0; i < CSN_LIVE_SESSION_STREAMS_MAX; i++)
        csn_live_close(streams[i]);
}

static void
opens_only_so_many_in_all(void **state)
{
    (void)state;
    static struct csn_live_stream *streams[CSN_LIVE_STREAMS_MAX];
    struct csn_live_stream *more = NULL;
    struct csn_live_reader reader = {.app = id_of(APP_A), .customer = id_of(ALICE)};
    for (size_t i = 0; i < CSN_LIVE_STREAMS_MAX; i++) {
        snprintf(reader.customer.text, sizeof reader.customer.text, "%026zu", i);
        assert_int_equal(
            csn_live_open(scene.live, &reader, csn_bytes_text(HELLO), &streams[i], NOW_MS), CSN_OK);
    }
    assert_int_equal(csn_live_open(scene.live, &reader, csn_bytes_text(HELLO), &more, NOW_MS),
                     CSN_UNAVAILABLE);
    /* Closed in another order than they came. */
    for (size_t i = 0; i < CSN_LIVE_STREAMS_MAX; i += 2)
        csn_live_close(streams[i]);
    for (size_t i = CSN_LIVE_STREAMS_MAX - 1; i < CSN_LIVE_STREAMS_MAX; i -= 2)
        csn_live_close(streams[i]);
    assert_int_equal(csn_live_counts(scene.live).open, 0);
}

/* --- frames --- */

static void
writes_the_lines_of_an_event(void **state)
{
    (void)state;
    char memory[64];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    csn_frame_line(&out, "event", csn_bytes_text("item"));
    csn_frame_line(&out, "data", csn_bytes_text("{}"));
    csn_frame_close(&out);
    assert_string_equal(csn_buffer_terminate(&out), "event: item\ndata: {}\n\n");
}

static void
the_last_frame_fits_for_every_reason(void **state)
{
    (void)state;
    for (enum csn_reason reason = 0; reason < CSN_REASON_COUNT; reason++) {
        char memory[CSN_LIVE_END_MAX];
        struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
        csn_frame_end(&out, reason);
        assert_false(out.overflowed);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ends_with_a_last_frame_when_its_right_ends),
        TEST(ends_at_the_very_time_its_token_does),
        TEST(a_page_that_is_the_last_is_followed_by_the_end),
        TEST(what_ends_while_it_reads_ends_when_the_read_does),
        TEST(drains_those_that_rest_wait_and_run),
        TEST(opens_none_once_it_drains),
        TEST(opens_only_so_many_of_one_customer),
        TEST(opens_one_for_the_customer_whatever_claims_there_are),
        TEST(opens_only_so_many_of_one_session),
        TEST(opens_only_so_many_in_all),
        TEST(writes_the_lines_of_an_event),
        TEST(the_last_frame_fits_for_every_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
