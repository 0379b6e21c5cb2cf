/* Rows of webhooks, push keys and deliveries (0015-outbox.sql, 0019-spread.sql,
 * 0026-lanes-and-ids.sql).
 *
 * Plain reads and writes; what they mean is server/domain/outbox.h's. What is sealed passes through
 * unread. Every operation takes the app first and sees nothing of any other, but for the two that
 * the one sender asks across all apps. Views in a row borrow the caller where it is written, and
 * the arena where it is read. All return CSN_OK, CSN_NOT_FOUND (no such row), CSN_CONFLICT (a
 * constraint refused), CSN_NO_SPACE (the arena), or CSN_UNAVAILABLE.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_STORE_OUTBOX_ROWS_H
#define CSN_SERVER_STORE_OUTBOX_ROWS_H

#include "server/store/store.h"

/* --- webhooks --- */
struct csn_webhook_row {
    struct csn_id id;
    struct csn_bytes url; /* sealed */
    int64_t notices;      /* bits */
    bool bodies;
    int state;
    int64_t state_changed_ms;
    struct csn_bytes secret, previous; /* sealed; previous {0}: none */
    int64_t previous_until_ms;
    int64_t created_ms;
    int64_t delivered_ms, failing_since_ms, waiting, dropped; /* read only */
};
CSN_MUST_USE enum csn_status csn_store_webhook_add(struct csn_store *store, struct csn_id app,
                                                   const struct csn_webhook_row *row);
/* Writes all but what is read only. */
CSN_MUST_USE enum csn_status csn_store_webhook_set(struct csn_store *store, struct csn_id app,
                                                   const struct csn_webhook_row *row);
CSN_MUST_USE enum csn_status csn_store_webhook_get(struct csn_store *store, struct csn_id app,
                                                   struct csn_id id, struct csn_arena *arena,
                                                   struct csn_webhook_row *out);
/* By id, those after `after`; *count of them, at most `limit`. */
CSN_MUST_USE enum csn_status csn_store_webhook_list(struct csn_store *store, struct csn_id app,
                                                    struct csn_id after, struct csn_arena *arena,
                                                    struct csn_webhook_row *out, size_t limit,
                                                    size_t *count);
/* With its deliveries: so many at once, what is left with csn_store_purge_removed_webhooks. */
#define CSN_WEBHOOK_REMOVED_AT_ONCE 1000
CSN_MUST_USE enum csn_status csn_store_webhook_remove(struct csn_store *store, struct csn_id app,
                                                      struct csn_id id);
/* Deletes at most `limit` deliveries of one removed webhook of any app. *purged grows by them. */
CSN_MUST_USE enum csn_status csn_store_purge_removed_webhooks(struct csn_store *store,
                                                              unsigned limit, uint64_t *purged);
/* It took a delivery, or (failing) it did not. */
CSN_MUST_USE enum csn_status csn_store_webhook_went(struct csn_store *store, struct csn_id app,
                                                    struct csn_id id, bool failed, int64_t now_ms);

/* The webhooks of an app that a notice is for: in `state`, with all of `notices`' one bit. */
struct csn_webhook_brief {
    struct csn_id id;
    int64_t waiting;
};
CSN_MUST_USE enum csn_status csn_store_webhook_for(struct csn_store *store, struct csn_id app,
                                                   int64_t notice_bit, int state,
                                                   struct csn_webhook_brief *out, size_t limit,
                                                   size_t *count);
CSN_MUST_USE enum csn_status csn_store_webhook_drop(struct csn_store *store, struct csn_id app,
                                                    struct csn_id id);

/* --- push keys --- */
struct csn_push_key_row {
    uint8_t public_key[65];
    struct csn_bytes private_key; /* sealed */
    struct csn_bytes subject;
    int64_t created_ms;
};
CSN_MUST_USE enum csn_status csn_store_push_key_put(struct csn_store *store, struct csn_id app,
                                                    const struct csn_push_key_row *row);
CSN_MUST_USE enum csn_status csn_store_push_key_get(struct csn_store *store, struct csn_id app,
                                                    struct csn_arena *arena,
                                                    struct csn_push_key_row *out);
CSN_MUST_USE enum csn_status csn_store_push_key_remove(struct csn_store *store, struct csn_id app);

/* --- push addresses of devices --- */
struct csn_push_row {
    char device[CSN_DEVICE_ID_MAX + 1];
    struct csn_id customer;
    enum csn_assurance assurance;
    uint8_t push_hash[CSN_NAME_HASH];
    struct csn_bytes sealed; /* {0} where many are listed */
};
/* CSN_NOT_FOUND: no such device, or it has no push address. */
CSN_MUST_USE enum csn_status csn_store_push_get(struct csn_store *store, struct csn_id app,
                                                struct csn_bytes device, struct csn_arena *arena,
                                                struct csn_push_row *out);
