/* Apps: policy, enforcement, origins, switches.
 *
 * Policy and enforcement each have a version that grows by one with each change: the ETag. A write
 * names the version it was made from, or 0 for "whatever it is".
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_MANAGEMENT_APPS_H
#define CSN_SERVER_DOMAIN_MANAGEMENT_APPS_H

#include "server/domain/management.h"

#define CSN_ORIGIN_MAX 255                    /* bytes of one browser origin */
#define CSN_ENFORCEMENT_JSON_MAX 32768        /* bytes of an enforcement document */
#define CSN_TEST_MODE_MAX_MS (24 * 3600000LL) /* test mode ends by itself at the latest then */
#define CSN_RETENTION_DAYS_DEFAULT 90
#define CSN_RETENTION_DAYS_MAX 3650

struct csn_app_info {
    struct csn_id id;
    struct csn_id account;
    struct csn_bytes name;
    struct csn_bytes preset; /* {0}: made without one */
    bool suspended;
    int64_t test_mode_until_ms; /* on before this time */
    int64_t retention_days;
    int64_t evidence_until_ms; /* failing tokens are kept before this time */
    int64_t created_ms;
    struct csn_bytes policy; /* JSON, in full */
    int64_t policy_version;
    struct csn_bytes enforcement; /* JSON, in full */
    int64_t enforcement_version;
    const struct csn_bytes *origins;
    size_t origin_count;
    size_t key_count;
    struct csn_bytes jwks_url;   /* {0}: none; its password, if any, as *** */
    struct csn_bytes jwks_error; /* of the last fetch; "" when it went well. {0}: none */
    int64_t jwks_fetched_ms;     /* last good fetch; 0 = never */
};

/* A preset, a policy, or both: the policy's fields then stand over the preset's. */
struct csn_app_request {
    struct csn_bytes name;   /* 1..CSN_NAME_MAX bytes */
    struct csn_bytes preset; /* {0}: none */
    struct csn_bytes policy; /* a JSON object; {0}: none */
};

/* A scope with an app makes none (CSN_NOT_FOUND). */
CSN_MUST_USE enum csn_status csn_management_app_create(struct csn_management *m,
                                                       const struct csn_app_request *with,
                                                       struct csn_app_info *out, int64_t now_ms);
CSN_MUST_USE enum csn_status csn_management_app_get(struct csn_management *m, struct csn_id app,
                                                    struct csn_app_info *out);
/* The entries hold neither policy nor enforcement nor origins ({0}). */
CSN_MUST_USE enum csn_status csn_management_app_list(struct csn_management *m, struct csn_page page,
                                                     const struct csn_app_info **out, size_t *count,
                                                     bool *more);
/* Removes the app with all its keys. What its customers have is swept by the housekeeper. */
CSN_MUST_USE enum csn_status csn_management_app_delete(struct csn_management *m, struct csn_id app,
                                                       int64_t now_ms);

/* What to alter; only members whose flag is set count. */
struct csn_app_changes {
    bool set_name, set_suspended, set_test_mode, set_retention, set_evidence, set_origins;
    struct csn_bytes name;
    bool suspended;
    int64_t test_mode_until_ms;      /* 0 or past: off; at most CSN_TEST_MODE_MAX_MS ahead */
    int64_t retention_days;          /* 1..CSN_RETENTION_DAYS_MAX */
    int64_t evidence_until_ms;       /* the same, CSN_EVIDENCE_MAX_MS; off drops what was kept */
    const struct csn_bytes *origins; /* "https://shop.example", "http://localhost:3000" */
    size_t origin_count;             /* <= CSN_ORIGINS_MAX */
};
CSN_MUST_USE enum csn_status csn_management_app_update(struct csn_management *m, struct csn_id app,
                                                       const struct csn_app_changes *changes,
                                                       struct csn_app_info *out, int64_t now_ms);

/* Replaces the policy by `json` (a field "preset" fills in where it is silent); it is stored in
 * full. `from_version` 0: any. Returns also CSN_CONFLICT: the policy is at another version. */
CSN_MUST_USE enum csn_status csn_management_policy_set(struct csn_management *m, struct csn_id app,
                                                       struct csn_bytes json, int64_t from_version,
                                                       struct csn_app_info *out);
/* The same for enforcement (enforcement.h). */
CSN_MUST_USE enum csn_status
csn_management_enforcement_set(struct csn_management *m, struct csn_id app, struct csn_bytes json,
                               int64_t from_version, struct csn_app_info *out, int64_t now_ms);

/* Returns: "scheme://host" or "scheme://host:port" exactly as a browser sends it: http or https,
 * lower case, no default port, no path, no user. */
bool csn_origin_is_valid(struct csn_bytes origin);

#endif
