/* Making keys: from a secret, a PEM, a JWK, or out of nothing.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/management_keys.h"

#include <string.h>

#include "server/domain/id.h"
#include "server/domain/management_parts.h"

/* A key about to be made. */
struct making {
    const struct csn_key_request *with;
    struct csn_key_row row;
    struct csn_bytes text; /* the material as it will be kept */
    uint32_t allowed;      /* the policy's algorithms */
};

#define PRIVATE_MAX 16384 /* bytes of an RSA 8192 private key as PEM, and room */
#define PUBLIC_MAX 4096

/* Returns: the member of a request that holds the material. */
static const char *
field_of(const struct csn_key_request *with)
{
    switch (with->source) {
    case CSN_SOURCE_SECRET: return "secret";
    case CSN_SOURCE_PEM: return "pem";
    case CSN_SOURCE_JWK: return "jwk";
    default: return "generate";
    }
}

/* What is malformed depends on what it was meant to be. */
static const char *
malformed(const struct csn_key_request *with)
{
    if (with->source == CSN_SOURCE_PEM)
        return "This is not a well-formed PEM document.";
    if (with->source == CSN_SOURCE_JWK)
        return "This is not a well-formed JWK.";
    switch (with->encoding) {
    case CSN_ENCODING_HEX: return "The secret's text is not hexadecimal, two digits for each byte.";
    case CSN_ENCODING_BASE64: return "The secret's text is not base64.";
    case CSN_ENCODING_BASE64URL: return "The secret's text is not base64url.";
    default: return "The secret's text is not understood.";
    }
}

static enum csn_status
refuse_material(struct csn_management *m, const struct csn_key_request *with,
                enum csn_key_problem problem)
{
    bool algorithm = problem == CSN_KEY_ALGORITHM_UNSET || problem == CSN_KEY_ALGORITHM_CONFLICT;
    const char *sentence =
        problem == CSN_KEY_MALFORMED ? malformed(with) : csn_key_problem_sentence(problem);
    enum csn_status status =
        csn_refuse(m, CSN_INVALID, algorithm ? "algorithm" : field_of(with), "%s", sentence);
    m->refusal.key_problem = problem;
    return status;
}

/* --- the request --- */

static bool
is_kid(struct csn_bytes kid)
{
    for (size_t i = 0; i < kid.len; i++) {
        if (kid.ptr[i] < 0x20 || kid.ptr[i] == 0x7f)
            return false;
    }
    return kid.len > 0 && kid.len <= CSN_KID_MAX && csn_utf8_valid(kid);
}

static enum csn_status
check_request(struct csn_management *m, const struct csn_key_request *with, int64_t now_ms)
{
    if (with->has_kid && !is_kid(with->kid))
        return csn_refuse(m, CSN_INVALID, "kid", "1 to %d bytes that can be shown.", CSN_KID_MAX);
    if (with->state != CSN_KEY_STATE_UNSET && with->state != CSN_KEY_STANDBY &&
        with->state != CSN_KEY_ACTIVE)
        return csn_refuse(m, CSN_INVALID, "state", "A new key is standby or active.");
    if (with->source == CSN_SOURCE_UNSET || with->source == CSN_SOURCE_JWKS_URL)
        return csn_refuse(m, CSN_INVALID, "source", "secret, pem, jwk or generated.");
    if (with->source != CSN_SOURCE_GENERATED && with->text.len == 0)
        return csn_refuse(m, CSN_INVALID, field_of(with), "There is no key material.");
    if (with->text.len > CSN_KEY_TEXT_MAX)
        return csn_refuse(m, CSN_TOO_LARGE, field_of(with), "At most %d bytes.", CSN_KEY_TEXT_MAX);
    return csn_management_check_expiry(m, with->expires_ms, now_ms);
}

static uint32_t
allowed_algorithms(const struct csn_app_row *app, struct csn_arena scratch)
{
    struct csn_policy policy;
    struct csn_policy_error error;
    enum csn_status status = csn_policy_parse(app->policy, &scratch, &policy, &error);
    return status == CSN_OK ? policy.algorithms : 0;
}

/* Returns: the one algorithm of the set, else UNSET. */
static enum csn_algorithm
only_one(uint32_t algorithms)
{
    for (enum csn_algorithm a = CSN_HS256; a < CSN_ALGORITHM_COUNT; a++) {
        if (algorithms == 1u << a)
            return a;
    }
    return CSN_ALGORITHM_UNSET;
}

/* --- material --- */

