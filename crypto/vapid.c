/* VAPID: a short-lived token that says who sends. See webpush.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "countersign/json.h"
#include "countersign/token.h"
#include "crypto/ecdsa.h"
#include "crypto/webpush.h"

#define CLAIMS_MAX (2048 + 6 * CSN_VAPID_SUBJECT_MAX) /* an audience is a host of a URL */

static struct csn_bytes
write_claims(const struct csn_vapid *vapid, struct csn_bytes audience, struct csn_buffer *out,
             int64_t now_ms)
{
    struct csn_json_writer w = csn_json_writer_over(out);
    csn_json_open_object(&w);
    csn_json_member_string(&w, "aud", audience);
    csn_json_member_int(&w, "exp", (now_ms + CSN_VAPID_LIFE_MS) / 1000);
    if (vapid->subject.len > 0)
        csn_json_member_string(&w, "sub", vapid->subject);
    csn_json_close_object(&w);
    return csn_buffer_view(out);
}

static enum csn_status
append_token(const struct csn_vapid *vapid, struct csn_bytes claims, struct csn_buffer *out)
{
    struct csn_bytes point = csn_bytes_of(vapid->pair->public_key, CSN_P256_PUBLIC_LENGTH);
    struct csn_jwk material = {
        .type = CSN_JWK_EC,
        .curve = CSN_CURVE_P256,
        .x = csn_bytes_slice(point, 1, 33),
        .y = csn_bytes_slice(point, 33, 65),
        .d = csn_bytes_of(vapid->pair->private_key, CSN_P256_PRIVATE_LENGTH),
        .has_private = true,
    };
    struct csn_signer *signer = NULL;
    enum csn_status status = csn_ecdsa_signer_new(&material, CSN_ES256, &signer);
    if (status != CSN_OK)
        return status == CSN_INVALID ? CSN_CRYPTO : status;
    struct csn_mint_request request = {
        .signer = signer, .type = csn_bytes_text("JWT"), .payload = claims};
    status = csn_mint(&request, out);
    csn_signer_free(signer);
    return status;
}

enum csn_status
csn_vapid_append(const struct csn_vapid *vapid, struct csn_bytes audience, struct csn_buffer *out,
                 int64_t now_ms)
{
    uint8_t memory[CLAIMS_MAX];
    struct csn_buffer text = csn_buffer_over(memory, sizeof memory);
    struct csn_bytes claims = write_claims(vapid, audience, &text, now_ms);
    if (text.overflowed)
        return CSN_NO_SPACE;
    csn_buffer_text(out, "vapid t=");
    enum csn_status status = append_token(vapid, claims, out);
    if (status != CSN_OK)
        return status;
    csn_buffer_text(out, ", k=");
    csn_base64url_append(out, csn_bytes_of(vapid->pair->public_key, CSN_P256_PUBLIC_LENGTH));
    return out->overflowed ? CSN_NO_SPACE : CSN_OK;
}
