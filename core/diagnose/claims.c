/* Claims: placeholders, names, types, issuer, audience and identity.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/claim_name.h"
#include "core/diagnose/work.h"

/* --- placeholders of sample code --- */

static bool
contains(struct csn_bytes text, const char *word)
{
    struct csn_bytes w = csn_bytes_text(word);
    for (size_t i = 0; i + w.len <= text.len; i++) {
        if (csn_bytes_equal(csn_bytes_slice(text, i, i + w.len), w))
            return true;
    }
    return false;
}

static bool
is_placeholder(struct csn_bytes text)
{
    static const char *const WHOLE[] = {"user_id", "CUSTOMER_EMAIL", "ACCOUNT_ID", "USER_ID",
                                        "unique_immutable_value_for_user123121"};
    static const char *const WORDS[] = {"CURRENT_TIME", "YOUR_",   "your-",   "<Issuer",
                                        "<Audience",    "<Unique", "<Shared", "SECRET_KEY",
                                        "REPLACE_ME",   "CHANGEME"};
    for (size_t i = 0; i < sizeof WHOLE / sizeof WHOLE[0]; i++) {
        if (csn_bytes_equal_text(text, WHOLE[i]))
            return true;
    }
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (contains(text, WORDS[i]))
            return true;
    }
    bool bracketed = text.len > 2 && ((text.ptr[0] == '<' && text.ptr[text.len - 1] == '>') ||
                                      (text.ptr[0] == '{' && text.ptr[text.len - 1] == '}'));
    return bracketed;
}

static void
check_placeholders(struct csn_work *w)
{
    for (const struct csn_json_node *c = w->payload->first; c != NULL; c = c->next) {
        if (c->kind != CSN_JSON_STRING || !is_placeholder(c->text))
            continue;
        struct csn_said seen;
        csn_said_start(&seen);
        csn_said_text(&seen, "The claim ");
        csn_said_value(&seen, c->name);
        csn_said_text(&seen, " is ");
        csn_said_value(&seen, c->text);
        csn_said_text(&seen, ".");
        csn_find(w, CSN_FINDING_PLACEHOLDER, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
                 csn_bytes_text("That is a placeholder of the sample code, not a value."),
                 csn_bytes_text("Put the real value there: {externalId: user.id, iat: "
                                "Math.floor(Date.now() / 1000)}"));
    }
}

/* --- names --- */

/* Returns: the claim of a policy's name: top-level, or by a pointer of two steps. */
static const struct csn_json_node *
claim_named(const struct csn_work *w, struct csn_bytes name)
{
    if (!csn_claim_name_is_pointer(name))
        return csn_json_get(w->payload, (const char *)name.ptr);
    for (const struct csn_json_node *outer = w->payload->first; outer != NULL;
         outer = outer->next) {
        for (const struct csn_json_node *inner = outer->first; inner != NULL; inner = inner->next) {
            struct csn_json_text o = {outer->name, false}, i = {inner->name, false};
            if (outer->kind == CSN_JSON_OBJECT && csn_claim_name_leads_to(name, o, i))
                return inner;
        }
    }
    return NULL;
}

/* The letters and digits of a name, in lower case: "externalID" and "external_id" are the same. */
static size_t
fold(struct csn_bytes name, char out[CSN_CLAIM_NAME_MAX])
{
    size_t len = 0;
    for (size_t i = 0; i < name.len && len < CSN_CLAIM_NAME_MAX; i++) {
        uint8_t c = name.ptr[i];
        if (c >= 'A' && c <= 'Z')
            c = (uint8_t)(c - 'A' + 'a');
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out[len++] = (char)c;
    }
    return len;
}

/* Returns: one letter missing, added, changed, or two neighbours swapped. Short names must agree.
 */
static bool
is_one_slip(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t start = 0, end = 0, shorter = a_len < b_len ? a_len : b_len;
    size_t longer = a_len < b_len ? b_len : a_len;
    if (shorter < 3 || longer - shorter > 1)
        return false;
    while (start < shorter && a[start] == b[start])
        start++;
    while (end < shorter - start && a[a_len - 1 - end] == b[b_len - 1 - end])
        end++;
    size_t differs = longer - start - end;
    bool swapped =
        differs == 2 && a_len == b_len && a[start] == b[start + 1] && a[start + 1] == b[start];
    return differs <= 1 || swapped;
}

