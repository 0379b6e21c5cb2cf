/* The identity: is there one, can it be one, and is it the user's that the app named?
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/claim_name.h"
#include "core/diagnose/work.h"

#define INTEGER_TEXT_MAX 24

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
say(struct csn_work *w, enum csn_finding_code code, struct csn_bytes value, const char *why,
    struct csn_bytes fix)
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
    csn_find(w, code, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen), csn_bytes_text(why), fix);
}

static void
compare(struct csn_work *w, struct csn_bytes value)
{
    struct csn_bytes expected = w->request->expected_identity;
    if (expected.len == 0 || csn_bytes_equal(value, expected))
        return;
    if (csn_bytes_equal(trimmed(value), trimmed(expected)))
        say(w, CSN_FINDING_IDENTITY_SPACES, value,
            "They differ in spaces only; identities are compared exactly.",
            csn_bytes_text("Trim the value once, where it enters your system: user.email.trim()"));
    else if (csn_bytes_equal_nocase(trimmed(value), trimmed(expected)))
        say(w, CSN_FINDING_IDENTITY_CASE, value,
            "They differ in upper and lower case only; identities are compared exactly.",
            csn_bytes_text("Use one form everywhere: user.email.toLowerCase()"));
    else
        say(w, CSN_FINDING_IDENTITY_OTHER_USER, value,
            "The token of one user was handed over for another: often a token kept from the "
            "previous login.",
            csn_bytes_text(
                "Fetch the token after the user has logged in, and forget it at logout."));
}

static void
check_text(struct csn_work *w, struct csn_bytes text)
{
    if (text.len > CSN_IDENTITY_MAX || csn_text_has_control(text))
        say(w, CSN_FINDING_CLAIM_INVALID, text,
            "An identity has at most 255 bytes and no control characters.",
            csn_bytes_text("Use a stable id of your database."));
    else
        compare(w, text);
}

static void
say_no_integer(struct csn_work *w, struct csn_bytes name, struct csn_bytes number)
{
    struct csn_said fix;
    csn_said_start(&fix);
    csn_said_text(&fix, "Make it a string: ");
    const char *end = csn_said_member(&fix, name);
    csn_said_text(&fix, "String(");
    csn_said_text(&fix, csn_user_expression(name));
    csn_said_text(&fix, ")");
    csn_said_text(&fix, end);
    say(w, CSN_FINDING_CLAIM_INVALID, number,
        "A number that identifies a customer is a whole one, of at most 64 bits.",
        csn_said_view(&fix));
}

/* Where the policy reads numbers, 5 and 5.0 are the customer "5". */
static void
check_number(struct csn_work *w, struct csn_bytes name, struct csn_bytes number)
{
    uint8_t memory[INTEGER_TEXT_MAX];
    struct csn_buffer text = csn_buffer_over(memory, sizeof memory);
    int64_t value = 0;
    if (csn_json_integer(number, &value) != CSN_OK) {
        say_no_integer(w, name, number);
        return;
    }
    csn_buffer_int(&text, value);
    compare(w, csn_buffer_view(&text));
}

static void
say_none(struct csn_work *w)
{
    const struct csn_policy *p = w->request->policy;
    struct csn_said seen, fix;
    csn_said_start(&seen);
    for (size_t i = 0; i < p->identity_count; i++) {
        const struct csn_json_node *meant = csn_claim_misspelled(w, p->identity[i]);
        if (meant != NULL) {
            csn_say_misspelled(w, meant->name, p->identity[i]);
            return;
        }
        csn_said_text(&seen, i == 0 ? "There is no claim " : " and none ");
        csn_said_value(&seen, p->identity[i]);
    }
    csn_said_text(&seen, ".");
    csn_said_start(&fix);
    csn_said_text(&fix, "Add who the user is to the claims your backend signs: ");
    const char *end = csn_said_member(&fix, p->identity[0]);
    csn_said_text(&fix, csn_user_expression(p->identity[0]));
    csn_said_text(&fix, end);
    csn_find(w, CSN_FINDING_CLAIM_MISSING, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
             csn_bytes_text("Nothing says which customer the token is for."), csn_said_view(&fix));
}

void
csn_diagnose_identity(struct csn_work *w)
{
    const struct csn_policy *p = w->request->policy;
    const struct csn_json_node *claim = NULL;
    size_t i = 0;
    while (i < p->identity_count && (claim = csn_claim_named(w, p->identity[i])) == NULL)
        i++;
    if (claim == NULL)
        say_none(w);
    else if (claim->kind == CSN_JSON_NUMBER && p->identity_number)
        check_number(w, p->identity[i], claim->text);
    else if (csn_claim_is_text(w, p->identity[i], claim))
        check_text(w, claim->text);
}
