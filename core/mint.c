/* Mints a compact JWS (RFC 7515 §5.1). What it makes, `judge` can read: the payload passes the same
 * strict reader first, and nothing longer than a token may be leaves it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto.h"
#include "countersign/token.h"

/* {"alg":"HS256","typ":"...","kid":"..."}: each byte of kid and typ may become "\u00XX". */
#define HEADER_MAX (64 + 6 * (CSN_KID_MAX + CSN_CLAIM_TEXT_MAX))

static bool
is_strict_object(struct csn_bytes payload)
{
    struct csn_json_names names;
    struct csn_json_reader reader;
    struct csn_json_item item;
    if (payload.len > CSN_TOKEN_MAX)
        return false;
    csn_json_reader_init(&reader, payload, &names);
    if (csn_json_next(&reader, &item) != CSN_JSON_OBJECT)
        return false;
    enum csn_json_kind kind;
    do
        kind = csn_json_next(&reader, &item);
    while (kind != CSN_JSON_END && kind != CSN_JSON_INVALID);
    return kind == CSN_JSON_END;
}

static void
write_header(const struct csn_mint_request *request, struct csn_buffer *json)
{
    struct csn_json_writer w = csn_json_writer_over(json);
    csn_json_open_object(&w);
    csn_json_member_text(&w, "alg", csn_algorithm_name(csn_signer_algorithm(request->signer)));
    if (request->type.len > 0)
        csn_json_member_string(&w, "typ", request->type);
    if (request->kid.len > 0)
        csn_json_member_string(&w, "kid", request->kid);
    csn_json_close_object(&w);
}

static enum csn_status
append_token(const struct csn_mint_request *request, struct csn_buffer *out)
{
    uint8_t header_bytes[HEADER_MAX], signature_bytes[CSN_SIGNATURE_MAX];
    struct csn_buffer header = csn_buffer_over(header_bytes, sizeof header_bytes);
    struct csn_buffer signature = csn_buffer_over(signature_bytes, sizeof signature_bytes);
    size_t from = out->len;
    write_header(request, &header);
    csn_base64url_append(out, csn_buffer_view(&header));
    csn_buffer_byte(out, '.');
    csn_base64url_append(out, request->payload);
    if (out->overflowed)
        return CSN_NO_SPACE;
    struct csn_bytes input = csn_bytes_of(out->ptr + from, out->len - from);
    enum csn_status status = csn_signer_sign(request->signer, input, &signature);
    if (status != CSN_OK)
        return status;
    csn_buffer_byte(out, '.');
    csn_base64url_append(out, csn_buffer_view(&signature));
    if (out->overflowed)
        return CSN_NO_SPACE;
    return out->len - from > CSN_TOKEN_MAX ? CSN_TOO_LARGE : CSN_OK;
}

enum csn_status
csn_mint(const struct csn_mint_request *request, struct csn_buffer *out)
{
    if (request->kid.len > CSN_KID_MAX || request->type.len > CSN_CLAIM_TEXT_MAX)
        return CSN_INVALID;
    if (!csn_utf8_valid(request->kid) || !csn_utf8_valid(request->type))
        return CSN_INVALID;
    if (!is_strict_object(request->payload))
        return CSN_INVALID;
    size_t from = out->len;
    enum csn_status status = append_token(request, out);
    if (status != CSN_OK)
        out->len = from; /* half a token is none */
    return status;
}
