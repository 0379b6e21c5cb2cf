/* The acts whose durability is tested, and what is acknowledged of each.
 *
 * An act is one job that changes several rows. Its acknowledgement says what must be found in the
 * database from then on, whatever happens to the process.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_DURABILITY_ACTS_H
#define CSN_TESTS_DURABILITY_ACTS_H

#include "crypto/random.h"
#include "server/domain/customers.h"
#include "server/domain/log.h"
#include "server/store/queue.h"

enum act_kind {
    ACT_NONE = 0,
    ACT_LOGIN, /* of a customer with an identity */
    ACT_LINK,  /* the same, linking an anonymous customer that has items */
    ACT_UNLINK,
    ACT_APPEND, /* items to a customer's log; they may be sent again */
    ACT_LOGOUT,
    ACT_ENFORCEMENT, /* the app's enforcement changes */
    ACT_KEY,         /* a key is added to the app */
};

/* Plain bytes, small enough to be written to a pipe at once (PIPE_BUF). */
struct ack {
    enum act_kind kind;
    char identity[48];
    struct csn_id customer, session, linked;
    char item[32];  /* items: their ids are item.0, item.1, ... and occur nowhere else */
    uint32_t items; /* how many */
    struct csn_id key;
    int64_t enforcement_version;
};

/* What every act needs. One per process; used on the store's thread alone. */
struct stage {
    struct csn_app app;
    struct csn_random random;
    struct csn_sessions *sessions;
};

void stage_open(struct stage *stage);
void stage_close(struct stage *stage);

/* The account and the app: once for a new directory. */
enum csn_status stage_populate(struct stage *stage, struct csn_store *store);

/* One act on its way through the queue. */
struct act {
    struct csn_job job;
    struct stage *stage;
    struct ack ack;
    /* In: */
    char identity[48], device[32];
    struct csn_id session;          /* LOGOUT: which */
    struct csn_id customer, linked; /* APPEND: to whom; UNLINK: from whom, and who */
    char item[32];                  /* APPEND, LINK: what the items are called */
    int64_t now_ms;
};

/* Makes the act ready to be submitted. `done` is the caller's to set. */
void act_prepare(struct act *act, struct stage *stage, enum act_kind kind, int64_t now_ms);

/* The id of the n-th of these items, and its body. */
#define ITEM_TEXT_MAX 48
void item_id(const char *item, uint32_t n, char out[ITEM_TEXT_MAX]);
void item_body(const char *item, uint32_t n, char out[ITEM_TEXT_MAX]);

/* The next pseudo-random number below `limit`. */
uint32_t dice(uint64_t *state, uint32_t limit);

/* Ends the program with a sentence. */
_Noreturn void fail(const char *sentence, const char *detail);
void require(bool holds, const char *sentence, const char *detail);

#endif
