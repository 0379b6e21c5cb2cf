/* Decisions: one compact record for every verification. Never the token, never the identity.
 *
 * `record` only counts in memory (one short lock of the calling thread's shard); the housekeeper
 * flushes counters and sampled rows to the store at most a second later. Counters are exact; raw
 * rows are kept up to a rate, then sampled with their weight.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_DECISIONS_H
#define CSN_SERVER_DOMAIN_DECISIONS_H

#include "server/domain/app.h"

struct csn_decision {
    int64_t at_ms;
    struct csn_id app;
    int64_t key_number; /* 0 none */
    enum csn_algorithm algorithm;
    enum csn_reason reason;
    enum csn_endpoint endpoint;
    enum csn_assurance assurance;
    enum csn_enforcement_mode mode; /* UNSET: enforcement had no say */
    bool admitted;
    uint8_t pseudonym[16]; /* keyed hash of the identity; zero when there is none */
    uint8_t device[16];    /* keyed hash of the device's id; zero when it is not known */
    /* 0..99, what a narrowing by percentage goes by (enforcement.h); -1: there is nobody */
    int8_t percentile;
    uint8_t facts; /* bits of enum csn_decision_fact */
    char platform[CSN_PLATFORM_MAX + 1];
    char app_version[CSN_VERSION_TEXT_MAX + 1];
    char sdk_version[CSN_VERSION_TEXT_MAX + 1];
    bool has_skew;
    int64_t skew_ms;     /* now - iat at login: clock skew and age in one */
    int64_t lifetime_ms; /* exp - iat; 0 unknown */
    int64_t expires_ms;  /* when the token ends; 0: nothing says. For the key, not for the row */
};

/* What a dry run needs to know of a token, beyond its times. Stored: append only. */
enum csn_decision_fact {
    CSN_FACT_TOKEN = 1,  /* a customer's own token came; else none, or a session token of ours */
    CSN_FACT_NONCE = 2,  /* it carries a nonce */
    CSN_FACT_EXPIRY = 4, /* it has an end: its own, or the one that iat and policy give it */
};

struct csn_decisions;
struct csn_queue;

/* Raw rows kept a second, an eighth of them by one worker; of more, a sample. */
#define CSN_DECISION_ROWS_PER_S 1000

struct csn_decisions *csn_decisions_create(void);
void csn_decisions_free(struct csn_decisions *decisions);
void csn_decisions_record(struct csn_decisions *decisions, const struct csn_decision *decision);

/* Writes what was gathered through the queue and waits until it is durable. Called by the
 * housekeeper each second and at stop. On failure everything stays gathered. */
CSN_MUST_USE enum csn_status csn_decisions_flush(struct csn_decisions *decisions,
                                                 struct csn_queue *queue);

/* The use of a key: when it last verified a token, and how long such tokens live. */
struct csn_key_touch {
    int64_t number;
    int64_t used_ms;    /* 0: never */
    int64_t ends_ms;    /* the latest end of those tokens that have one; 0: none has */
    int64_t endless_ms; /* the last use by one that has none; 0: never */
};
/* Each time becomes the later of both. */
void csn_key_touch_raise(struct csn_key_touch *use, const struct csn_key_touch *other);

/* The uses of these keys that are not written down yet: raises theirs by them. What a flush is
 * writing counts until it is durable, so on the store's thread rows and this together miss nothing.
 * Cost: a walk over what was gathered. */
void csn_decisions_last_uses(struct csn_decisions *decisions, struct csn_key_touch *uses,
                             size_t count);

#endif
