/* The compact form of a JWS: header "." payload "." signature (RFC 7515 §7.1), in one pass.
 *
 * Nothing is skipped and nothing is repaired: no padding, no white space, no fourth part. The three
 * decoded parts stand one behind another in the caller's memory.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/jws.h"
#include "core/base64url.h"

/* Reads one part and what ends it: '.' before the last, the end of the token behind it.
 * Out: *part; *rest behind the part and its '.'. */
static enum csn_part
read_part(enum csn_part which, struct csn_bytes *rest, uint8_t *to, struct csn_bytes *part)
{
    struct csn_base64url_run run = csn_base64url_read(*rest, to);
    bool ended = run.consumed == rest->len;
    bool dot = !ended && rest->ptr[run.consumed] == '.';
    bool last = which == CSN_PART_SIGNATURE;
    if (!ended && !dot) /* a character outside the alphabet */
        return which;
    if (run.consumed == 0 || ended != last) /* an empty part, too few parts, too many */
        return CSN_PART_TOKEN;
    if (!run.canonical)
        return which;
    *part = csn_bytes_of(to, run.written);
    size_t taken = run.consumed + (last ? 0 : 1);
    *rest = (struct csn_bytes){.ptr = rest->ptr + taken, .len = rest->len - taken};
    return CSN_PART_NONE;
}

enum csn_part
csn_jws_open(struct csn_bytes token, uint8_t *decoded, struct csn_token_parts *parts)
{
    *parts = (struct csn_token_parts){0};
    struct csn_bytes rest = token;
    enum csn_part bad = read_part(CSN_PART_HEADER, &rest, decoded, &parts->header);
    if (bad != CSN_PART_NONE)
        return bad;
    decoded += parts->header.len;
    bad = read_part(CSN_PART_PAYLOAD, &rest, decoded, &parts->payload);
    if (bad != CSN_PART_NONE)
        return bad;
    decoded += parts->payload.len;
    /* what was signed: everything before the second '.' (RFC 7515 §5.2 step 8) */
    parts->signing_input = csn_bytes_slice(token, 0, token.len - rest.len - 1);
    return read_part(CSN_PART_SIGNATURE, &rest, decoded, &parts->signature);
}

enum csn_status
csn_token_open(struct csn_bytes token, struct csn_workspace *workspace,
               struct csn_token_parts *parts)
{
    *parts = (struct csn_token_parts){0};
    if (token.len > CSN_TOKEN_MAX)
        return CSN_INVALID;
    return csn_jws_open(token, workspace->decoded, parts) == CSN_PART_NONE ? CSN_OK : CSN_INVALID;
}
