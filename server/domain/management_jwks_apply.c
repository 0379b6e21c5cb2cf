/* What a fetched JWKS changes: new keys come, known ones stay, vanished ones go.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "server/domain/audit.h"
#include "server/domain/id.h"
#include "server/domain/management_app_rows.h"
#include "server/domain/management_jwks.h"

/* After a failure the next try comes after 1, 2, 4 ... minutes, and no later than an hour. */
#define BACK_OFF_MAX_SHIFT 6

struct applying {
    struct csn_management *m;
    struct csn_jwks_row jwks;
    enum csn_algorithm rsa;   /* for RSA keys that name none; UNSET: these are passed over */
    struct csn_key_row *rows; /* the app's keys before */
    bool *still_there;        /* of those fetched: the document has them */
    size_t row_count;
    size_t total; /* keys of the app, as they come and go */
    struct csn_jwks_outcome *outcome;
    int64_t now_ms;
};

/* --- one key of the document --- */

static struct csn_bytes
kid_of(const struct csn_key_report *report)
{
    return report->has_kid ? csn_bytes_text(report->kid) : (struct csn_bytes){0};
}

static bool
is_same_key(const struct csn_key_row *row, const struct csn_key_report *report)
{
    struct csn_bytes kid = kid_of(report);
    return strcmp(row->fingerprint, report->fingerprint) == 0 &&
           row->algorithm == report->algorithm && (row->kid.ptr == NULL) == (kid.ptr == NULL) &&
           csn_bytes_equal(row->kid, kid);
}

/* Marks the fetched row that is this very key. Returns: there is one. */
static bool
mark_known(struct applying *a, const struct csn_key_report *report)
{
    for (size_t i = 0; i < a->row_count; i++) {
        if (a->rows[i].source != CSN_SOURCE_JWKS_URL || !is_same_key(&a->rows[i], report))
            continue;
        a->still_there[i] = true;
        return true;
    }
    return false;
}

/* A key made by hand is never replaced by a fetched one of the same kid or material. */
static bool
is_in_the_way(const struct csn_key_row *row, const struct csn_key_report *report)
{
    struct csn_bytes kid = kid_of(report);
    bool same_kid = kid.ptr != NULL && row->kid.ptr != NULL && csn_bytes_equal(row->kid, kid);
    return row->source != CSN_SOURCE_JWKS_URL &&
           (same_kid || strcmp(row->fingerprint, report->fingerprint) == 0);
}

static bool
has_place(const struct applying *a, const struct csn_key_report *report)
{
    for (size_t i = 0; i < a->row_count; i++) {
        if (is_in_the_way(&a->rows[i], report))
            return false;
    }
    return a->total < CSN_KEYS_PER_APP_MAX;
}

static enum csn_status
add_key(struct applying *a, const struct csn_key_report *report, struct csn_bytes text)
{
    struct csn_key_row row = {
        .app = a->jwks.app,
        .kid = kid_of(report),
        .algorithm = report->algorithm,
        .state = CSN_KEY_ACTIVE,
        .source = CSN_SOURCE_JWKS_URL,
        .warning = report->warning,
        .created_ms = a->now_ms,
        .state_changed_ms = a->now_ms,
    };
    csn_id_make(a->m->random, &row.id, a->now_ms);
    memcpy(row.fingerprint, report->fingerprint, sizeof row.fingerprint);
    a->total++;
    a->outcome->added++;
    return csn_key_row_add(a->m, &row, text);
}

/* Out: *report of a key that can be used; its problem is set when it cannot: a shared secret in a
 * public document is no key, and other types are passed over (RFC 7517 §5). */
static enum csn_status
examine(const struct applying *a, struct csn_bytes text, struct csn_key_report *report)
{
    struct csn_verifier *verifier = NULL;
    enum csn_status status = csn_verifier_from_jwk(CSN_ALGORITHM_UNSET, text, &verifier, report);
    if (status == CSN_INVALID && report->problem == CSN_KEY_ALGORITHM_UNSET)
        status = csn_verifier_from_jwk(a->rsa, text, &verifier, report);
    csn_verifier_free(verifier);
    if (status == CSN_OK && csn_algorithm_family(report->algorithm) == CSN_FAMILY_HMAC)
        report->problem = CSN_KEY_TYPE_UNSUPPORTED;
    return status == CSN_INVALID || status == CSN_TOO_LARGE ? CSN_OK : status;
}

enum pass { PASS_MARK, PASS_ADD };