/* The customer's devices that have one. */
CSN_MUST_USE enum csn_status csn_store_push_list(struct csn_store *store, struct csn_id app,
                                                 struct csn_id customer, struct csn_push_row *out,
                                                 size_t limit, size_t *count);

/* Of all customers of the app, by the devices' ids, those after `after`: without push_hash. */
CSN_MUST_USE enum csn_status csn_store_push_walk(struct csn_store *store, struct csn_id app,
                                                 struct csn_bytes after, struct csn_push_row *out,
                                                 size_t limit, size_t *count);

/* --- deliveries --- */
struct csn_delivery_row {
    int64_t number; /* made by the store */
    struct csn_id app;
    struct csn_id webhook;   /* {0}: to a device */
    struct csn_bytes device; /* {0}: to a webhook */
    int notice;
    struct csn_id customer; /* {0}: of none */
    struct csn_bytes item;  /* {0}: none */
    bool broadcast;         /* `item` is a broadcast's id, not one of the customer's log */
    struct csn_bytes facts;
    int64_t created_ms, due_ms, settled_ms;
    int64_t attempts;
    int outcome;
};
/* Counts it among what waits for its webhook. Out: row->number. */
CSN_MUST_USE enum csn_status csn_store_delivery_add(struct csn_store *store,
                                                    struct csn_delivery_row *row);
/* CSN_NOT_FOUND: it was settled or removed meanwhile. */
CSN_MUST_USE enum csn_status csn_store_delivery_get(struct csn_store *store, struct csn_id app,
                                                    int64_t number, struct csn_arena *arena,
                                                    struct csn_delivery_row *out);
/* Of one webhook, newest first, those before `before` (0: from the newest). */
CSN_MUST_USE enum csn_status csn_store_delivery_list(struct csn_store *store, struct csn_id app,
                                                     struct csn_id webhook, int64_t before,
                                                     struct csn_arena *arena,
                                                     struct csn_delivery_row *out, size_t limit,
                                                     size_t *count);
/* A lane: an app's deliveries to one webhook, or all those to its devices. */
struct csn_delivery_lane {
    struct csn_id app;
    struct csn_id webhook; /* {0}: to devices */
    int64_t due_ms;        /* when its first delivery is due */
};
/* The next lane of any app in which something waits, after `after`, {0}: the first; lanes have an
 * order. CSN_NOT_FOUND: none. Cost: one look-up, however much waits. */
CSN_MUST_USE enum csn_status csn_store_delivery_lane(struct csn_store *store,
                                                     const struct csn_delivery_lane *after,
                                                     struct csn_delivery_lane *out);
/* Of one lane, longest due first. Out: the numbers of *count of them, due by `now_ms`. */
CSN_MUST_USE enum csn_status csn_store_delivery_due(struct csn_store *store,
                                                    const struct csn_delivery_lane *lane,
                                                    int64_t *out, size_t limit, size_t *count,
                                                    int64_t now_ms);
/* Out: *count of those of any app that are not over, at most `limit`. Cost: of as many. */
CSN_MUST_USE enum csn_status csn_store_delivery_waiting(struct csn_store *store, unsigned limit,
                                                        uint64_t *count);
/* Out: *count of the app's deliveries to devices that wait, or of those that were never tried;
 * `limit` where there are more. Cost: the limit, however many there are. */
CSN_MUST_USE enum csn_status csn_store_push_waiting(struct csn_store *store, struct csn_id app,
                                                    size_t limit, size_t *count);
CSN_MUST_USE enum csn_status csn_store_push_untried(struct csn_store *store, struct csn_id app,
                                                    size_t limit, size_t *count);
/* Once more, at due_ms. */
CSN_MUST_USE enum csn_status csn_store_delivery_again(struct csn_store *store, struct csn_id app,
                                                      int64_t number, int64_t due_ms, int outcome);
/* Later, without it having been tried. */
CSN_MUST_USE enum csn_status csn_store_delivery_put_off(struct csn_store *store, struct csn_id app,
                                                        int64_t number, int64_t due_ms);
/* All that is due to one device. */
CSN_MUST_USE enum csn_status csn_store_push_put_off(struct csn_store *store, struct csn_id app,
                                                    struct csn_bytes device, int64_t due_ms);
/* It is over: one to a webhook is kept to be shown, with the row's attempts, outcome and
 * settled_ms; one to a device is deleted. */
CSN_MUST_USE enum csn_status csn_store_delivery_settle(struct csn_store *store,
                                                       const struct csn_delivery_row *row);
/* Deletes what was settled before, at most `limit`. Adds to *purged. */
CSN_MUST_USE enum csn_status csn_store_purge_deliveries(struct csn_store *store, int64_t before_ms,
                                                        unsigned limit, uint64_t *purged);

#endif
