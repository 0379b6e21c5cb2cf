/* Transfers of letters: a bounded number at once, each bounded in time, of one host fewer.
 *
 * https alone, to public addresses and those allowed (server/outbound). An answer's body is thrown
 * away. One thread, except `wake`.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_OUTBOX_SEND_H
#define CSN_SERVER_OUTBOX_SEND_H

#include "server/outbox/compose.h"

#define CSN_SENDS_MAX 16          /* at a time */
#define CSN_SENDS_HOST_MAX 8      /* of one origin */
#define CSN_SEND_TIMEOUT_MS 15000 /* the Standard Webhooks specification: 15 to 30 s */
#define CSN_SEND_ANSWER_MAX 65536 /* bytes of an answer that are waited for */

struct csn_post;

/* Of `rules`: allowed and ca, borrowed, and timeout_ms, 0: CSN_SEND_TIMEOUT_MS; what is sent is
 * always guarded. Returns: CSN_OK, CSN_NO_MEMORY. */
struct csn_outbound_rules; /* server/outbound/outbound.h */
CSN_MUST_USE enum csn_status csn_post_create(const struct csn_outbound_rules *rules,
                                             struct csn_post **out);
void csn_post_free(struct csn_post *post); /* breaks off what runs; accepts NULL */

/* Begins to send; `slot` 0..CSN_SENDS_MAX-1 is the caller's to choose, and free. Borrows the
 * letter's texts until the transfer ended. Returns: CSN_OK, CSN_NO_MEMORY. */
CSN_MUST_USE enum csn_status csn_post_begin(struct csn_post *post, size_t slot,
                                            const struct csn_letter *letter);

/* Lets transfers go on for at most `timeout_ms`, less when one ends or somebody wakes it. */
void csn_post_wait(struct csn_post *post, int64_t timeout_ms);
void csn_post_wake(struct csn_post *post); /* any thread */

/* Out: one that ended, and its slot is free again. Returns: there was one. */
struct csn_post_answer {
    size_t slot;
    long http; /* 0: no answer */
    int64_t retry_after_ms;
};
bool csn_post_next(struct csn_post *post, struct csn_post_answer *out);

#endif