static bool
is_alias(const char *folded, size_t len, struct csn_bytes wanted)
{
    static const char *const USER[] = {"userid", "uid",     "user",           "customerid",
                                       "id",     "subject", "externaluserid", "username"};
    static const char *const MAIL[] = {"mail", "emailaddress", "useremail"};
    bool mail = csn_bytes_equal_text(wanted, "email");
    size_t count = mail ? sizeof MAIL / sizeof MAIL[0] : sizeof USER / sizeof USER[0];
    for (size_t i = 0; i < count; i++) {
        if (csn_bytes_equal_text(csn_bytes_of(folded, len), mail ? MAIL[i] : USER[i]))
            return true;
    }
    return false;
}

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

/* Returns: the claim of the payload that was probably meant to be `wanted`, or NULL. */
static const struct csn_json_node *
misspelled(const struct csn_work *w, struct csn_bytes wanted, bool identity)
{
    char folded_wanted[CSN_CLAIM_NAME_MAX], folded[CSN_CLAIM_NAME_MAX];
    size_t wanted_len = fold(wanted, folded_wanted);
    for (const struct csn_json_node *c = w->payload->first; c != NULL; c = c->next) {
        size_t len = fold(c->name, folded);
        bool same =
            csn_bytes_equal(csn_bytes_of(folded, len), csn_bytes_of(folded_wanted, wanted_len));
        bool slip = !is_registered(c->name) && is_one_slip(folded, len, folded_wanted, wanted_len);
        if (same || slip || (identity && is_alias(folded, len, wanted)))
            return c;
    }
    return NULL;
}

static void
say_missing(struct csn_work *w, struct csn_bytes wanted, bool identity)
{
    const struct csn_json_node *meant = misspelled(w, wanted, identity);
    struct csn_said seen, fix;
    csn_said_start(&seen);
    csn_said_start(&fix);
    if (meant != NULL) {
        csn_said_text(&seen, "There is a claim ");
        csn_said_value(&seen, meant->name);
        csn_said_text(&seen, ", but none named ");
        csn_said_value(&seen, wanted);
        csn_said_text(&seen, ".");
        csn_said_text(&fix, "Name it exactly so: ");
        csn_said_value(&fix, wanted);
        csn_find(w, CSN_FINDING_CLAIM_MISSPELLED, CSN_CONFIDENCE_LIKELY, csn_said_view(&seen),
                 csn_bytes_text("Claim names are compared exactly, in upper and lower case "
                                "(RFC 7519 §4)."),
                 csn_said_view(&fix));
        return;
    }
    csn_said_text(&seen, "There is no claim ");
    csn_said_value(&seen, wanted);
    csn_said_text(&seen, ".");
    csn_said_text(&fix, "Add it to the claims your backend signs: ");
    csn_said_value(&fix, wanted);
    csn_find(w, CSN_FINDING_CLAIM_MISSING, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
             csn_bytes_text("This app's policy requires it."), csn_said_view(&fix));
}

static void
check_required(struct csn_work *w)
{
    const struct csn_policy *p = w->request->policy;
    for (size_t i = 0; i < p->required_count; i++) {
        const struct csn_json_node *claim = claim_named(w, p->required[i]);
        if (claim == NULL || claim->kind == CSN_JSON_NULL)
            say_missing(w, p->required[i], csn_bytes_equal_text(p->required[i], "sub"));
    }
}

/* --- issuer and audience --- */

/* Returns: the same but for scheme, case, white space and slashes at the end. */
static bool
is_near(struct csn_bytes a, struct csn_bytes b)
{
    struct csn_bytes both[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        struct csn_bytes *t = &both[i];
        size_t from = 0;
        while (from < t->len && t->ptr[from] <= ' ')
            from++;
        for (size_t at = from; at + 2 < t->len; at++) {
            if (t->ptr[at] == ':' && t->ptr[at + 1] == '/' && t->ptr[at + 2] == '/')
                from = at + 3;
        }
        size_t to = t->len;
        while (to > from && (t->ptr[to - 1] == '/' || t->ptr[to - 1] <= ' '))
            to--;
        *t = csn_bytes_slice(*t, from, to);
    }
    return both[0].len > 0 && csn_bytes_equal_nocase(both[0], both[1]);
}

struct near_codes {
    const char *claim;
    enum csn_finding_code near, other_app, wrong;
};

