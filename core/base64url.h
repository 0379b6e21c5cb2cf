/* base64url without padding (RFC 4648 §5, RFC 7515 §2), one run at a time.
 *
 * The decoder stops at the first character outside the alphabet, so that finding the end of a part
 * and decoding it are one pass. What stopped it is for the caller to judge.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CORE_BASE64URL_H
#define CSN_CORE_BASE64URL_H

#include "countersign/bytes.h"

struct csn_base64url_run {
    size_t consumed; /* characters of the alphabet read */
    size_t written;  /* bytes put out */
    bool canonical;  /* the run is a whole encoding: no lone character, no stray bits */
};

/* Decodes the longest run of alphabet characters at the start of `text`.
 * Out: at `out`, 3/4 of the characters; up to one byte behind them is overwritten as well. */
struct csn_base64url_run csn_base64url_read(struct csn_bytes text, uint8_t *out);

#endif
