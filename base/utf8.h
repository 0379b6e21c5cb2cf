/* UTF-8 one character at a time (RFC 3629), for those who read text piece by piece.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_BASE_UTF8_H
#define CSN_BASE_UTF8_H

#include "countersign/bytes.h"

/* In: at < end. Returns: bytes (1..4) of the well-formed character at `at`; 0 when it is none. */
size_t csn_utf8_length(const uint8_t *at, const uint8_t *end);

/* In: a scalar value, no surrogate. Out: its 1..4 bytes. Returns: how many. */
size_t csn_utf8_write(uint32_t code, uint8_t out[4]);

#endif
