/* The findings' names and titles, and the diagnosis as JSON.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "countersign/diagnose.h"

static const struct {
    const char *name, *title;
} FINDINGS[] = {
    {"none", "Nothing was found"},
#define CSN_FINDING(id, name, title) {name, title},
#include "countersign/finding.def"
#undef CSN_FINDING
};

const char *
csn_finding_name(enum csn_finding_code code)
{
    return code < CSN_FINDING_COUNT ? FINDINGS[code].name : FINDINGS[0].name;
}

const char *
csn_finding_title(enum csn_finding_code code)
{
    return code < CSN_FINDING_COUNT ? FINDINGS[code].title : FINDINGS[0].title;
}

const char *
csn_confidence_name(enum csn_confidence confidence)
{
    static const char *const NAMES[] = {"none", "possible", "likely", "certain"};
    return confidence <= CSN_CONFIDENCE_CERTAIN ? NAMES[confidence] : NAMES[0];
}

static void
write_finding(const struct csn_finding *f, struct csn_json_writer *w)
{
    csn_json_open_object(w);
    csn_json_member_text(w, "code", csn_finding_name(f->code));
    csn_json_member_text(w, "title", csn_finding_title(f->code));
    csn_json_member_text(w, "confidence", csn_confidence_name(f->confidence));
    csn_json_member_text(w, "seen", f->seen);
    csn_json_member_text(w, "why", f->why);
    csn_json_member_text(w, "fix", f->fix);
    csn_json_close_object(w);
}

void
csn_diagnosis_write(const struct csn_diagnosis *diagnosis, struct csn_json_writer *w)
{
    const struct csn_verdict *v = &diagnosis->verdict;
    csn_json_open_object(w);
    csn_json_name(w, "verdict");
    csn_json_open_object(w);
    csn_json_member_text(w, "reason", csn_reason_name(v->reason));
    csn_json_member_text(w, "action", csn_action_name(csn_reason_action(v->reason)));
    csn_json_member_text(w, "sentence", csn_reason_sentence(v->reason));
    if (v->part != CSN_PART_NONE)
        csn_json_member_text(w, "part", csn_part_name(v->part));
    if (v->algorithm != CSN_ALGORITHM_UNSET)
        csn_json_member_text(w, "algorithm", csn_algorithm_name(v->algorithm));
    csn_json_close_object(w);
    csn_json_name(w, "findings");
    csn_json_open_array(w);
    for (size_t i = 0; i < diagnosis->count; i++)
        write_finding(&diagnosis->findings[i], w);
    csn_json_close_array(w);
    csn_json_close_object(w);
}