static enum csn_status
take_key(struct applying *a, const struct csn_json_node *node, enum pass pass)
{
    struct csn_arena before = *a->m->arena;
    void *memory = csn_management_alloc(a->m, CSN_KEY_TEXT_MAX);
    if (memory == NULL)
        return CSN_NO_SPACE;
    struct csn_buffer text = csn_buffer_over(memory, CSN_KEY_TEXT_MAX);
    struct csn_json_writer w = csn_json_writer_over(&text);
    csn_json_node(&w, node);
    struct csn_key_report report = {.problem = CSN_KEY_TOO_LONG};
    enum csn_status status = CSN_OK;
    if (!text.overflowed)
        status = examine(a, csn_buffer_view(&text), &report);
    bool usable = status == CSN_OK && report.problem == CSN_KEY_PROBLEM_NONE;
    bool known = usable && mark_known(a, &report);
    if (pass == PASS_ADD && known)
        a->outcome->kept++;
    else if (pass == PASS_ADD && usable && has_place(a, &report))
        status = add_key(a, &report, csn_buffer_view(&text));
    else if (pass == PASS_ADD)
        a->outcome->passed_over++;
    *a->m->arena = before;
    return status;
}

/* --- the document --- */

/* What RSA keys that name no algorithm are for: what was said with the address, else the only one
 * of the policy that RSA keys fit. Out: a->rsa. */
static enum csn_status
choose_for_rsa(struct applying *a)
{
    a->rsa = a->jwks.algorithm;
    if (a->rsa != CSN_ALGORITHM_UNSET)
        return CSN_OK;
    struct csn_app_row app;
    struct csn_policy policy;
    struct csn_policy_error error;
    enum csn_status status = csn_store_app_get(a->m->store, a->jwks.app, a->m->arena, &app);
    if (status == CSN_OK)
        status = csn_policy_parse(app.policy, a->m->arena, &policy, &error);
    if (status != CSN_OK)
        return status == CSN_INVALID ? CSN_UNAVAILABLE : status;
    size_t fitting = 0;
    enum csn_algorithm last = CSN_ALGORITHM_UNSET;
    for (enum csn_algorithm of = CSN_RS256; of <= CSN_PS512; of++) {
        if ((policy.algorithms & 1u << of) == 0)
            continue;
        fitting++;
        last = of;
    }
    a->rsa = fitting == 1 ? last : CSN_ALGORITHM_UNSET;
    return CSN_OK;
}

static const char *
sentence_for(enum csn_key_problem problem)
{
    if (problem != CSN_KEY_ALGORITHM_UNSET)
        return "The document is no JWK set with a key that can be used.";
    return "The set's RSA keys name no algorithm, and the policy does not allow just one for RSA: "
           "give `alg` in the set, or `algorithm` with the address.";
}

/* The whole document is judged first, as one: a malformed set, a kid that occurs twice, or a set
 * with nothing to use changes nothing. Out: *keys; NULL: it is not good, and *error says why. */
static enum csn_status
judge_document(const struct applying *a, struct csn_bytes document,
               const struct csn_json_node **keys, const char **error)
{
    *keys = NULL;
    *error = sentence_for(CSN_KEY_MALFORMED);
    const struct csn_json_node *root = NULL;
    if (csn_json_parse(document, a->m->arena, &root) != CSN_OK)
        return CSN_OK;
    struct csn_verifier *verifiers[CSN_KEYS_PER_APP_MAX] = {NULL};
    struct csn_key_report *reports =
        csn_management_alloc(a->m, CSN_KEYS_PER_APP_MAX * sizeof *reports);
    if (reports == NULL)
        return CSN_NO_SPACE;
    size_t count = 0;
    enum csn_status status =
        csn_verifiers_from_jwks(a->rsa, document, verifiers, reports, CSN_KEYS_PER_APP_MAX, &count);
    for (size_t i = 0; i < count && status == CSN_OK; i++)
        csn_verifier_free(verifiers[i]);
    /* Secrets and public keys never stand in one set: the first tells of all. */
    if (status == CSN_OK && csn_algorithm_family(reports[0].algorithm) != CSN_FAMILY_HMAC)
        *keys = csn_json_get(root, "keys");
    if (status == CSN_INVALID)
        *error = sentence_for(reports[0].problem);
    return status == CSN_NO_MEMORY ? status : CSN_OK;
}

static enum csn_status
each_key(struct applying *a, const struct csn_json_node *keys, enum pass pass)
{
    enum csn_status status = CSN_OK;
    for (const struct csn_json_node *k = keys->first; k != NULL && status == CSN_OK; k = k->next)
        status = take_key(a, k, pass);
    return status;
}

