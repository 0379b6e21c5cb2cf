/* Finding the claim that a policy names, or the one that was meant to be it, and the words for a
 * claim that is not there, not a text, or empty.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/claim_name.h"
#include "core/diagnose/work.h"

/* --- by its name --- */

static const struct csn_json_node *
member(const struct csn_json_node *object, struct csn_bytes name)
{
    const struct csn_json_node *c = object->first;
    while (c != NULL && !csn_bytes_equal(c->name, name))
        c = c->next;
    return c;
}

const struct csn_json_node *
csn_claim_named(const struct csn_work *w, struct csn_bytes name)
{
    if (!csn_claim_name_is_pointer(name))
        return member(w->payload, name);
    for (const struct csn_json_node *outer = w->payload->first; outer != NULL;
         outer = outer->next) {
        const struct csn_json_node *inner = outer->kind == CSN_JSON_OBJECT ? outer->first : NULL;
        for (; inner != NULL; inner = inner->next) {
            struct csn_json_text o = {outer->name, false}, i = {inner->name, false};
            if (csn_claim_name_leads_to(name, o, i))
                return inner;
        }
    }
    return NULL;
}

/* --- by what it was meant to be --- */

/* The letters and digits of a name, in lower case: "externalID" and "external_id" are the same. */
static struct csn_bytes
fold(struct csn_bytes name, uint8_t out[CSN_CLAIM_NAME_MAX])
{
    size_t len = 0;
    for (size_t i = 0; i < name.len && len < CSN_CLAIM_NAME_MAX; i++) {
        uint8_t c = name.ptr[i];
        if (c >= 'A' && c <= 'Z')
            c = (uint8_t)(c - 'A' + 'a');
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out[len++] = c;
    }
    return csn_bytes_of(out, len);
}

/* Returns: one letter missing, added or changed, or two neighbours swapped. Names of less than
 * three letters must agree. */
static bool
is_one_slip(struct csn_bytes a, struct csn_bytes b)
{
    size_t start = 0, end = 0, shorter = a.len < b.len ? a.len : b.len;
    size_t longer = a.len < b.len ? b.len : a.len;
    if (shorter < 3 || longer - shorter > 1)
        return false;
    while (start < shorter && a.ptr[start] == b.ptr[start])
        start++;
    while (end < shorter - start && a.ptr[a.len - 1 - end] == b.ptr[b.len - 1 - end])
        end++;
    size_t differs = longer - start - end;
    bool swapped = differs == 2 && a.len == b.len && a.ptr[start] == b.ptr[start + 1] &&
                   a.ptr[start + 1] == b.ptr[start];
    return differs <= 1 || swapped;
}

/* Returns: what others call the claim that this policy calls `wanted`. */
static bool
is_alias(struct csn_bytes folded, struct csn_bytes wanted)
{
    static const char *const USER[] = {"userid", "uid",     "user",           "customerid", "id",
                                       "sub",    "subject", "externaluserid", "username"};
    static const char *const MAIL[] = {"mail", "emailaddress", "useremail"};
    bool mail = csn_bytes_equal_text(wanted, "email");
    const char *const *aliases = mail ? MAIL : USER;
    size_t count = mail ? sizeof MAIL / sizeof MAIL[0] : sizeof USER / sizeof USER[0];
    for (size_t i = 0; i < count; i++) {
        if (csn_bytes_equal_text(folded, aliases[i]))
            return true;
    }
    return false;
}

/* Names with a meaning of their own are no slip of another: `iat` is not a wrong `nat`. */
static bool
is_registered(struct csn_bytes name)
{
    static const char *const NAMES[] = {"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce"};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        if (csn_bytes_equal_text(name, NAMES[i]))
            return true;
    }
    return false;
}

bool
csn_is_identity(const struct csn_work *w, struct csn_bytes name)
{
    const struct csn_policy *p = w->request->policy;
    for (size_t i = 0; i < p->identity_count; i++) {
        if (csn_bytes_equal(p->identity[i], name))
            return true;
    }
    return false;
}

struct csn_bytes
csn_value_wanted(const struct csn_work *w, struct csn_bytes name)
{
    const struct csn_policy *p = w->request->policy;
    if (csn_bytes_equal_text(name, "iss"))
        return p->issuer;
    if (csn_bytes_equal_text(name, "aud"))
        return p->audience;
    size_t i = 0;
    while (i < p->equals_count && !csn_bytes_equal(p->equals[i].name, name))
        i++;
    return i < p->equals_count ? p->equals[i].value : (struct csn_bytes){0};
}