static enum csn_status
generate(struct csn_management *m, struct making *k, struct csn_key_made *made)
{
    enum csn_algorithm algorithm = k->with->algorithm;
    if (algorithm == CSN_ALGORITHM_UNSET)
        algorithm = only_one(k->allowed);
    if (algorithm == CSN_ALGORITHM_UNSET)
        return csn_refuse(m, CSN_INVALID, "algorithm",
                          "The policy allows several algorithms: name the one it is for.");
    struct csn_buffer secret = csn_buffer_over(csn_management_alloc(m, PRIVATE_MAX), PRIVATE_MAX);
    struct csn_buffer pem = csn_buffer_over(csn_management_alloc(m, PUBLIC_MAX), PUBLIC_MAX);
    struct csn_buffer jwk = csn_buffer_over(csn_management_alloc(m, PUBLIC_MAX), PUBLIC_MAX);
    if (secret.ptr == NULL || pem.ptr == NULL || jwk.ptr == NULL)
        return CSN_NO_SPACE;
    struct csn_bytes kid = k->with->has_kid ? k->with->kid : (struct csn_bytes){0};
    enum csn_status status =
        csn_key_generate(algorithm, k->with->rsa_bits, kid, &secret, &pem, &jwk);
    if (status == CSN_INVALID || status == CSN_UNSUPPORTED)
        return csn_refuse(m, CSN_INVALID, "rsa_bits", "%d to %d bits.", CSN_RSA_BITS_MIN,
                          CSN_RSA_BITS_MAX);
    if (status != CSN_OK)
        return status;
    k->row.algorithm = algorithm;
    if (csn_algorithm_family(algorithm) == CSN_FAMILY_HMAC) {
        k->row.encoding = CSN_ENCODING_UTF8;
        k->text = csn_buffer_view(&secret);
        made->secret_text = k->text;
        return CSN_OK;
    }
    k->text = csn_buffer_view(&pem);
    made->private_pem = csn_buffer_view(&secret);
    made->public_pem = k->text;
    made->public_jwk = csn_buffer_view(&jwk);
    return CSN_OK;
}

static void
take_given(struct making *k)
{
    k->row.algorithm = k->with->algorithm;
    k->text = k->with->text;
    if (k->with->source != CSN_SOURCE_SECRET)
        return;
    k->row.encoding = k->with->encoding;
    if (k->row.encoding == CSN_ENCODING_UNSET)
        k->row.encoding = CSN_ENCODING_UTF8;
}

static enum csn_status
load(const struct making *k, enum csn_algorithm algorithm, struct csn_key_report *report)
{
    struct csn_verifier *verifier = NULL;
    enum csn_status status = csn_key_material_load(k->row.source, k->row.encoding, algorithm,
                                                   k->text, &verifier, report);
    csn_verifier_free(verifier);
    return status;
}

/* The material fits several algorithms and none was named: of these the policy may leave one. */
static enum csn_status
load_by_policy(struct csn_management *m, const struct making *k, struct csn_key_report *report)
{
    uint32_t fitting = 0;
    for (enum csn_algorithm a = CSN_HS256; a < CSN_ALGORITHM_COUNT; a++) {
        struct csn_key_report of_this;
        if ((k->allowed & 1u << a) == 0)
            continue;
        enum csn_status status = load(k, a, &of_this);
        bool fits = status == CSN_OK || of_this.problem != CSN_KEY_ALGORITHM_CONFLICT;
        fitting |= fits ? 1u << a : 0;
    }
    enum csn_algorithm algorithm = only_one(fitting);
    if (algorithm != CSN_ALGORITHM_UNSET)
        return load(k, algorithm, report);
    if (fitting != 0)
        return CSN_INVALID;
    enum csn_status status = csn_refuse(m, CSN_INVALID, "algorithm",
                                        "The policy allows no algorithm that this key could be "
                                        "for: name the one it is for.");
    m->refusal.key_problem = CSN_KEY_ALGORITHM_UNSET;
    return status;
}

/* Loads the material once, to know that it will load at every start, and what it is. */
static enum csn_status
examine(struct csn_management *m, struct making *k)
{
    struct csn_key_report report;
    struct csn_key_row *row = &k->row;
    enum csn_status status = load(k, row->algorithm, &report);
    if (status == CSN_INVALID && report.problem == CSN_KEY_ALGORITHM_UNSET)
        status = load_by_policy(m, k, &report);
    if (status == CSN_INVALID && m->refusal.detail[0] != '\0')
        return status;
    if (status == CSN_INVALID || status == CSN_TOO_LARGE)
        return refuse_material(m, k->with, report.problem);
    if (status != CSN_OK)
        return status;
    row->algorithm = report.algorithm;
    row->warning = report.warning;
    memcpy(row->fingerprint, report.fingerprint, sizeof row->fingerprint);
    if (k->with->has_kid)
        row->kid = csn_arena_copy(m->arena, k->with->kid);
    else if (report.has_kid)
        row->kid = csn_arena_copy(m->arena, csn_bytes_text(report.kid));
    bool full = (k->with->has_kid || report.has_kid) && row->kid.ptr == NULL;
    return full ? CSN_NO_SPACE : CSN_OK;
}

