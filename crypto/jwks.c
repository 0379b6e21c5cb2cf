/* Keys from a JWK set (RFC 7517 §5): what is usable is taken, what is not ours is passed over, and
 * what is a mistake or an attack refuses the whole set.
 *
 * Passed over: a type, curve, algorithm, use or size we do not do, and an RSA or secret key for
 * which nobody names an algorithm. Such keys may stand beside ours for other readers' sake.
 * Refused: a malformed key, a private part, a point off its curve, a bad exponent, a weak secret,
 * a kid given to two usable keys, a secret beside public keys (a set of public keys is published).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "crypto/memory.h"
#include "crypto/verifier.h"

#define JWKS_ARENA (512 * 1024)

/* A set under way. */
struct set {
    enum csn_algorithm fallback;
    struct csn_arena *arena;
    struct csn_verifier **out;
    struct csn_key_report *reports;
    size_t cap, count;
    enum csn_key_problem passed_over; /* why; what a caller could mend comes first */
};

static bool
may_pass_over(enum csn_key_problem problem)
{
    switch (problem) {
    case CSN_KEY_TYPE_UNSUPPORTED:
    case CSN_KEY_CURVE_UNSUPPORTED:
    case CSN_KEY_ALGORITHM_CONFLICT:
    case CSN_KEY_ALGORITHM_UNSET:
    case CSN_KEY_USE_CONFLICT:
    case CSN_KEY_TOO_SHORT:
    case CSN_KEY_TOO_LONG: return true;
    default: return false;
    }
}

/* A key's own `alg` comes first; `fallback` helps only a key that it fits. */
static enum csn_algorithm
algorithm_for(const struct csn_jwk *jwk, enum csn_algorithm fallback)
{
    enum csn_algorithm bound;
    return csn_jwk_bind(jwk, fallback, &bound) == CSN_KEY_PROBLEM_NONE ? fallback
                                                                       : CSN_ALGORITHM_UNSET;
}

static bool
kid_is_taken(const struct set *set, const struct csn_key_report *report)
{
    for (size_t i = 0; report->has_kid && i < set->count; i++)
        if (set->reports[i].has_kid && strcmp(set->reports[i].kid, report->kid) == 0)
            return true;
    return false;
}

/* Secrets and public keys in one set: whoever may read the public keys reads the secret. */
static bool
mixes_secrets(const struct set *set, const struct csn_key_report *report)
{
    if (set->count == 0)
        return false;
    bool first = csn_algorithm_family(set->reports[0].algorithm) == CSN_FAMILY_HMAC;
    return first != (csn_algorithm_family(report->algorithm) == CSN_FAMILY_HMAC);
}

/* Out: *verifier, *report. CSN_NOT_FOUND: passed over. */
static enum csn_status
load_one(struct set *set, const struct csn_json_node *value, struct csn_verifier **verifier,
         struct csn_key_report *report)
{
    struct csn_jwk jwk;
    enum csn_key_problem problem = CSN_KEY_PROBLEM_NONE;
    *verifier = NULL;
    *report = (struct csn_key_report){0};
    enum csn_status status = csn_jwk_read(value, CSN_JWK_TO_VERIFY, set->arena, &jwk, &problem);
    if (status == CSN_OK) {
        csn_report_kid(report, &jwk);
        status =
            csn_verifier_from_material(&jwk, algorithm_for(&jwk, set->fallback), verifier, report);
    } else {
        status = csn_report_document(report, status, problem);
    }
    if (status == CSN_INVALID && may_pass_over(report->problem))
        return CSN_NOT_FOUND;
    return status;
}

static void
note_passed_over(struct set *set, enum csn_key_problem problem)
{
    if (set->passed_over == CSN_KEY_PROBLEM_NONE || problem == CSN_KEY_ALGORITHM_UNSET)
        set->passed_over = problem;
}

/* Takes the key over, or frees it. */
static enum csn_status
keep(struct set *set, struct csn_verifier *verifier, struct csn_key_report *report)
{
    enum csn_status status = CSN_OK;
    if (set->count == set->cap)
        status = csn_report_refuse(report, CSN_KEY_TOO_LONG);
    else if (kid_is_taken(set, report))
        status = csn_report_refuse(report, CSN_KEY_MALFORMED);
    else if (mixes_secrets(set, report))
        status = csn_report_refuse(report, CSN_KEY_PRIVATE_MATERIAL);
    if (status != CSN_OK) {
        csn_verifier_free(verifier);
        return status;
    }
    set->out[set->count] = verifier;
    set->reports[set->count] = *report;
    set->count++;
    return CSN_OK;
}

/* Out: *failed, when it fails: what the key that refused the set says. */
static enum csn_status
load_all(struct set *set, const struct csn_json_node *keys, struct csn_key_report *failed)
{
    for (const struct csn_json_node *value = keys->first; value != NULL; value = value->next) {
        struct csn_verifier *verifier;
        struct csn_key_report report;
        enum csn_status status = load_one(set, value, &verifier, &report);
        if (status == CSN_NOT_FOUND) {
            note_passed_over(set, report.problem);
            continue;
        }
        if (status == CSN_OK)
            status = keep(set, verifier, &report);
        if (status != CSN_OK) {
            *failed = report;
            return status;
        }
    }
    if (set->count > 0)
        return CSN_OK;
    return csn_report_refuse(failed, set->passed_over != CSN_KEY_PROBLEM_NONE ? set->passed_over
                                                                              : CSN_KEY_MALFORMED);
}

static enum csn_status
read_set(struct set *set, struct csn_bytes json, struct csn_key_report *failed)
{
    const struct csn_json_node *root = NULL;
    if (json.len > CSN_KEY_TEXT_MAX)
        return csn_report_refuse(failed, CSN_KEY_TOO_LONG);
    enum csn_status status = csn_json_parse(json, set->arena, &root);
    if (status != CSN_OK)
        return csn_report_document(failed, status, CSN_KEY_MALFORMED);
    const struct csn_json_node *keys = csn_json_get(root, "keys");
    if (keys == NULL || keys->kind != CSN_JSON_ARRAY)
        return csn_report_refuse(failed, CSN_KEY_MALFORMED);
    return load_all(set, keys, failed);
}

enum csn_status
csn_verifiers_from_jwks(enum csn_algorithm algorithm, struct csn_bytes json,
                        struct csn_verifier **out, struct csn_key_report *reports, size_t cap,
                        size_t *count)
{
    *count = 0;
    struct csn_arena arena = {0};
    struct csn_key_report failed;
    enum csn_status status = csn_report_begin(&failed);
    if (status == CSN_OK)
        status = csn_memory_open_arena(&arena, JWKS_ARENA);
    struct set set = {
        .fallback = algorithm, .arena = &arena, .out = out, .reports = reports, .cap = cap};
    if (status == CSN_OK)
        status = read_set(&set, json, &failed);
    csn_memory_close_arena(&arena);
    if (status == CSN_OK) {
        *count = set.count;
        return CSN_OK;
    }
    while (set.count > 0)
        csn_verifier_free(out[--set.count]);
    if (cap > 0)
        reports[0] = failed;
    return status;
}
