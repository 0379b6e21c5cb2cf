/* What sample code has in place of a value, left in a claim that the policy reads.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/diagnose/work.h"

#define SHOWN_MAX 2 /* placeholders told in one finding */

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

/* <Issuer>, ${USER_ID}, {{user_id}}, {id} */
static bool
is_bracketed(struct csn_bytes text)
{
    size_t from = text.len > 0 && text.ptr[0] == '$' ? 1 : 0;
    if (text.len < from + 3)
        return false;
    uint8_t first = text.ptr[from], last = text.ptr[text.len - 1];
    return (first == '<' && last == '>' && from == 0) || (first == '{' && last == '}');
}

bool
csn_is_placeholder(struct csn_bytes text)
{
    static const char *const WHOLE[] = {"user_id", "CUSTOMER_EMAIL", "ACCOUNT_ID", "USER_ID",
                                        "unique_immutable_value_for_user123121"};
    static const char *const WORDS[] = {
        "CURRENT_TIME", "YOUR_",        "your-domain", "your-app",   "your-company",
        "your-issuer",  "your-account", "your-tenant", "REPLACE_ME", "CHANGEME"};
    for (size_t i = 0; i < sizeof WHOLE / sizeof WHOLE[0]; i++) {
        if (csn_bytes_equal_text(text, WHOLE[i]))
            return true;
    }
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (contains(text, WORDS[i]))
            return true;
    }
    return is_bracketed(text);
}

static bool
is_in(const struct csn_bytes *names, size_t count, struct csn_bytes name)
{
    for (size_t i = 0; i < count; i++) {
        if (csn_bytes_equal(names[i], name))
            return true;
    }
    return false;
}

/* Returns: something depends on this top-level claim, and on more than its being there. */
static bool
is_read(const struct csn_policy *p, struct csn_bytes name)
{
    static const char *const TIMES[] = {"exp", "nbf", "iat"};
    for (size_t i = 0; i < sizeof TIMES / sizeof TIMES[0]; i++) {
        if (csn_bytes_equal_text(name, TIMES[i]))
            return true;
    }
    return is_in(p->identity, p->identity_count, name) ||
           is_in(p->required, p->required_count, name) ||
           (p->issuer.ptr != NULL && csn_bytes_equal_text(name, "iss")) ||
           (p->audience.ptr != NULL && csn_bytes_equal_text(name, "aud"));
}

/* Returns: the placeholder in a claim, or in the list that it is; NULL for none. What the policy
 * itself asks for is none, however it looks. */
static const struct csn_json_node *
placeholder_in(const struct csn_policy *p, const struct csn_json_node *claim)
{
    const struct csn_json_node *at = claim->kind == CSN_JSON_ARRAY ? claim->first : claim;
    const struct csn_json_node *end = claim->kind == CSN_JSON_ARRAY ? NULL : claim->next;
    for (; at != end; at = at->next) {
        if (at->kind == CSN_JSON_STRING && csn_is_placeholder(at->text) &&
            !csn_bytes_equal(at->text, p->issuer) && !csn_bytes_equal(at->text, p->audience))
            return at;
    }
    return NULL;
}

/* What belongs into a claim that `is_read`. */
static void
say_due(const struct csn_work *w, struct csn_said *fix, struct csn_bytes name)
{
    struct csn_bytes wanted = csn_value_wanted(w, name);
    bool expires = csn_bytes_equal_text(name, "exp");
    bool time = expires || csn_bytes_equal_text(name, "iat") || csn_bytes_equal_text(name, "nbf");
    csn_said_value(fix, name);
    csn_said_text(fix, ": ");
    if (wanted.ptr != NULL)
        csn_said_value(fix, wanted);
    else if (time)
        csn_said_text(fix, "Math.floor(Date.now() / 1000)");
    else if (csn_is_identity(w, name))
        csn_said_text(fix, csn_user_expression(name));
    else
        csn_said_text(fix, "value");
    if (expires)
        csn_said_text(fix, " + 900");
}

void
csn_diagnose_placeholders(struct csn_work *w)
{
    const struct csn_policy *p = w->request->policy;
    struct csn_said seen, fix;
    unsigned count = 0;
    csn_said_start(&seen);
    csn_said_start(&fix);
    csn_said_text(&fix, "Put the real value there: {");
    for (const struct csn_json_node *c = w->payload->first; c != NULL && count < SHOWN_MAX;
         c = c->next) {
        const struct csn_json_node *found = is_read(p, c->name) ? placeholder_in(p, c) : NULL;
        if (found == NULL)
            continue;
        csn_said_text(&fix, count == 0 ? "" : ", ");
        say_due(w, &fix, c->name);
        csn_said_text(&seen, count++ == 0 ? "The claim " : ", ");
        csn_said_value(&seen, c->name);
        csn_said_text(&seen, " is ");
        csn_said_value(&seen, found->text);
    }
    if (count == 0)
        return;
    csn_said_text(&seen, ".");
    csn_said_text(&fix, "}");
    csn_find(w, CSN_FINDING_PLACEHOLDER, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
             csn_bytes_text("That is a placeholder of the sample code, not a value."),
             csn_said_view(&fix));
}
