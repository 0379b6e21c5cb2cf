/* Peers of streams, without sockets: what the tests of streams share.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_API_PEER_H
#define CSN_TESTS_API_PEER_H

#include "sdk.h"

#include "server/api/stream.h"

/* One end of a stream: takes what comes while it is not asleep. */
struct peer {
    struct csn_live_stream *stream;
    bool paused;
    char got[400000];
};
extern struct peer peers[3];

/* "/sdk/v1/apps/{app}/" and `what`. */
const char *path_of(const char *what);

/* GET stream with a query and one more field. Returns: the status; the stream, if any, is taken. */
int ask_stream(struct peer *peer, const char *bearer, const char *query, const char *header);
void open_at(struct peer *peer, const char *bearer, const char *query);
/* Returns: everything that came since the last call. A read answers inside the take that asked. */
const char *listen_to(struct peer *peer);
/* Ends it, whatever it does. Returns: its last words. */
const char *hang_up(struct peer *peer);

/* POST sync of one event. Returns: the status. */
int append(const char *bearer, const char *id);
/* Returns: a session token, to be freed; `sub` NULL: an anonymous one. */
const char *login_on(const char *device, const char *sub);
/* Returns: how often the text occurs. */
unsigned count(const char *text, const char *part);

#define TEST(name) cmocka_unit_test_setup_teardown(name, sdk_setup, sdk_teardown)

#endif