const struct csn_json_node *
csn_claim_misspelled(const struct csn_work *w, struct csn_bytes wanted)
{
    uint8_t wanted_memory[CSN_CLAIM_NAME_MAX], memory[CSN_CLAIM_NAME_MAX];
    struct csn_bytes folded_wanted = fold(wanted, wanted_memory);
    bool identity = csn_is_identity(w, wanted);
    for (const struct csn_json_node *c = w->payload->first; c != NULL; c = c->next) {
        struct csn_bytes folded = fold(c->name, memory);
        bool slip = !is_registered(c->name) && is_one_slip(folded, folded_wanted);
        if (csn_bytes_equal(folded, folded_wanted) || slip ||
            (identity && is_alias(folded, wanted)))
            return c;
    }
    return NULL;
}

/* --- what is wrong with it --- */

void
csn_say_misspelled(struct csn_work *w, struct csn_bytes meant, struct csn_bytes wanted)
{
    struct csn_said seen, fix;
    csn_said_start(&seen);
    csn_said_text(&seen, "There is a claim ");
    csn_said_value(&seen, meant);
    csn_said_text(&seen, ", but none named ");
    csn_said_value(&seen, wanted);
    csn_said_text(&seen, ".");
    csn_said_start(&fix);
    csn_said_text(&fix, "Name it exactly so: ");
    csn_said_value(&fix, wanted);
    csn_find(w, CSN_FINDING_CLAIM_MISSPELLED, CSN_CONFIDENCE_LIKELY, csn_said_view(&seen),
             csn_bytes_text("Claim names are compared exactly, in upper and lower case (RFC 7519 "
                            "§4)."),
             csn_said_view(&fix));
}

void
csn_say_missing(struct csn_work *w, struct csn_bytes wanted)
{
    const struct csn_json_node *meant = csn_claim_misspelled(w, wanted);
    if (meant != NULL) {
        csn_say_misspelled(w, meant->name, wanted);
        return;
    }
    struct csn_said seen, fix;
    csn_said_start(&seen);
    csn_said_text(&seen, "There is no claim ");
    csn_said_value(&seen, wanted);
    csn_said_text(&seen, ".");
    csn_said_start(&fix);
    csn_said_text(&fix, "Add it to the claims your backend signs: ");
    csn_said_value(&fix, wanted);
    csn_find(w, CSN_FINDING_CLAIM_MISSING, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
             csn_bytes_text("This app's policy requires it."), csn_said_view(&fix));
}

void
csn_say_empty(struct csn_work *w, struct csn_bytes name, const struct csn_json_node *claim)
{
    struct csn_said seen, fix;
    csn_said_start(&fix);
    csn_said_text(&fix, "Refuse to sign without it: if (!claims[");
    csn_said_value(&fix, name);
    csn_said_text(&fix, "]) throw new Error('it is empty')");
    csn_said_start(&seen);
    csn_said_text(&seen, "The claim ");
    csn_said_value(&seen, name);
    csn_said_text(&seen, claim->kind == CSN_JSON_NULL    ? " is null."
                         : claim->kind == CSN_JSON_ARRAY ? " is an empty list."
                                                         : " holds nothing.");
    csn_find(w, CSN_FINDING_CLAIM_EMPTY, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
             csn_bytes_text("What it should hold was not loaded yet, or is not set for this user "
                            "or this environment."),
             csn_said_view(&fix));
}

static void
say_not_text(struct csn_work *w, struct csn_bytes name, const struct csn_json_node *claim)
{
    struct csn_said seen, fix;
    csn_said_start(&fix);
    csn_said_text(&fix, "Make it a string: ");
    const char *end = csn_said_member(&fix, name);
    struct csn_bytes wanted = csn_value_wanted(w, name);
    if (csn_is_identity(w, name)) {
        csn_said_text(&fix, "String(");
        csn_said_text(&fix, csn_user_expression(name));
        csn_said_text(&fix, ")");
    } else if (wanted.ptr != NULL) {
        csn_said_value(&fix, wanted);
    } else {
        csn_said_text(&fix, "options.nonce"); /* no other claim must be a text */
    }
    csn_said_text(&fix, end);
    csn_said_start(&seen);
    csn_said_text(&seen, "The claim ");
    csn_said_value(&seen, name);
    csn_said_text(&seen, claim->kind == CSN_JSON_NUMBER ? " is a number." : " is no string.");
    csn_find(w, CSN_FINDING_CLAIM_NOT_TEXT, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
             csn_bytes_text("A string is due there. (5 and \"5\" must never be two customers by "
                            "accident.)"),
             csn_said_view(&fix));
}

bool
csn_claim_is_text(struct csn_work *w, struct csn_bytes name, const struct csn_json_node *claim)
{
    bool text = claim->kind == CSN_JSON_STRING;
    if (claim->kind == CSN_JSON_NULL || (text && claim->text.len == 0))
        csn_say_empty(w, name, claim);
    else if (!text)
        say_not_text(w, name, claim);
    return text && claim->text.len > 0;
}