/* --- among the others --- */

static enum csn_status
check_unique(struct csn_management *m, const struct making *k)
{
    const struct csn_key_row *row = &k->row;
    struct csn_id held;
    if (row->kid.ptr != NULL) {
        enum csn_status found = csn_store_key_by_kid(m->store, row->app, row->kid, &held);
        if (found == CSN_OK)
            return csn_refuse(m, CSN_CONFLICT, "kid", "Key %s of this app has this kid already.",
                              held.text);
        if (found != CSN_NOT_FOUND)
            return found;
    }
    enum csn_status found =
        csn_store_key_by_fingerprint(m->store, row->app, row->fingerprint, &held);
    if (found == CSN_OK)
        return csn_refuse(m, CSN_CONFLICT, field_of(k->with),
                          "Key %s of this app is made of the same material.", held.text);
    return found == CSN_NOT_FOUND ? CSN_OK : found;
}

static enum csn_status
check_count(struct csn_management *m, const struct csn_key_surroundings *around,
            const struct csn_key_row *row)
{
    if (around->count >= CSN_KEYS_PER_APP_MAX)
        return csn_refuse(m, CSN_CONFLICT, "", "The app has %d keys: delete a retired one first.",
                          CSN_KEYS_PER_APP_MAX);
    return row->state == CSN_KEY_ACTIVE ? csn_key_check_room(m, around, row) : CSN_OK;
}

static enum csn_status
make_key(struct csn_management *m, const struct csn_app_row *app, struct making *k,
         struct csn_key_made *made)
{
    k->allowed = allowed_algorithms(app, *m->arena);
    enum csn_status status = CSN_OK;
    if (k->with->source == CSN_SOURCE_GENERATED)
        status = generate(m, k, made);
    else
        take_given(k);
    if (status == CSN_OK)
        status = examine(m, k);
    struct csn_key_surroundings around;
    if (status == CSN_OK)
        status = check_unique(m, k);
    if (status == CSN_OK)
        status = csn_key_surroundings_read(m, app, &around);
    if (status == CSN_OK)
        status = check_count(m, &around, &k->row);
    if (status == CSN_OK)
        status = csn_key_row_add(m, &k->row, k->text);
    if (status == CSN_OK)
        status = csn_management_keys_changed(m, app->id);
    return status;
}

/* What is shown of the new key, with the others as they are now. */
static enum csn_status
show(struct csn_management *m, const struct csn_app_row *app, const struct making *k,
     struct csn_key_info *out, int64_t now_ms)
{
    struct csn_key_surroundings around;
    enum csn_status status = csn_key_surroundings_read(m, app, &around);
    if (status != CSN_OK)
        return status;
    csn_key_info_fill(&k->row, &around, out, now_ms);
    if (csn_algorithm_family(k->row.algorithm) != CSN_FAMILY_HMAC)
        out->public_text = k->text;
    return CSN_OK;
}

enum csn_status
csn_management_key_create(struct csn_management *m, struct csn_id app,
                          const struct csn_key_request *with, struct csn_key_made *made,
                          int64_t now_ms)
{
    *made = (struct csn_key_made){0};
    struct csn_app_row app_row;
    enum csn_status status = csn_management_find_app(m, app, &app_row);
    if (status == CSN_OK)
        status = check_request(m, with, now_ms);
    if (status != CSN_OK)
        return status;
    struct making k = {
        .with = with,
        .row = {
            .app = app,
            .state = with->state == CSN_KEY_STANDBY ? CSN_KEY_STANDBY : CSN_KEY_ACTIVE,
            .source = (int)with->source,
            .created_ms = now_ms,
            .state_changed_ms = now_ms,
            .expires_ms = with->expires_ms,
        }};
    csn_id_make(m->random, &k.row.id, now_ms);
    status = make_key(m, &app_row, &k, made);
    if (status == CSN_OK)
        status = show(m, &app_row, &k, &made->info, now_ms);
    if (status != CSN_OK)
        *made = (struct csn_key_made){0};
    return status;
}
