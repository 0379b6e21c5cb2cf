/* An app as the hot path sees it: immutable, compiled, shared by reference count.
 *
 * A change to an app compiles a new value and swaps it in (registry.h); requests under way keep the
 * one they hold. So a verification needs no store and no lock besides the one reference.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_APP_H
#define CSN_SERVER_DOMAIN_APP_H

#include "server/domain/model.h"

/* From version `min_version` on, on `platform`, the narrowed mode applies. */
struct csn_enforcement_version {
    struct csn_bytes platform;    /* "*": every platform not named */
    struct csn_bytes min_version; /* dotted numbers */
};

/* Somebody the narrowed or full mode does not apply to, until a time that always comes. */
struct csn_enforcement_exemption {
    struct csn_bytes identity;
    int64_t until_ms; /* never 0 */
};

/* `mode`, narrowed: it applies only where every given condition holds; elsewhere `otherwise`. */
struct csn_enforcement {
    enum csn_enforcement_mode mode;
    enum csn_enforcement_mode
        otherwise; /* default OPTIONAL, or `mode` itself when that is milder */
    const struct csn_enforcement_version *versions;
    size_t version_count;
    unsigned percentage; /* 0..100 of customers, stable by hash; 100 = all */
    int64_t until_ms;    /* the narrowing ends and `otherwise` applies to all; 0 = no end */
    const struct csn_enforcement_exemption *exemptions;
    size_t exemption_count;
};

struct csn_app {
    struct csn_id id;
    struct csn_id account;
    struct csn_bytes name;
    struct csn_bytes preset; /* the name it was made from; {0} none */
    bool suspended;
    int64_t test_mode_until_ms; /* test mode is on before this time */
    int64_t evidence_until_ms;  /* before this time failing tokens are kept (evidence.h) */
    struct csn_policy policy;
    struct csn_keyring keys;         /* all states */
    bool has_jwks;                   /* some are fetched: key_unknown is worth a hint (jwks.h) */
    struct csn_keyring session_keys; /* one HS256 key that signs our own session tokens */
    const struct csn_signer *session_signer;
    struct csn_enforcement enforcement;
    const struct csn_bytes *origins; /* exact browser origins */
    size_t origin_count;
    uint64_t generation; /* grows with every change of keys or policy: part of the cache's key */
    uint8_t pseudonym_key[32]; /* keyed hash of identities in decisions */
};

#endif
