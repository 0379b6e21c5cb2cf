/* Webhooks and push keys as the app's owner manages them: management.h's operations.
 *
 *             create, enable
 *   DISABLED ◄──────────────► ENABLED ── failing for CSN_WEBHOOK_PATIENCE_MS ──► FAILED
 *     ▲           disable        │ └──── the receiver says 410 Gone ──────────► GONE
 *     └──────────────────────────┴─────────────── by a person, from any ◄─────────┘
 *
 * Only an enabled one is told anything. What waits when it is disabled is given up when it is due.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_WEBHOOKS_H
#define CSN_SERVER_DOMAIN_WEBHOOKS_H

#include "server/domain/management.h"
#include "server/domain/outbox.h"

/* Stored: append only. */
enum csn_webhook_state {
    CSN_WEBHOOK_UNSET = 0,
    CSN_WEBHOOK_ENABLED,
    CSN_WEBHOOK_DISABLED, /* by a person */
    CSN_WEBHOOK_FAILED,   /* by itself */
    CSN_WEBHOOK_GONE,     /* by its receiver */
};
const char *csn_webhook_state_name(enum csn_webhook_state state);

/* Returns: the bit a notice is stored as. */
static inline int64_t
csn_notice_bit(enum csn_notice notice)
{
    return (int64_t)1 << notice;
}

/* "whsec_" and padded base64, as Standard Webhooks writes a secret. */
#define CSN_WEBHOOK_SECRET_TEXT_MAX (6 + (CSN_WEBHOOK_SECRET_LENGTH + 2) / 3 * 4)

struct csn_webhook_info {
    struct csn_id id;
    struct csn_bytes url; /* a password in it is ***; in the arena */
    int64_t notices;
    bool bodies;
    enum csn_webhook_state state;
    int64_t state_changed_ms, created_ms, delivered_ms, failing_since_ms;
    int64_t previous_until_ms; /* two secrets sign until then; 0 or past: one */
    int64_t waiting, dropped;
};

struct csn_webhook_request {
    struct csn_bytes url; /* ptr NULL: as it is */
    int64_t notices;      /* 0: as they are */
    bool has_enabled, enabled;
    bool has_bodies, bodies;
};

/* The secret is in the answer to create and rotate alone: wipe it. */
struct csn_webhook_made {
    struct csn_webhook_info info;
    char secret[CSN_WEBHOOK_SECRET_TEXT_MAX + 1];
};

/* All: CSN_NOT_FOUND for what is not there or not the scope's; CSN_CONFLICT: CSN_WEBHOOKS_MAX are
 * there, or another has push.send, which one at most may have. */
CSN_MUST_USE enum csn_status csn_webhook_create(struct csn_management *m, struct csn_id app,
                                                const struct csn_webhook_request *request,
                                                struct csn_webhook_made *out, int64_t now_ms);
CSN_MUST_USE enum csn_status csn_webhook_get(struct csn_management *m, struct csn_id app,
                                             struct csn_id id, struct csn_webhook_info *out);
/* All of them: there are few. Out: *out in the arena. */
CSN_MUST_USE enum csn_status csn_webhook_list(struct csn_management *m, struct csn_id app,
                                              const struct csn_webhook_info **out, size_t *count);
CSN_MUST_USE enum csn_status csn_webhook_update(struct csn_management *m, struct csn_id app,
                                                struct csn_id id,
                                                const struct csn_webhook_request *request,
                                                struct csn_webhook_info *out, int64_t now_ms);
CSN_MUST_USE enum csn_status csn_webhook_delete(struct csn_management *m, struct csn_id app,
                                                struct csn_id id);
/* A new secret; the one before signs as well for CSN_WEBHOOK_OVERLAP_MS. */
CSN_MUST_USE enum csn_status csn_webhook_rotate(struct csn_management *m, struct csn_id app,
                                                struct csn_id id, struct csn_webhook_made *out,
                                                int64_t now_ms);
/* Writes one delivery that says nothing. CSN_CONFLICT: it is not enabled. Out: its id. */
CSN_MUST_USE enum csn_status csn_webhook_test(struct csn_management *m, struct csn_id app,
                                              struct csn_id id, struct csn_id *delivery,
                                              int64_t now_ms);

/* What came of those before `before` (0: the latest), newest first. No bodies, no addresses. */
struct csn_delivery_info {
    struct csn_id id;
    enum csn_notice notice;
    struct csn_id customer;
    int64_t number; /* grows; the list goes on before the last one's */
    int64_t created_ms, due_ms, settled_ms, attempts;
    enum csn_outcome outcome; /* of the last attempt */
};
CSN_MUST_USE enum csn_status csn_webhook_deliveries(struct csn_management *m, struct csn_id app,
                                                    struct csn_id id, int64_t before, size_t limit,
                                                    const struct csn_delivery_info **out,
                                                    size_t *count);

/* --- push keys --- */
struct csn_push_key_info {
    uint8_t public_key[CSN_P256_PUBLIC_LENGTH];
    struct csn_bytes subject; /* in the arena */
    int64_t created_ms;       /* 0: the app has none */
};
CSN_MUST_USE enum csn_status csn_push_key_get(struct csn_management *m, struct csn_id app,
                                              struct csn_push_key_info *out);
/* Makes the pair where there is none, and says whom a push service may ask: "mailto:..." or an
 * https URL; {0}: nobody. */
CSN_MUST_USE enum csn_status csn_push_key_put(struct csn_management *m, struct csn_id app,
                                              struct csn_bytes subject,
                                              struct csn_push_key_info *out, int64_t now_ms);
/* Also where there is none. */
CSN_MUST_USE enum csn_status csn_push_key_delete(struct csn_management *m, struct csn_id app);

/* --- for the sender: opens what their rows have sealed --- */
struct csn_vault;
CSN_MUST_USE enum csn_status csn_webhook_open_url(const struct csn_vault *vault, struct csn_id app,
                                                  const struct csn_webhook_row *row,
                                                  struct csn_arena *arena, const char **url);
/* Out: `secrets`, *count of them: the newest first. */
CSN_MUST_USE enum csn_status csn_webhook_open_secrets(const struct csn_vault *vault,
                                                      struct csn_id app,
                                                      const struct csn_webhook_row *row,
                                                      uint8_t secrets[2][CSN_WEBHOOK_SECRET_LENGTH],
                                                      size_t *count, int64_t now_ms);
CSN_MUST_USE enum csn_status csn_push_key_open(const struct csn_vault *vault, struct csn_id app,
                                               const struct csn_push_key_row *row,
                                               struct csn_p256_pair *out);

#endif
