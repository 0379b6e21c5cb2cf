/* The outbox: what leaves the server by itself, written down in the transaction of the thing it
 * tells, so that it is lost no more than the thing itself.
 *
 *   csn_outbox_tell ─┐                    ┌─ taken by a webhook ──► kept a while, to be shown
 *   csn_outbox_push ─┼─► delivery, due ───┼─ taken for a device ──► gone
 *   csn_spread_step ─┘     ▲              ├─ refused, or too late ► given up
 *                          └── again, later, under the same id
 *
 * At least once: a delivery is due until its outcome is written. Its id stays the same however
 * often it is sent, so that a receiver can drop the double. Order is not promised.
 *
 * Two kinds of receiver. A webhook is a URL of the app's own backend that asked for certain
 * notices. A device is reached by its push address: a Web Push endpoint directly, whatever else
 * (FCM, APNs) through the one webhook that asked for the notice `push.send` and sends it on by its
 * own means.
 *
 * tell, push: run inside any job. make, settle: of the one sender (server/outbox), inside its own,
 * as is the spreading of a broadcast to all devices (spread.h).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_OUTBOX_H
#define CSN_SERVER_DOMAIN_OUTBOX_H

#include "crypto/webpush.h"
#include "server/domain/log.h"
#include "server/domain/registry.h"
#include "server/domain/sessions.h"
#include "server/domain/url.h"
#include "server/store/outbox_rows.h"

#define CSN_WEBHOOKS_MAX 10                      /* of one app */
#define CSN_WEBHOOK_WAITING_MAX 100000           /* deliveries of one; more are dropped */
#define CSN_WEBHOOK_SECRET_LENGTH 32             /* bytes */
#define CSN_WEBHOOK_OVERLAP_MS 86400000LL        /* both secrets sign after a rotation */
#define CSN_WEBHOOK_PATIENCE_MS (5 * 86400000LL) /* failing so long disables it */
#define CSN_DELIVERY_LIFE_MS (3 * 86400000LL)    /* to a webhook: given up after it */
#define CSN_DELIVERY_KEPT_MS (3 * 86400000LL)    /* shown so long after it was settled */
#define CSN_PUSH_LIFE_MS 86400000LL              /* to a device */
#define CSN_DELIVERY_FIRST_WAIT_MS 5000          /* the most before the second attempt … */
#define CSN_DELIVERY_WAIT_FACTOR 4               /* … growing by this with each … */
#define CSN_DELIVERY_WAIT_MAX_MS (6 * 3600000LL) /* … to this */
#define CSN_PUSH_WAIT_MAX_MS (15 * 60000LL)      /* to a device: to this */
#define CSN_FACTS_MAX 768                        /* bytes */
#define CSN_DELIVERY_PAYLOAD_MAX (CSN_ITEM_BODY_MAX + 16384) /* bytes of JSON */

/* What happened. Order is stored as bits: append only. */
enum csn_notice {
    CSN_NOTICE_NONE = 0,
#define CSN_NOTICE(id, name) CSN_NOTICE_##id,
#include "server/domain/notice.def"
#undef CSN_NOTICE
    CSN_NOTICE_COUNT,
};
const char *csn_notice_name(enum csn_notice notice); /* "customer.created" */
enum csn_notice csn_notice_from_name(struct csn_bytes name);

/* --- telling --- */
/* The facts of one notice. Texts and ids that are {0} are left out. */
struct csn_telling {
    enum csn_notice notice;
    struct csn_id customer;
    struct csn_id session, linked, key, delivery;
    struct csn_bytes device;
    struct csn_bytes item; /* its id, in the customer's log … */
    bool broadcast;        /* … or of a broadcast */
    const char *assurance; /* of the session */
    const char *from, *to; /* states, modes */
    const char *cause;
};
/* Writes one delivery for each webhook of the app that asked for it. Cost without any: one look-up.
 * Returns: CSN_OK, CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_outbox_tell(struct csn_store *store, struct csn_id app,
                                             const struct csn_telling *telling, int64_t now_ms);

/* The same in two steps, for whoever tells the same of many things at once: the look-up first. */
struct csn_receivers {
    struct csn_webhook_brief found[CSN_WEBHOOKS_MAX];
    size_t count;
};
CSN_MUST_USE enum csn_status csn_outbox_find(struct csn_store *store, struct csn_id app,
                                             enum csn_notice notice, struct csn_receivers *out);
