/* See subject.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "bench/verify/subject.h"

#include <stdio.h>
#include <string.h>

#define NOW_S 1795262400
#define PAYLOAD                                                                                    \
    "{\"iss\":\"https://shop.example\",\"aud\":\"countersign\",\"sub\":\"user-1001\","             \
    "\"iat\":1795262390,\"exp\":1795263290,\"jti\":\"01M7Z0JS8TZ1BBK2QKXZCVFXMA\"}"

static bool
make_policy(struct csn_subject *s)
{
    char json[256];
    snprintf(json, sizeof json,
             "{\"algorithms\":[\"%s\"],\"identity\":[\"sub\"],\"required\":[\"sub\",\"exp\"],"
             "\"issuer\":\"https://shop.example\",\"audience\":\"countersign\"}",
             csn_algorithm_name(s->algorithm));
    struct csn_arena arena = csn_arena_over(s->policy_memory, sizeof s->policy_memory);
    struct csn_policy_error error;
    return csn_policy_parse(csn_bytes_text(json), &arena, &s->policy, &error) == CSN_OK;
}

static bool
make_key(struct csn_subject *s, struct csn_signer **signer)
{
    uint8_t jwk_memory[4096];
    struct csn_buffer secret = csn_buffer_over(s->private_text, sizeof s->private_text - 1);
    struct csn_buffer pem = csn_buffer_over(s->public_pem, sizeof s->public_pem - 1);
    struct csn_buffer jwk = csn_buffer_over(jwk_memory, sizeof jwk_memory);
    struct csn_key_report report;
    if (csn_key_generate(s->algorithm, 0, (struct csn_bytes){0}, &secret, &pem, &jwk) != CSN_OK)
        return false;
    if (csn_algorithm_family(s->algorithm) == CSN_FAMILY_HMAC)
        return csn_verifier_from_secret(s->algorithm, csn_buffer_view(&secret), &s->verifier,
                                        &report) == CSN_OK &&
               csn_signer_from_secret(s->algorithm, csn_buffer_view(&secret), signer, &report) ==
                   CSN_OK;
    return csn_verifier_from_pem(s->algorithm, csn_buffer_view(&pem), &s->verifier, &report) ==
               CSN_OK &&
           csn_signer_from_pem(s->algorithm, csn_buffer_view(&secret), signer, &report) == CSN_OK;
}

static bool
make_token(struct csn_subject *s, const struct csn_signer *signer)
{
    struct csn_buffer token = csn_buffer_over(s->token, sizeof s->token - 1);
    struct csn_mint_request request = {
        .signer = signer,
        .type = csn_bytes_text("JWT"),
        .payload = csn_bytes_text(PAYLOAD),
    };
    if (csn_mint(&request, &token) != CSN_OK)
        return false;
    s->token_len = token.len;
    const char *last_dot = strrchr(s->token, '.');
    s->input = csn_bytes_of(s->token, (size_t)(last_dot - s->token));
    struct csn_buffer raw = csn_buffer_over(s->signature, sizeof s->signature);
    struct csn_bytes text = csn_bytes_text(last_dot + 1);
    bool decoded = csn_base64url_decode(text, &raw) == CSN_OK;
    s->signature_len = raw.len;
    return decoded;
}

bool
csn_subject_make(struct csn_subject *s, enum csn_algorithm algorithm)
{
    memset(s, 0, sizeof *s);
    s->algorithm = algorithm;
    s->now_ms = NOW_S * 1000LL;
    struct csn_signer *signer = NULL;
    bool made = make_policy(s) && make_key(s, &signer) && make_token(s, signer);
    csn_signer_free(signer);
    s->key = (struct csn_key){
        .algorithm = algorithm, .state = CSN_KEY_ACTIVE, .number = 1, .verifier = s->verifier};
    s->ring = (struct csn_keyring){&s->key, 1};
    return made;
}

void
csn_subject_free(struct csn_subject *s)
{
    csn_verifier_free(s->verifier);
}

bool
csn_run_ours(struct csn_subject *s, unsigned count)
{
    static struct csn_workspace workspace;
    struct csn_presentation presented = {.token = csn_bytes_of(s->token, s->token_len)};
    bool held = true;
    for (unsigned i = 0; i < count; i++) {
        struct csn_verdict verdict;
        csn_judge(&s->policy, &s->ring, &presented, &workspace, &verdict, s->now_ms);
        held = held && verdict.reason == CSN_REASON_ACCEPTED;
    }
    return held;
}
