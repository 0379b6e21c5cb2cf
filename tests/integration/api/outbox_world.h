/* An app with webhooks, push addresses and an outbox, and the test in the place of the sender:
 * what is due is looked at, taken as a parcel, and settled as if it had been sent.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_API_OUTBOX_WORLD_H
#define CSN_TESTS_API_OUTBOX_WORLD_H

#include "sdk.h"

#include "server/domain/outbox.h"
#include "server/outbox/compose.h"

#define SECOND 1000LL
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)

struct outbox_due {
    struct csn_id app;
    int64_t number;
};
extern struct outbox_due outbox_due[32]; /* as outbox_look found them */
extern size_t outbox_due_count;
extern struct csn_parcel outbox_parcel; /* the last one taken */
extern struct csn_arena outbox_arena;   /* of the parcel */

int outbox_setup(void **state);
int outbox_teardown(void **state);

/* --- the app --- */
/* Returns: the id of a new webhook. Free it. */
char *outbox_webhook(const char *events, const char *more);
int outbox_show_webhook(const char *id);
/* Returns: the id of `sub`, logged in on the device, whose push address is `address` (NULL: none).
 * Free it. */
char *outbox_login(const char *device, const char *sub, const char *address);
const char *outbox_web_push(const char *name);
void outbox_send(const char *customer, const char *members);
void outbox_make_push_key(void);

/* --- the sender --- */
/* Returns: how many are due now. */
size_t outbox_look(void);
struct csn_outbox outbox_box(void);
/* Opens the `n`th that is due. */
void outbox_take(size_t n);
struct csn_sent outbox_settle_after(enum csn_outcome outcome, bool is_final,
                                    int64_t retry_after_ms);
struct csn_sent outbox_settle(enum csn_outcome outcome);
/* Returns: the member of the parcel's payload at a path of names, "" for what is no text; NULL when
 * it has none. */
const char *outbox_said(const char *first, const char *second, const char *third);

#endif