static const struct csn_diagnosis_expectation *
app_expecting(const struct csn_work *w, struct csn_bytes value, bool audience)
{
    for (size_t i = 0; i < w->request->other_count; i++) {
        const struct csn_diagnosis_expectation *o = &w->request->others[i];
        struct csn_bytes theirs = audience ? o->audience : o->issuer;
        if (theirs.len > 0 && csn_bytes_equal(theirs, value))
            return o;
    }
    return NULL;
}

static void
say_wrong_party(struct csn_work *w, const struct near_codes *codes, struct csn_bytes value,
                struct csn_bytes wanted, const struct csn_diagnosis_expectation *other)
{
    bool near = is_near(value, wanted);
    struct csn_said seen, fix;
    csn_said_start(&seen);
    csn_said_text(&seen, codes->claim);
    csn_said_text(&seen, " is ");
    csn_said_value(&seen, value);
    csn_said_text(&seen, ", expected is ");
    csn_said_value(&seen, wanted);
    if (!near && other != NULL) {
        csn_said_text(&seen, "; the app ");
        csn_said_value(&seen, other->app);
        csn_said_text(&seen, " expects that one");
    }
    csn_said_text(&seen, ".");
    csn_said_start(&fix);
    csn_said_text(&fix, "Set ");
    csn_said_text(&fix, codes->claim);
    csn_said_text(&fix, " to exactly ");
    csn_said_value(&fix, wanted);
    enum csn_finding_code code = near            ? codes->near
                                 : other != NULL ? codes->other_app
                                                 : codes->wrong;
    csn_find(w, code, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
             csn_bytes_text("It is compared exactly, character by character (RFC 7519 §4.1)."),
             csn_said_view(&fix));
}

static const struct near_codes ISSUER = {"iss", CSN_FINDING_ISSUER_NEAR_MISS,
                                         CSN_FINDING_ISSUER_OF_OTHER_APP, CSN_FINDING_ISSUER_WRONG};
static const struct near_codes AUDIENCE = {"aud", CSN_FINDING_AUDIENCE_NEAR_MISS,
                                           CSN_FINDING_AUDIENCE_OF_OTHER_APP,
                                           CSN_FINDING_AUDIENCE_WRONG};

static void
say_not_text(struct csn_work *w, struct csn_bytes name, const struct csn_json_node *claim)
{
    struct csn_said seen;
    csn_said_start(&seen);
    csn_said_text(&seen, "The claim ");
    csn_said_value(&seen, name);
    csn_said_text(&seen, claim->kind == CSN_JSON_NUMBER ? " is a number." : " is no string.");
    csn_find(w, CSN_FINDING_CLAIM_NOT_TEXT, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
             csn_bytes_text("A string is due there. (5 and \"5\" must never be two customers by "
                            "accident.)"),
             csn_bytes_text("Make it a string: {sub: String(user.id)}"));
}

static void
check_issuer(struct csn_work *w)
{
    struct csn_bytes wanted = w->request->policy->issuer;
    const struct csn_json_node *claim = csn_json_get(w->payload, "iss");
    if (wanted.ptr == NULL)
        return;
    if (claim == NULL)
        say_missing(w, csn_bytes_text("iss"), false);
    else if (claim->kind != CSN_JSON_STRING)
        say_not_text(w, csn_bytes_text("iss"), claim);
    else if (!csn_bytes_equal(claim->text, wanted))
        say_wrong_party(w, &ISSUER, claim->text, wanted, app_expecting(w, claim->text, false));
}

static void
check_audience(struct csn_work *w)
{
    struct csn_bytes wanted = w->request->policy->audience;
    const struct csn_json_node *claim = csn_json_get(w->payload, "aud");
    if (wanted.ptr == NULL)
        return;
    if (claim == NULL) {
        say_missing(w, csn_bytes_text("aud"), false);
        return;
    }
    bool list = claim->kind == CSN_JSON_ARRAY;
    const struct csn_json_node *first = list ? claim->first : claim;
    for (const struct csn_json_node *a = first; a != NULL; a = list ? a->next : NULL) {
        if (a->kind == CSN_JSON_STRING && csn_bytes_equal(a->text, wanted))
            return;
    }
    if (first == NULL || first->kind != CSN_JSON_STRING)
        say_not_text(w, csn_bytes_text("aud"), claim);
    else
        say_wrong_party(w, &AUDIENCE, first->text, wanted, app_expecting(w, first->text, true));
}

