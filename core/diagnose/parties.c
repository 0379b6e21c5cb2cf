/* iss and aud: nearly right, another app's, or nobody's.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/diagnose/work.h"

struct party {
    const char *claim;
    enum csn_finding_code near_miss, other_app, wrong;
    bool audience;
};

static const struct party ISSUER = {"iss", CSN_FINDING_ISSUER_NEAR_MISS,
                                    CSN_FINDING_ISSUER_OF_OTHER_APP, CSN_FINDING_ISSUER_WRONG,
                                    false};
static const struct party AUDIENCE = {"aud", CSN_FINDING_AUDIENCE_NEAR_MISS,
                                      CSN_FINDING_AUDIENCE_OF_OTHER_APP, CSN_FINDING_AUDIENCE_WRONG,
                                      true};

/* Returns: what is left of an address without its scheme, white space and slashes at the end. */
static struct csn_bytes
bare(struct csn_bytes text)
{
    size_t from = 0, to = text.len;
    while (from < to && text.ptr[from] <= ' ')
        from++;
    for (size_t at = from; at + 2 < to; at++) {
        if (text.ptr[at] == ':' && text.ptr[at + 1] == '/' && text.ptr[at + 2] == '/')
            from = at + 3;
    }
    while (to > from && (text.ptr[to - 1] == '/' || text.ptr[to - 1] <= ' '))
        to--;
    return csn_bytes_slice(text, from, to);
}

static bool
is_near(struct csn_bytes a, struct csn_bytes b)
{
    return bare(a).len > 0 && csn_bytes_equal_nocase(bare(a), bare(b));
}

/* Returns: the other app that expects this very value, or NULL. */
static const struct csn_diagnosis_expectation *
app_expecting(const struct csn_work *w, const struct party *party, struct csn_bytes value)
{
    for (size_t i = 0; i < w->request->other_count; i++) {
        const struct csn_diagnosis_expectation *o = &w->request->others[i];
        struct csn_bytes theirs = party->audience ? o->audience : o->issuer;
        if (csn_bytes_equal(theirs, value))
            return o;
    }
    return NULL;
}

static void
say(struct csn_work *w, const struct party *party, enum csn_finding_code code,
    struct csn_bytes value, struct csn_bytes wanted)
{
    const struct csn_diagnosis_expectation *other = app_expecting(w, party, value);
    struct csn_said seen, fix;
    csn_said_start(&seen);
    csn_said_text(&seen, party->claim);
    csn_said_text(&seen, " is ");
    csn_said_value(&seen, value);
    csn_said_text(&seen, ", expected is ");
    csn_said_value(&seen, wanted);
    if (code == party->other_app) {
        csn_said_text(&seen, "; the app ");
        csn_said_value(&seen, other->app);
        csn_said_text(&seen, " expects that one");
    }
    csn_said_text(&seen, ".");
    csn_said_start(&fix);
    csn_said_text(&fix, "Set ");
    csn_said_text(&fix, party->claim);
    csn_said_text(&fix, " to exactly ");
    csn_said_value(&fix, wanted);
    csn_find(w, code, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
             csn_bytes_text("It is compared exactly, character by character (RFC 7519 §4.1)."),
             csn_said_view(&fix));
}

/* Returns: what a value is, none of the values being the right one. */
static enum csn_finding_code
code_of(const struct csn_work *w, const struct party *party, struct csn_bytes value,
        struct csn_bytes wanted)
{
    if (is_near(value, wanted))
        return party->near_miss;
    return app_expecting(w, party, value) != NULL ? party->other_app : party->wrong;
}

static void
check_issuer(struct csn_work *w)
{
    struct csn_bytes wanted = w->request->policy->issuer, name = csn_bytes_text("iss");
    if (wanted.ptr == NULL)
        return;
    const struct csn_json_node *claim = csn_claim_named(w, name);
    if (claim == NULL)
        csn_say_missing(w, name);
    else if (csn_claim_is_text(w, name, claim) && !csn_bytes_equal(claim->text, wanted))
        say(w, &ISSUER, code_of(w, &ISSUER, claim->text, wanted), claim->text, wanted);
}

/* The elements of a list: the one that comes closest is spoken of. */
static void
check_audiences(struct csn_work *w, const struct csn_json_node *list, struct csn_bytes wanted)
{
    const struct csn_json_node *closest = list->first;
    bool held = false;
    for (const struct csn_json_node *a = list->first; a != NULL; a = a->next) {
        if (!csn_claim_is_text(w, csn_bytes_text("aud"), a))
            return;
        held = held || csn_bytes_equal(a->text, wanted);
        /* the codes stand in the order of closeness */
        if (code_of(w, &AUDIENCE, a->text, wanted) < code_of(w, &AUDIENCE, closest->text, wanted))
            closest = a;
    }
    if (!held)
        say(w, &AUDIENCE, code_of(w, &AUDIENCE, closest->text, wanted), closest->text, wanted);
}

static void
check_audience(struct csn_work *w)
{
    struct csn_bytes wanted = w->request->policy->audience, name = csn_bytes_text("aud");
    if (wanted.ptr == NULL)
        return;
    const struct csn_json_node *claim = csn_claim_named(w, name);
    if (claim == NULL)
        csn_say_missing(w, name);
    else if (claim->kind == CSN_JSON_ARRAY && claim->first == NULL)
        csn_say_empty(w, name, claim);
    else if (claim->kind == CSN_JSON_ARRAY)
        check_audiences(w, claim, wanted);
    else if (csn_claim_is_text(w, name, claim) && !csn_bytes_equal(claim->text, wanted))
        say(w, &AUDIENCE, code_of(w, &AUDIENCE, claim->text, wanted), claim->text, wanted);
}

void
csn_diagnose_parties(struct csn_work *w)
{
    check_issuer(w);
    check_audience(w);
}
