/* What became of a token and its nonce: the part of an answer that only the store knows.
 *
 * The store keeps a nonce's hash alone, so it can be asked of texts, not for them: the nonce of the
 * token, and what that may have been before it was encoded once more.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto.h"
#include "server/domain/management_diagnosis.h"
#include "server/domain/session_keys.h"
#include "server/domain/session_proof.h"

struct asking {
    struct csn_management *m;
    const struct csn_diagnosis_question *question;
    struct csn_diagnosis_past *out;
    int64_t now_ms;
};

/* --- nonces --- */

static bool
is_listed(const struct csn_diagnosis_past *past, struct csn_bytes nonce)
{
    for (size_t i = 0; i < past->nonce_count; i++) {
        if (csn_bytes_equal(past->nonces[i].nonce, nonce))
            return true;
    }
    return false;
}

static enum csn_status
add_nonce(struct asking *a, struct csn_bytes nonce)
{
    struct csn_diagnosis_past *past = a->out;
    if (nonce.len == 0 || nonce.len > CSN_CLAIM_TEXT_MAX || is_listed(past, nonce) ||
        past->nonce_count == CSN_DIAGNOSIS_NONCES_MAX)
        return CSN_OK;
    struct csn_challenge_row row = {0};
    csn_sha256(nonce, row.nonce_hash);
    enum csn_status status =
        csn_store_challenge_find(a->m->store, a->question->app->id, a->m->arena, &row);
    if (status != CSN_OK)
        return status == CSN_NOT_FOUND ? CSN_OK : status;
    struct csn_bytes device = a->question->device;
    struct csn_diagnosis_nonce *to = &past->nonces[past->nonce_count++];
    *to = (struct csn_diagnosis_nonce){
        .nonce = csn_arena_copy(a->m->arena, nonce),
        .used = row.used_ms != 0,
        .expired = row.expires_ms <= a->now_ms,
        .other_device = device.len > 0 && !csn_bytes_equal(device, row.device),
        .issued_ms = row.created_ms,
    };
    return to->nonce.ptr != NULL ? CSN_OK : CSN_NO_SPACE;
}

/* The nonce as it was given out, where something was left around it or its alphabet was changed: a
 * nonce of ours is base64url. */
static enum csn_status
add_bare(struct asking *a, struct csn_bytes nonce)
{
    char memory[CSN_CLAIM_TEXT_MAX];
    struct csn_buffer bare = csn_buffer_over(memory, sizeof memory);
    for (size_t i = 0; i < nonce.len; i++) {
        uint8_t c = nonce.ptr[i];
        if (c > ' ' && c != '"' && c != '\'' && c != '=')
            csn_buffer_byte(&bare, c == '+' ? '-' : c == '/' ? '_' : c);
    }
    return bare.overflowed ? CSN_OK : add_nonce(a, csn_buffer_view(&bare));
}

/* The nonce, bare, and what it decodes to. */
static enum csn_status
add_forms(struct asking *a, struct csn_bytes nonce)
{
    static const enum csn_encoding encodings[] = {CSN_ENCODING_BASE64, CSN_ENCODING_BASE64URL,
                                                  CSN_ENCODING_HEX};
    enum csn_status status = add_nonce(a, nonce);
    if (status == CSN_OK)
        status = add_bare(a, nonce);
    for (size_t i = 0; i < sizeof encodings / sizeof encodings[0] && status == CSN_OK; i++) {
        struct csn_secret decoded;
        if (csn_secret_decode(nonce, encodings[i], &decoded) == CSN_OK)
            status = add_nonce(a, csn_secret_view(&decoded));
    }
    return status;
}

/* --- revocation --- */

static enum csn_status
ask_revoked(struct asking *a, const struct csn_sessions *sessions)
{
    const struct csn_diagnosis_question *q = a->question;
    if (!q->token.given)
        return CSN_OK;
    struct csn_store *store = a->m->store;
    struct csn_customer_row customer;
    uint8_t hash[CSN_NAME_HASH];
    csn_identity_hash(sessions, &q->app->id, q->identity, hash);
    enum csn_status found = csn_proof_customer(store, q->app->id, hash, &customer);
    if (found != CSN_OK && found != CSN_NOT_FOUND)
        return found;
    struct csn_token_facts token = q->token;
    token.nonce = (struct csn_bytes){0};
    enum csn_reason reason = CSN_UNDECIDED;
    enum csn_status status = csn_proof_judge(store, q->app, (struct csn_bytes){0}, &token,
                                             &customer, &reason, a->now_ms);
    a->out->revoked = reason == CSN_REASON_REVOKED;
    if (status != CSN_OK || !a->out->revoked)
        return status;
    status =
        csn_proof_judge(store, q->app, (struct csn_bytes){0}, &token, NULL, &reason, a->now_ms);
    a->out->revoked_customer = reason != CSN_REASON_REVOKED;
    return status;
}

enum csn_status
csn_management_diagnosis_past(struct csn_management *m, const struct csn_sessions *sessions,
                              const struct csn_diagnosis_question *question,
                              struct csn_diagnosis_past *out, int64_t now_ms)
{
    *out = (struct csn_diagnosis_past){0};
    struct asking a = {.m = m, .question = question, .out = out, .now_ms = now_ms};
    enum csn_status status = add_forms(&a, question->nonce);
    if (status == CSN_OK)
        status = add_forms(&a, question->expected_nonce);
    return status != CSN_OK ? status : ask_revoked(&a, sessions);
}
