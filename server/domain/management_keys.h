/* The keys of an app.
 *
 *   standby ──► active ──► retiring ──► retired     only active and retiring verify
 *                  ▲───undo───┘ ▲───undo───┘         one step back, and never to standby
 *
 * A key is unsafe to retire while it is the only active one, or while a token it verified may still
 * be alive: until the latest end of those, where they have one and the policy allows no earlier
 * one. `force` overrules both. A secret or private key is shown once, where it is generated;
 * material is sealed at rest.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_MANAGEMENT_KEYS_H
#define CSN_SERVER_DOMAIN_MANAGEMENT_KEYS_H

#include "server/domain/decisions.h"
#include "server/domain/management_diagnosis.h"
#include "server/domain/management_jwks.h"

/* A token without an end, under a policy that gives it none, is taken to live this long after it
 * was last seen. */
#define CSN_KEY_QUIET_DEFAULT_MS (24 * 3600000LL)

/* Where material came from. Stored: append only. */
enum csn_key_source {
    CSN_SOURCE_UNSET = 0,
    CSN_SOURCE_SECRET,    /* the text of a shared secret */
    CSN_SOURCE_PEM,       /* a public key */
    CSN_SOURCE_JWK,       /* a public or `oct` JWK */
    CSN_SOURCE_JWKS_URL,  /* fetched (management_jwks.h); comes and goes with the document */
    CSN_SOURCE_GENERATED, /* made here */
};
const char *csn_key_source_name(enum csn_key_source source); /* "jwks_url" */
enum csn_key_source csn_key_source_from_name(struct csn_bytes name);

struct csn_key_info {
    struct csn_id id;
    int64_t number; /* csn_key.number, csn_decision.key_number */
    bool has_kid;
    struct csn_bytes kid;
    enum csn_algorithm algorithm;
    enum csn_key_state state;
    enum csn_key_source source;
    enum csn_encoding encoding; /* of secrets, else UNSET */
    char fingerprint[CSN_FINGERPRINT_MAX];
    enum csn_key_problem warning; /* NONE or CSN_KEY_SHORT_FOR_HASH */
    bool is_excluded; /* by the policy as it is now: it can verify no token of this app */
    int64_t created_ms;
    int64_t state_changed_ms;
    int64_t expires_ms;           /* 0 = never */
    int64_t last_used_ms;         /* 0 = never */
    struct csn_bytes public_text; /* asymmetric: the PEM or JWK; {0} for secrets and in lists */
    bool safe_to_retire;
    const char *unsafe_because; /* static sentence; "" when safe */
    int64_t safe_after_ms;      /* when time alone makes it safe; 0 = not by time */
};

/* What to make a key from. */
struct csn_key_request {
    enum csn_key_source source;   /* SECRET, PEM, JWK or GENERATED */
    bool has_kid;                 /* of a JWK: overrules its own */
    struct csn_bytes kid;         /* 1..CSN_KID_MAX bytes */
    enum csn_algorithm algorithm; /* UNSET where the material, or a policy with one, fixes it */
    enum csn_key_state state;     /* UNSET: active. Else standby or active */
    int64_t expires_ms;           /* 0 = never; must lie in the future */
    struct csn_bytes text;        /* SECRET, PEM, JWK */
    enum csn_encoding encoding;   /* SECRET; UNSET: utf8 */
    unsigned rsa_bits;            /* GENERATED RSA; 0: 2048 */
};

struct csn_key_made {
    struct csn_key_info info;
    /* GENERATED only, shown this once; in the arena: wipe it. */
    struct csn_bytes secret_text; /* HMAC: the utf8 secret */
    struct csn_bytes private_pem; /* else; kept nowhere */
    struct csn_bytes public_pem;
    struct csn_bytes public_jwk;
};

/* Returns also CSN_CONFLICT: the kid or the material is there already, the app has
 * CSN_KEYS_PER_APP_MAX keys, or a token without kid would have to try more than CSN_KEYS_TRIED_MAX.
 */
CSN_MUST_USE enum csn_status csn_management_key_create(struct csn_management *m, struct csn_id app,
                                                       const struct csn_key_request *with,
                                                       struct csn_key_made *made, int64_t now_ms);
CSN_MUST_USE enum csn_status csn_management_key_get(struct csn_management *m, struct csn_id app,
                                                    struct csn_id key, struct csn_key_info *out,
                                                    int64_t now_ms);
/* All keys of the app, oldest first: at most CSN_KEYS_PER_APP_MAX, so there are no pages. */
CSN_MUST_USE enum csn_status csn_management_key_list(struct csn_management *m, struct csn_id app,
                                                     const struct csn_key_info **out, size_t *count,
                                                     int64_t now_ms);
/* One step of the drawing above. Returns also CSN_CONFLICT: no such step, or unsafe and not forced.
 */
CSN_MUST_USE enum csn_status csn_management_key_state(struct csn_management *m, struct csn_id app,
                                                      struct csn_id key, enum csn_key_state to,
                                                      bool force, struct csn_key_info *out,
                                                      int64_t now_ms);
/* Removes a standby or retired key; any other only when forced. A key of a JWKS cannot be removed
 * (CSN_CONFLICT): it would come back. */
CSN_MUST_USE enum csn_status csn_management_key_delete(struct csn_management *m, struct csn_id app,
                                                       struct csn_id key, bool force);

/* Notes how keys were used. Unknown numbers are passed over. Looks at no scope. */
CSN_MUST_USE enum csn_status csn_management_touch_keys(struct csn_store *store,
                                                       const struct csn_key_touch *touches,
                                                       size_t count);

#endif
