/* Enforcement: what happens to a request without a token, or with a bad one. Pure.
 *
 *   mode      no token     invalid token
 *   off       claimed      claimed, recorded
 *   monitor   claimed      claimed, recorded; the SDK is told the error
 *   optional  claimed      refused
 *   required  refused      refused
 *
 * "claimed" without an identity to claim is anonymous. With no token and no identity, a policy with
 * missing_is_anonymous admits an anonymous customer in every mode.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_ENFORCEMENT_H
#define CSN_SERVER_DOMAIN_ENFORCEMENT_H

#include "server/domain/app.h"

struct csn_enforcement_case {
    enum csn_reason reason;    /* of the judgement; CSN_REASON_MISSING when no token came */
    struct csn_bytes identity; /* the one claimed beside the token, {0} none */
    struct csn_device_facts device;
};

struct csn_enforcement_answer {
    bool admitted;
    enum csn_assurance assurance;      /* when admitted */
    enum csn_reason reason;            /* when refused; when admitted, what is recorded */
    bool tell;                         /* admitted, but the SDK is told `reason` (monitor) */
    enum csn_enforcement_mode applied; /* the mode that decided, after narrowing */
};

struct csn_enforcement_answer csn_enforce(const struct csn_app *app,
                                          const struct csn_enforcement_case *of, int64_t now_ms);

/* Returns: 0..99, the same for a customer of an app for ever, and different from app to app: within
 * a percentage are those below it. `who`: the identity, else the device's id. */
unsigned csn_enforcement_percentile(const struct csn_app *app, struct csn_bytes who);

/* A recorded decision, as far as enforcement goes by it. */
struct csn_enforcement_replay {
    enum csn_reason reason;
    bool named; /* an identity came, claimed or proven */
    bool missing_is_anonymous;
    int percentile; /* csn_enforcement_percentile; -1: nobody in particular */
    bool exempt;
    struct csn_device_facts device;
};

/* Returns: `enforcement`, taken as in force, would admit it. `as_it_was` for what no mode softens.
 */
bool csn_enforcement_admits(const struct csn_enforcement *enforcement,
                            const struct csn_enforcement_replay *replay, bool as_it_was);

/* Reads
 * `{"mode","otherwise"?,"from_versions"?:{platform:version},"percentage"?,"until"?,"exemptions"?:[{identity,until}]}`;
 * unknown fields, past or absent `until` of an exemption, percentage out of 1..100 refuse.
 * Times must lie after now_ms; a stored document is read with now_ms 0, so that it stays readable.
 * Out: *out borrowing `arena`; *wrong names the field. Returns: CSN_OK, CSN_INVALID, CSN_NO_SPACE.
 */
CSN_MUST_USE enum csn_status csn_enforcement_parse(struct csn_bytes json, struct csn_arena *arena,
                                                   struct csn_enforcement *out, const char **wrong,
                                                   int64_t now_ms);
/* Returns: what the member of this name must be, in a sentence; NULL when there is no such member.
 */
const char *csn_enforcement_rule(const char *name);
void csn_enforcement_write(const struct csn_enforcement *enforcement, struct csn_json_writer *w);

#endif
