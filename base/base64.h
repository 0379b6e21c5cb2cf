/* Base64 as RFC 4648 §4 has it: the standard alphabet, padded, no line ends. For what others'
 * formats ask for it; our own use base64url (token.h).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_BASE_BASE64_H
#define CSN_BASE_BASE64_H

#include "countersign/bytes.h"

#define CSN_BASE64_LENGTH(len) (((len) + 2) / 3 * 4) /* bytes that `len` bytes become */

/* Appends it. A buffer too small notes that, as all appending does. */
void csn_base64_append(struct csn_buffer *out, struct csn_bytes bytes);

#endif
