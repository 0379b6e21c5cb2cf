/* The header: what it says of the signature, and what it may not say.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/diagnose/work.h"

static void
check_extensions(struct csn_work *w)
{
    static const char *const REFUSED[] = {"crit", "b64", "zip", "cty"};
    for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++) {
        if (csn_json_get(w->header, REFUSED[i]) == NULL)
            continue;
        struct csn_said seen;
        csn_said_start(&seen);
        csn_said_text(&seen, "The header holds `");
        csn_said_text(&seen, REFUSED[i]);
        csn_said_text(&seen, "`.");
        csn_find(w, CSN_FINDING_CRITICAL_HEADER, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
                 csn_bytes_text("It changes how a token is to be read; none of these extensions is "
                                "supported, so the token is refused (RFC 7515 §4.1.11)."),
                 csn_bytes_text("Leave it out: {\"alg\":\"HS256\",\"typ\":\"JWT\"} is enough."));
    }
}

/* As the judge has it: what the policy asks for, else JWT or nothing. */
static bool
type_fits(const struct csn_policy *policy, const struct csn_json_node *type)
{
    if (type == NULL)
        return policy->type.ptr == NULL;
    if (type->kind != CSN_JSON_STRING)
        return false;
    if (policy->type.ptr != NULL)
        return csn_bytes_equal_nocase(type->text, policy->type);
    return csn_bytes_equal_nocase(type->text, csn_bytes_text("JWT")) ||
           csn_bytes_equal_nocase(type->text, csn_bytes_text("application/jwt"));
}

static void
check_type(struct csn_work *w)
{
    const struct csn_json_node *type = csn_json_get(w->header, "typ");
    bool is_text = type != NULL && type->kind == CSN_JSON_STRING;
    if (type_fits(w->request->policy, type))
        return;
    struct csn_said seen;
    csn_said_start(&seen);
    csn_said_text(&seen, type == NULL ? "The header has no typ"
                         : is_text    ? "The header's typ is "
                                      : "The header's typ is no string");
    if (is_text)
        csn_said_value(&seen, type->text);
    csn_said_text(&seen, ".");
    csn_find(
        w, CSN_FINDING_TYPE_WRONG, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
        csn_bytes_text("Where typ is present it must be \"JWT\", and this app's policy may ask "
                       "for it (RFC 7519 §5.1)."),
        csn_bytes_text("Set it: jwt.sign(claims, secret, {header: {alg: 'HS256', typ: 'JWT'}})"));
}

static void
check_key_id(struct csn_work *w)
{
    const struct csn_json_node *kid = csn_json_get(w->header, "kid");
    if (kid == NULL || (kid->kind == CSN_JSON_STRING && kid->text.len <= CSN_KID_MAX))
        return;
    csn_find_text(w, CSN_FINDING_HEADER_INVALID, CSN_CONFIDENCE_CERTAIN,
                  kid->kind == CSN_JSON_STRING ? "The header's kid is longer than 256 bytes."
                                               : "The header's kid is no string.",
                  "A key id is a short string (RFC 7515 §4.1.4).",
                  "Send it as a string, or leave it out: jwt.sign(claims, key, {keyid: 'key-1'})");
}

static bool
check_none(struct csn_work *w, struct csn_bytes name)
{
    if (!csn_bytes_equal_nocase(name, csn_bytes_text("none")))
        return false;
    csn_find_text(w, CSN_FINDING_ALGORITHM_NONE, CSN_CONFIDENCE_CERTAIN,
                  "The header says alg \"none\".",
                  "The token is not signed: anybody could have written it.",
                  "Name the algorithm and give the key: jwt.sign(claims, secret, {algorithm: "
                  "'HS256'})");
    return true;
}

/* A session token of the server (its header is always the same) goes into the SDK's calls after the
 * login, and is no proof of a customer to log in with. */
static bool
check_session(struct csn_work *w)
{
    struct csn_bytes kid, own = csn_bytes_text("countersign-session");
    if (!csn_json_get_text(w->header, "kid", &kid) || !csn_bytes_equal(kid, own))
        return false;
    for (size_t i = 0; i < w->request->key_count; i++) {
        if (csn_bytes_equal(w->request->keys[i].key.kid, own))
            return false; /* somebody has a key of that name */
    }
    csn_find_text(w, CSN_FINDING_SESSION_TOKEN, CSN_CONFIDENCE_CERTAIN,
                  "The header's kid is \"countersign-session\".",
                  "That is the session token that Countersign gives out after a login; no backend "
                  "signs it, and no login takes it.",
                  "Log in with the token of your backend: await login(await fetchToken())");
    return true;
}

/* Appends: the policy's algorithms as text, e.g. "RS256, ES256". */
static void
say_allowed(struct csn_work *w, struct csn_said *said)
{
    bool first = true;
    for (enum csn_algorithm a = CSN_HS256; a < CSN_ALGORITHM_COUNT; a++) {
        if ((w->request->policy->algorithms & 1u << a) == 0)
            continue;
        csn_said_text(said, first ? "" : ", ");
        csn_said_text(said, csn_algorithm_name(a));
        first = false;
    }
}

static void
say_not_allowed(struct csn_work *w, struct csn_bytes name)
{
    struct csn_said seen, fix;
    csn_said_start(&seen);
    csn_said_text(&seen, "The header says alg ");
    csn_said_value(&seen, name);
    csn_said_text(&seen, ".");
    csn_said_start(&fix);
    csn_said_text(&fix, "Sign with the algorithm of this app's policy: ");
    say_allowed(w, &fix);
    csn_find(w, CSN_FINDING_ALGORITHM_NOT_ALLOWED, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
             csn_bytes_text("The policy names the algorithms of this app; the token cannot choose "
                            "another (RFC 8725 §3.1)."),
             csn_said_view(&fix));
}

bool
csn_diagnose_header(struct csn_work *w)
{
    const struct csn_json_node *name = csn_json_get(w->header, "alg");
    if (name == NULL || name->kind != CSN_JSON_STRING) {
        csn_find_text(w, CSN_FINDING_ALGORITHM_NOT_ALLOWED, CSN_CONFIDENCE_CERTAIN,
                      "The header has no alg, or it is no string.",
                      "Without it nobody can tell how the token was signed (RFC 7515 §4.1.1).",
                      "Let the library write the header: jwt.sign(claims, secret)");
        return false;
    }
    if (check_none(w, name->text) || check_session(w))
        return false;
    check_extensions(w);
    check_key_id(w);
    check_type(w);
    w->algorithm = csn_algorithm_from_name(name->text);
    bool allowed = (w->request->policy->algorithms & 1u << w->algorithm) != 0;
    if (w->algorithm != CSN_ALGORITHM_UNSET && allowed)
        return true;
    /* A wrong algorithm is often the lesser half: with whose key was it signed? */
    if (w->algorithm != CSN_ALGORITHM_UNSET)
        csn_diagnose_signature(w);
    say_not_allowed(w, name->text);
    return false;
}
