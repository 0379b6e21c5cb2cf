/* See scene.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/live/scene.h"

struct scene scene;

static void
on_read(void *state, struct csn_live_stream *stream, struct csn_live_reader *reader)
{
    (void)state, (void)reader;
    if (scene.inline_reads) {
        csn_live_give(stream, &(struct csn_live_page){0});
        return;
    }
    assert_true(scene.asked_count < ASKED_MAX);
    scene.asked[scene.asked_count++] = stream;
}

static enum csn_reason
on_judge(void *state, struct csn_live_reader *reader, int64_t now_ms)
{
    (void)state;
    if (reader->expires_ms != 0 && now_ms >= reader->expires_ms)
        return CSN_REASON_EXPIRED;
    return scene.verdict;
}

int
setup(void **state)
{
    (void)state;
    memset(&scene, 0, sizeof scene);
    scene.verdict = CSN_REASON_ACCEPTED;
    scene.live = csn_live_create(&(struct csn_live_options){.read = on_read, .judge = on_judge});
    return scene.live == NULL;
}

int
teardown(void **state)
{
    (void)state;
    csn_live_free(scene.live);
    return 0;
}

static void
on_pause(void *state)
{
    struct peer *peer = state;
    assert_false(peer->paused);
    peer->paused = true;
    peer->pauses++;
}

static void
on_resume(void *state)
{
    struct peer *peer = state;
    assert_true(peer->paused);
    peer->paused = false;
    peer->resumes++;
}

struct csn_id
id_of(const char *text)
{
    struct csn_id id;
    assert_int_equal(strlen(text), CSN_ID_LENGTH);
    memcpy(id.text, text, sizeof id.text);
    return id;
}

enum csn_status
open_for(struct peer *peer, const char *app, const char *customer, int64_t expires_ms)
{
    struct csn_live_reader reader = {
        .app = id_of(app), .customer = id_of(customer), .expires_ms = expires_ms};
    *peer = (struct peer){0};
    enum csn_status status =
        csn_live_open(scene.live, &reader, csn_bytes_text(HELLO), &peer->stream, NOW_MS);
    if (status == CSN_OK)
        csn_live_carry(peer->stream, &(struct csn_live_carrier){on_pause, on_resume, peer});
    return status;
}

void
open_peer(struct peer *peer, const char *customer)
{
    assert_int_equal(open_for(peer, APP_A, customer, 0), CSN_OK);
}

enum csn_live_step
drink(struct peer *peer, size_t max)
{
    enum csn_live_step step = CSN_LIVE_TAKEN;
    size_t have = strlen(peer->got);
    while (step == CSN_LIVE_TAKEN) {
        size_t len = 0;
        bool page = false;
        step = csn_live_take(peer->stream, peer->got + have, max, &len, &page);
        assert_true(len <= max);
        have += len;
        assert_true(have < sizeof peer->got);
        peer->got[have] = '\0';
    }
    return step;
}

void
give(const struct csn_live_page *page, const char *text)
{
    assert_true(scene.asked_count > 0);
    struct csn_live_stream *stream = scene.asked[0];
    memmove(scene.asked, scene.asked + 1, --scene.asked_count * sizeof scene.asked[0]);
    struct csn_live_page given = *page;
    if (text != NULL) {
        given.len = strlen(text);
        given.bytes = malloc(given.len);
        memcpy(given.bytes, text, given.len);
        given.items = 1;
    }
    csn_live_give(stream, &given);
}

void
open_resting(struct peer *peer, const char *customer)
{
    open_peer(peer, customer);
    assert_int_equal(drink(peer, 64), CSN_LIVE_PAUSED);
    give(&(struct csn_live_page){0}, NULL);
    assert_true(peer->paused);
    peer->got[0] = '\0';
}

void
close_peer(struct peer *peer)
{
    if (peer->paused) { /* the one way to have it run: end it */
        scene.verdict = CSN_REASON_REVOKED;
        csn_live_round(scene.live, NOW_MS);
        scene.verdict = CSN_REASON_ACCEPTED;
    }
    csn_live_close(peer->stream);
}
