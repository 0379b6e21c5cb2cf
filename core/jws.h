/* The compact form of a JWS (RFC 7515 §7.1), taken apart.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CORE_JWS_H
#define CSN_CORE_JWS_H

#include "countersign/token.h"

/* Takes `token` (<= CSN_TOKEN_MAX bytes) apart into exactly three non-empty parts.
 * Out: *parts, as far as it got, in `decoded` (CSN_TOKEN_DECODED_MAX + 1 bytes).
 * Returns: CSN_PART_NONE, or the part that is malformed; CSN_PART_TOKEN for the number of parts. */
enum csn_part csn_jws_open(struct csn_bytes token, uint8_t *decoded, struct csn_token_parts *parts);

#endif
