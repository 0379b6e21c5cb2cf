/* What tests of the log say often: append this, read it back as one line of text.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_SERVER_LOG_WORLD_H
#define CSN_TESTS_SERVER_LOG_WORLD_H

#include "server/domain/log.h"
#include "tests/unit/server/session_world.h"

#define LINE_MAX_BYTES 16384

/* A verified append of messages up, from device "phone", by their ids: "a b c". Each body is
 * "body of <id>" in quotes. */
struct csn_append_in append_of(struct world *w, struct csn_id customer);
struct csn_item item_of(const char *id);

/* Runs one append. Out: out[i] of each item; may be NULL. Returns: the job's status. */
enum csn_status world_try_append(struct world *w, const struct csn_append_in *in,
                                 struct csn_appended *out, int64_t *last);
/* Appends the items "a b c" names, verified; each must be appended. */
void world_append(struct world *w, struct csn_id customer, const char *ids);

struct csn_read_in read_of(struct world *w, struct csn_id customer);
/* Runs one read. Out: *out, in memory that lives until the next. Returns: the job's status. */
enum csn_status world_try_read(struct world *w, const struct csn_read_in *in,
                               struct csn_read_out *out);
/* The whole log as its owner sees it, oldest first: "a b c". Lives until the next call. */
const char *world_log(struct world *w, struct csn_id customer);
/* What one read shows: "a b c". */
const char *world_shown(struct world *w, const struct csn_read_in *in);

/* Whatever has happened: counters are exact, no seq beyond the last given. */
void assert_logs_whole(struct world *w);

#endif
