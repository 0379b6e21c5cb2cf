/* Recording: every judged request leaves one decision. Never the token, never the identity.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_RECORD_H
#define CSN_SERVER_API_RECORD_H

#include "server/api/exchange.h"
#include "server/domain/enforcement.h"

/* What was judged. Views need to live only for the call. */
struct csn_judged {
    const struct csn_verdict *verdict; /* of the token; zero when none came */
    enum csn_reason reason;            /* the final one: enforcement and store may overrule */
    enum csn_endpoint endpoint;
    enum csn_assurance assurance;
    enum csn_enforcement_mode mode; /* that decided; UNSET: enforcement had no say */
    bool admitted;
    int64_t key_number;
    struct csn_bytes token; /* the customer's own; {0}: none came, or a session token of ours */
    struct csn_bytes identity;
    struct csn_device_facts device;
};
void csn_record(struct csn_exchange *x, const struct csn_judged *judged);

/* Records x->caller as the bearer of this request, and x->enforced as what followed from it. */
void csn_record_caller(struct csn_exchange *x);

#endif