static void
check_equals(struct csn_work *w)
{
    const struct csn_policy *p = w->request->policy;
    for (size_t i = 0; i < p->equals_count; i++) {
        const struct csn_json_node *claim = claim_named(w, p->equals[i].name);
        if (claim == NULL) {
            say_missing(w, p->equals[i].name, false);
            continue;
        }
        if (claim->kind == CSN_JSON_STRING && csn_bytes_equal(claim->text, p->equals[i].value))
            continue;
        struct csn_said seen;
        csn_said_start(&seen);
        csn_said_text(&seen, "The claim ");
        csn_said_value(&seen, p->equals[i].name);
        csn_said_text(&seen, " must be ");
        csn_said_value(&seen, p->equals[i].value);
        csn_said_text(&seen, ".");
        csn_find(w, CSN_FINDING_CLAIM_INVALID, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
                 csn_bytes_text("This app's policy asks for exactly that value."),
                 csn_bytes_text("Set it as the policy says."));
    }
}

/* --- identity --- */

static struct csn_bytes
trimmed(struct csn_bytes text)
{
    size_t from = 0, to = text.len;
    while (from < to && text.ptr[from] <= ' ')
        from++;
    while (to > from && text.ptr[to - 1] <= ' ')
        to--;
    return csn_bytes_slice(text, from, to);
}

static void
say_identity(struct csn_work *w, enum csn_finding_code code, struct csn_bytes value,
             const char *why, const char *fix)
{
    struct csn_said seen;
    csn_said_start(&seen);
    csn_said_text(&seen, "The token is for ");
    csn_said_value(&seen, value);
    if (w->request->expected_identity.len > 0) {
        csn_said_text(&seen, ", the app said ");
        csn_said_value(&seen, w->request->expected_identity);
    }
    csn_said_text(&seen, ".");
    csn_find(w, code, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen), csn_bytes_text(why),
             csn_bytes_text(fix));
}

static void
compare_identity(struct csn_work *w, struct csn_bytes value)
{
    struct csn_bytes expected = w->request->expected_identity;
    if (expected.len == 0 || csn_bytes_equal(value, expected))
        return;
    if (csn_bytes_equal(trimmed(value), trimmed(expected)))
        say_identity(w, CSN_FINDING_IDENTITY_SPACES, value,
                     "They differ in spaces only; identities are compared exactly.",
                     "Trim the value once, where it enters your system: user.email.trim()");
    else if (csn_bytes_equal_nocase(trimmed(value), trimmed(expected)))
        say_identity(w, CSN_FINDING_IDENTITY_CASE, value,
                     "They differ in upper and lower case only; identities are compared exactly.",
                     "Use one form everywhere: user.email.toLowerCase()");
    else
        say_identity(w, CSN_FINDING_IDENTITY_OTHER_USER, value,
                     "The token of one user was handed over for another: often a token kept from "
                     "the previous login.",
                     "Fetch the token after the user has logged in, and forget it at logout.");
}

static bool
is_impossible_identity(struct csn_bytes text)
{
    return text.len > CSN_IDENTITY_MAX || csn_text_has_control(text);
}

static void
check_identity(struct csn_work *w)
{
    const struct csn_policy *p = w->request->policy;
    for (size_t i = 0; i < p->identity_count; i++) {
        const struct csn_json_node *claim = claim_named(w, p->identity[i]);
        if (claim == NULL)
            continue;
        bool number = claim->kind == CSN_JSON_NUMBER && p->identity_number;
        if (claim->kind != CSN_JSON_STRING && !number)
            say_not_text(w, p->identity[i], claim);
        else if (trimmed(claim->text).len == 0)
            csn_find_text(w, CSN_FINDING_CLAIM_EMPTY, CSN_CONFIDENCE_CERTAIN,
                          "The claim that identifies the customer is empty.",
                          "The user was not loaded yet, or has no such field.",
                          "Refuse to mint without it: if (!user.id) throw new Error('no user')");
        else if (is_impossible_identity(claim->text))
            say_identity(w, CSN_FINDING_CLAIM_INVALID, claim->text,
                         "An identity has at most 255 bytes and no control characters.",
                         "Use a stable id of your database.");
        else
            compare_identity(w, claim->text);
        return;
    }
    if (p->identity_count > 0)
        say_missing(w, p->identity[p->identity_count - 1], true);
}

void
csn_diagnose_claims(struct csn_work *w)
{
    check_placeholders(w);
    check_required(w);
    csn_diagnose_times(w);
    check_issuer(w);
    check_audience(w);
    check_equals(w);
    check_identity(w);
}