static enum csn_status
remove_vanished(struct applying *a)
{
    for (size_t i = 0; i < a->row_count; i++) {
        if (a->rows[i].source != CSN_SOURCE_JWKS_URL || a->still_there[i])
            continue;
        enum csn_status status = csn_store_key_remove(a->m->store, a->jwks.app, a->rows[i].id);
        if (status != CSN_OK)
            return status;
        a->total--;
        a->outcome->removed++;
    }
    return CSN_OK;
}

/* Keys that come and go without anybody asking are in the audit of their app's account. */
static enum csn_status
note_audit(struct applying *a)
{
    char changed[64];
    struct csn_app_row app;
    enum csn_status status = csn_store_app_get(a->m->store, a->jwks.app, a->m->arena, &app);
    if (status != CSN_OK)
        return status;
    snprintf(changed, sizeof changed, "{\"added\":%zu,\"removed\":%zu}", a->outcome->added,
             a->outcome->removed);
    struct csn_audit_entry entry = {
        .account = app.account, .operation = "jwksFetched", .app = a->jwks.app, .changed = changed};
    return csn_audit_append(a->m->store, &entry, a->now_ms);
}

static enum csn_status
exchange_keys(struct applying *a, const struct csn_json_node *keys)
{
    a->rows = csn_management_alloc(a->m, CSN_KEYS_PER_APP_MAX * sizeof *a->rows);
    a->still_there = csn_management_alloc(a->m, CSN_KEYS_PER_APP_MAX * sizeof *a->still_there);
    if (a->rows == NULL || a->still_there == NULL)
        return CSN_NO_SPACE;
    enum csn_status status =
        csn_store_key_list(a->m->store, a->jwks.app, a->m->arena, a->rows, &a->row_count);
    a->total = a->row_count;
    /* Vanished keys go before new ones come, so that a kid may pass from one to the other. */
    if (status == CSN_OK)
        status = each_key(a, keys, PASS_MARK);
    if (status == CSN_OK)
        status = remove_vanished(a);
    if (status == CSN_OK)
        status = each_key(a, keys, PASS_ADD);
    if (status != CSN_OK || a->outcome->added + a->outcome->removed == 0)
        return status;
    status = note_audit(a);
    return status != CSN_OK ? status : csn_management_keys_changed(a->m, a->jwks.app);
}

/* --- what is noted of the fetch --- */

static enum csn_status
note_failure(struct applying *a, const char *error)
{
    int64_t shift = a->jwks.failures < BACK_OFF_MAX_SHIFT ? a->jwks.failures : BACK_OFF_MAX_SHIFT;
    int64_t wait_ms = CSN_JWKS_COOL_DOWN_MS << shift;
    if (wait_ms > CSN_JWKS_REFRESH_MS)
        wait_ms = CSN_JWKS_REFRESH_MS;
    snprintf(a->outcome->error, sizeof a->outcome->error, "%s", error);
    a->jwks.error = csn_bytes_text(a->outcome->error);
    a->jwks.failures++;
    a->jwks.attempted_ms = a->now_ms;
    a->jwks.due_ms = a->now_ms + wait_ms;
    return csn_store_jwks_set(a->m->store, &a->jwks);
}

static enum csn_status
note_success(struct applying *a)
{
    a->outcome->good = true;
    a->jwks.error = csn_bytes_text("");
    a->jwks.failures = 0;
    a->jwks.attempted_ms = a->now_ms;
    a->jwks.fetched_ms = a->now_ms;
    a->jwks.due_ms = a->now_ms + CSN_JWKS_REFRESH_MS;
    return csn_store_jwks_set(a->m->store, &a->jwks);
}

enum csn_status
csn_management_jwks_apply(struct csn_management *m, const struct csn_jwks_fetched *fetched,
                          struct csn_jwks_outcome *outcome, int64_t now_ms)
{
    *outcome = (struct csn_jwks_outcome){0};
    struct applying a = {.m = m, .outcome = outcome, .now_ms = now_ms};
    enum csn_status status = csn_store_jwks_get(m->store, fetched->app, m->arena, &a.jwks);
    if (status != CSN_OK)
        return status;
    struct csn_bytes url;
    status = csn_jwks_url_open(m, &a.jwks, &url);
    if (status != CSN_OK)
        return status;
    if (!csn_bytes_equal(url, fetched->url))
        return CSN_NOT_FOUND;
    if (fetched->document.ptr == NULL)
        return note_failure(&a, fetched->error);
    const struct csn_json_node *keys = NULL;
    const char *error = NULL;
    status = choose_for_rsa(&a);
    if (status == CSN_OK)
        status = judge_document(&a, fetched->document, &keys, &error);
    if (status != CSN_OK)
        return status;
    if (keys == NULL)
        return note_failure(&a, error);
    status = exchange_keys(&a, keys);
    return status != CSN_OK ? status : note_success(&a);
}
