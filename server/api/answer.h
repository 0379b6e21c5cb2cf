/* Answers: what a handler says when it is not "no".
 *
 *   struct csn_json_writer w = csn_answer_open(x);
 *   ... write members ...
 *   return csn_answer_close(x, &w, 200);
 *
 * The body takes what is left of the exchange's arena, and gives back what it did not need. A body
 * that did not fit becomes a problem: half an answer is never sent.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_ANSWER_H
#define CSN_SERVER_API_ANSWER_H

#include "server/api/exchange.h"

/* Opens the body's object. Nothing else may use the arena until it is closed. */
struct csn_json_writer csn_answer_open(struct csn_exchange *x);
/* Closes it and answers with `status`. Returns: CSN_ANSWERED. */
enum csn_step csn_answer_close(struct csn_exchange *x, struct csn_json_writer *w, int status);

/* The same for a body that is no object: the caller writes the one value. */
struct csn_json_writer csn_answer_begin(struct csn_exchange *x);
enum csn_step csn_answer_end(struct csn_exchange *x, int status, const char *content_type);

/* Answers without a body. */
enum csn_step csn_answer_empty(struct csn_exchange *x, int status);

/* Answers with text of the caller, which must outlive the exchange. */
enum csn_step csn_answer_body(struct csn_exchange *x, int status, const char *content_type,
                              struct csn_bytes body);

/* A time as RFC 3339 in UTC; null for 0, which means "never" or "not yet". */
void csn_answer_time(struct csn_json_writer *w, const char *name, int64_t time_ms);

/* An id; null for {0}. */
void csn_answer_id(struct csn_json_writer *w, const char *name, struct csn_id id);

/* A text; null for the empty one. */
void csn_answer_text(struct csn_json_writer *w, const char *name, struct csn_bytes text);

/* A number; null unless it is given. */
void csn_answer_int(struct csn_json_writer *w, const char *name, bool given, int64_t value);

/* A pseudonym in hex; null for zero, which is nobody's. */
void csn_answer_pseudonym(struct csn_json_writer *w, const char *name, const uint8_t pseudonym[16]);

/* Writes "items": an object for each of `count` rows, which lie `size` bytes apart; its members are
 * written by `write`. */
void csn_answer_items(struct csn_json_writer *w, const void *rows, size_t count, size_t size,
                      void (*write)(struct csn_json_writer *w, const void *row));

/* Leaves the work to the store: `work` runs inside its transaction, `finish` encodes after the
 * commit. Returns: CSN_NEEDS_STORE. */
enum csn_step csn_answer_later(struct csn_exchange *x,
                               enum csn_status (*work)(struct csn_exchange *, struct csn_store *),
                               void (*finish)(struct csn_exchange *));

#endif
