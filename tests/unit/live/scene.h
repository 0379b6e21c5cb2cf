/* The scene of the hub's tests: reads are gathered, and answered when the test says so.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_LIVE_SCENE_H
#define CSN_TESTS_LIVE_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/live/live.h"

#define NOW_MS 1795253548977LL
#define HELLO "hello\n\n"
#define APP_A "01APPAAAAAAAAAAAAAAAAAAAAA"
#define APP_B "01APPBBBBBBBBBBBBBBBBBBBBB"
#define ALICE "01CUSTAL1CEAAAAAAAAAAAAAAA"
#define BOB "01CUSTB0BAAAAAAAAAAAAAAAAA"
#define ASKED_MAX 512

struct scene {
    struct csn_live *live;
    struct csn_live_stream *asked[ASKED_MAX]; /* reads begun, oldest first */
    size_t asked_count;
    bool inline_reads; /* a read answers at once, with nothing new */
    enum csn_reason verdict;
};
extern struct scene scene;

struct peer {
    struct csn_live_stream *stream;
    bool paused;
    unsigned pauses, resumes;
    char got[4096];
};

int setup(void **state);
int teardown(void **state);

struct csn_id id_of(const char *text);
enum csn_status open_for(struct peer *peer, const char *app, const char *customer,
                         int64_t expires_ms);
void open_peer(struct peer *peer, const char *customer);
/* Opens, takes the hello, has its first read answered with nothing: it rests. */
void open_resting(struct peer *peer, const char *customer);
void close_peer(struct peer *peer);
/* Takes until there is nothing. Returns: how it stopped. */
enum csn_live_step drink(struct peer *peer, size_t max);
/* Answers the oldest read. */
void give(const struct csn_live_page *page, const char *text);

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
