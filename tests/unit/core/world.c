/* SPDX-License-Identifier: Apache-2.0
 * A small world for tests of the judge. */
#include "world.h"

#include "core/crypto.h"

#include <stdio.h>
#include <string.h>

const struct world_key hs256_key = {
    .private_jwk = HS_KEY, .public_jwk = HS_KEY, .algorithm = CSN_HS256, .state = CSN_KEY_ACTIVE};
const struct world_key es256_key = {.private_jwk = EC_PRIVATE,
                                    .public_jwk = EC_PUBLIC,
                                    .algorithm = CSN_ES256,
                                    .state = CSN_KEY_ACTIVE};
const struct world_key eddsa_key = {.private_jwk = ED_PRIVATE,
                                    .public_jwk = ED_PUBLIC,
                                    .algorithm = CSN_EDDSA,
                                    .state = CSN_KEY_ACTIVE};

struct world *
world_open(const char *policy_json)
{
    static struct world world;
    struct world *w = &world;
    memset(w, 0, sizeof *w);
    struct csn_arena arena = csn_arena_over(w->policy_memory, sizeof w->policy_memory);
    struct csn_policy_error error;
    enum csn_status status =
        csn_policy_parse(csn_bytes_text(policy_json), &arena, &w->policy, &error);
    if (status != CSN_OK)
        fail_msg("policy %s: %s %s", policy_json, error.field, error.sentence);
    w->ring.keys = w->keys;
    w->now_ms = NOW_MS;
    return w;
}

void
world_close(struct world *w)
{
    for (size_t i = 0; i < w->ring.count; i++) {
        csn_verifier_free((struct csn_verifier *)(uintptr_t)w->keys[i].verifier);
        csn_signer_free(w->signers[i]);
    }
    memset(w, 0, sizeof *w);
}

size_t
world_add_key(struct world *w, struct world_key key)
{
    struct csn_verifier *verifier = NULL;
    struct csn_key_report report;
    size_t at = w->ring.count;
    assert_int_equal(
        csn_verifier_from_jwk(key.algorithm, csn_bytes_text(key.public_jwk), &verifier, &report),
        CSN_OK);
    assert_int_equal(csn_signer_from_jwk(key.algorithm, csn_bytes_text(key.private_jwk),
                                         &w->signers[at], &report),
                     CSN_OK);
    w->keys[at] = (struct csn_key){
        .kid = csn_bytes_text(key.kid),
        .algorithm = key.algorithm,
        .state = key.state,
        .expires_ms = key.expires_ms,
        .number = (int64_t)at,
        .verifier = verifier,
    };
    w->ring.count++;
    return at;
}

/* Signs what `out` holds and appends the signature. */
static void
finish(struct world *w, size_t key, struct csn_buffer *out)
{
    uint8_t bytes[CSN_SIGNATURE_MAX];
    struct csn_buffer signature = csn_buffer_over(bytes, sizeof bytes);
    assert_int_equal(csn_signer_sign(w->signers[key], csn_buffer_view(out), &signature), CSN_OK);
    csn_buffer_byte(out, '.');
    csn_base64url_append(out, csn_buffer_view(&signature));
    assert_false(out->overflowed);
    w->token_len = out->len;
    w->presented.token = csn_buffer_view(out);
}

void
world_sign_bytes(struct world *w, size_t key, struct csn_bytes header, struct csn_bytes payload)
{
    struct csn_buffer out = csn_buffer_over(w->token, sizeof w->token);
    csn_base64url_append(&out, header);
    csn_buffer_byte(&out, '.');
    csn_base64url_append(&out, payload);
    finish(w, key, &out);
}

void
world_sign(struct world *w, size_t key, const char *header, const char *payload)
{
    world_sign_bytes(w, key, csn_bytes_text(header), csn_bytes_text(payload));
}

void
world_sign_input(struct world *w, size_t key, const char *input)
{
    struct csn_buffer out = csn_buffer_over(w->token, sizeof w->token);
    csn_buffer_text(&out, input);
    finish(w, key, &out);
}

void
world_present(struct world *w, const char *token)
{
    w->presented.token = csn_bytes_text(token);
}

enum csn_reason
world_judge(struct world *w)
{
    memset(&w->verdict, 0xA5, sizeof w->verdict); /* always wholly set: nothing of this survives */
    csn_judge(&w->policy, &w->ring, &w->presented, &w->workspace, &w->verdict, w->now_ms);
    return w->verdict.reason;
}

void
world_expect(struct world *w, const char *when, enum csn_reason reason)
{
    enum csn_reason got = world_judge(w);
    if (got != reason)
        fail_msg("%s: want %s, got %s (%.*s)", when, csn_reason_name(reason), csn_reason_name(got),
                 (int)w->verdict.claim.len, (const char *)w->verdict.claim.ptr);
    bool accepted = got == CSN_REASON_ACCEPTED;
    assert_int_equal(accepted, w->verdict.identity.ptr != NULL);
    if (accepted)
        assert_non_null(w->verdict.key);
}

void
assert_bytes_are(struct csn_bytes bytes, const char *text)
{
    if (!csn_bytes_equal_text(bytes, text))
        fail_msg("want '%s', got '%.*s'", text, (int)bytes.len, (const char *)bytes.ptr);
}