CSN_MUST_USE enum csn_status csn_outbox_tell_found(struct csn_store *store, struct csn_id app,
                                                   struct csn_receivers *receivers,
                                                   const struct csn_telling *telling,
                                                   int64_t now_ms);

/* Writes one delivery for each device of the customer that has a push address and may see the item
 * (rights.h); for that one alone where `device` is given. Call it in the job that appended the
 * item. Returns: CSN_OK, CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_outbox_push(struct csn_store *store, struct csn_id app,
                                             struct csn_id customer, struct csn_bytes device,
                                             struct csn_bytes item, int64_t now_ms);

/* Returns: the id that receivers know the delivery by. */
struct csn_id csn_delivery_id(struct csn_id app, int64_t number, int64_t created_ms);

/* --- sending --- */
enum csn_carrier {
    CSN_CARRIER_NONE = 0, /* there is nothing to send: settle it with `outcome` */
    CSN_CARRIER_WEBHOOK,
    CSN_CARRIER_WEB_PUSH,
};

/* What came of an attempt. Order is stored: append only. */
enum csn_outcome {
    CSN_OUTCOME_NONE = 0,
    CSN_OUTCOME_TAKEN,       /* 2xx */
    CSN_OUTCOME_REDIRECTED,  /* 3xx, which is not followed */
    CSN_OUTCOME_REFUSED,     /* 4xx */
    CSN_OUTCOME_GONE,        /* 404 or 410 */
    CSN_OUTCOME_BUSY,        /* 429 */
    CSN_OUTCOME_BROKEN,      /* 5xx */
    CSN_OUTCOME_UNREACHABLE, /* no answer at all */
    CSN_OUTCOME_NO_WAY,      /* no transport for this address */
    CSN_OUTCOME_MOOT,        /* the item, device or webhook is not there any more */
};
const char *csn_outcome_name(enum csn_outcome outcome); /* "taken" */
enum csn_outcome csn_outcome_of_status(long http);      /* 0: no answer */

/* One delivery with everything opened that sending needs. Lies in the arena: wipe it. */
struct csn_parcel {
    struct csn_delivery_row row;
    struct csn_id id;
    enum csn_carrier carrier;
    enum csn_outcome outcome; /* of CSN_CARRIER_NONE */
    const char *url;
    struct csn_bytes payload; /* JSON */
    /* of a webhook */
    struct csn_id webhook;
    uint8_t secrets[2][CSN_WEBHOOK_SECRET_LENGTH];
    size_t secret_count;
    /* of Web Push */
    int64_t until_ms; /* the browser is not to get it later */
    struct csn_webpush_keys keys;
    struct csn_p256_pair pair;
    struct csn_bytes subject;
    uint8_t push_hash[CSN_NAME_HASH];
};
struct csn_outbox {
    const struct csn_sessions *sessions;
    struct csn_registry *registry;
    struct csn_store *store; /* inside a transaction */
    struct csn_arena *arena;
};
/* Opens what delivery `number` needs. Returns: CSN_OK; CSN_NOT_FOUND (it is over); CSN_NO_SPACE
 * (the arena: later); CSN_UNAVAILABLE. What does not open is CSN_OUTCOME_MOOT: it never will. */
CSN_MUST_USE enum csn_status csn_parcel_make(const struct csn_outbox *outbox, struct csn_id app,
                                             int64_t number, struct csn_parcel *out,
                                             int64_t now_ms);

/* Writes down what came of it: it is over, or due again. `retry_after_ms`: what the receiver asked
 * for, 0 nothing. `random`: of the jitter. Out: sent->gave_up. Returns: CSN_OK, CSN_UNAVAILABLE. */
struct csn_sent {
    enum csn_outcome outcome;
    bool is_final; /* of GONE: 410, where 404 may be an error that passes */
    int64_t retry_after_ms;
    bool gave_up;  /* out: it is over, and was not taken */
    bool disabled; /* out: and its webhook with it */
};
CSN_MUST_USE enum csn_status csn_parcel_settle(const struct csn_outbox *outbox,
                                               const struct csn_parcel *parcel,
                                               struct csn_sent *sent,
                                               const struct csn_random *random, int64_t now_ms);

/* Returns: the most milliseconds to wait before the next attempt, `attempts` having failed (1..).
 */
int64_t csn_delivery_wait_max(int64_t attempts, int64_t cap_ms);
/* Full jitter: a time of 0..wait_max, by `draw`, evenly. */
int64_t csn_delivery_wait(int64_t wait_max_ms, uint64_t draw);

#endif
