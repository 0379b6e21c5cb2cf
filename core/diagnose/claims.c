/* The claims: which are missing, which do not have the value that the policy asks for. Times,
 * issuer and audience, and the identity have files of their own.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/diagnose/work.h"

static void
check_required(struct csn_work *w)
{
    const struct csn_policy *p = w->request->policy;
    for (size_t i = 0; i < p->required_count; i++) {
        const struct csn_json_node *claim = csn_claim_named(w, p->required[i]);
        if (claim == NULL)
            csn_say_missing(w, p->required[i]);
        else if (claim->kind == CSN_JSON_NULL)
            csn_say_empty(w, p->required[i], claim);
    }
}

static void
check_equals(struct csn_work *w)
{
    const struct csn_policy *p = w->request->policy;
    for (size_t i = 0; i < p->equals_count; i++) {
        struct csn_bytes name = p->equals[i].name, wanted = p->equals[i].value;
        const struct csn_json_node *claim = csn_claim_named(w, name);
        if (claim == NULL)
            csn_say_missing(w, name);
        if (claim == NULL || !csn_claim_is_text(w, name, claim) ||
            csn_bytes_equal(claim->text, wanted))
            continue;
        struct csn_said seen, fix;
        csn_said_start(&seen);
        csn_said_text(&seen, "The claim ");
        csn_said_value(&seen, name);
        csn_said_text(&seen, " is ");
        csn_said_value(&seen, claim->text);
        csn_said_text(&seen, ".");
        csn_said_start(&fix);
        csn_said_text(&fix, "Set it to exactly ");
        csn_said_value(&fix, wanted);
        csn_find(
            w, CSN_FINDING_CLAIM_INVALID, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
            csn_bytes_text("This app's policy asks for one value of it, and compares exactly."),
            csn_said_view(&fix));
    }
}

void
csn_diagnose_claims(struct csn_work *w)
{
    csn_diagnose_placeholders(w);
    check_required(w);
    csn_diagnose_times(w);
    csn_diagnose_parties(w);
    check_equals(w);
    csn_diagnose_identity(w);
}
