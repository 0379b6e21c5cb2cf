/* Base64. See base64.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
csn_base64_append(struct csn_buffer *out, struct csn_bytes bytes)
{
    for (size_t at = 0; at < bytes.len; at += 3) {
        size_t left = bytes.len - at;
        uint32_t three = (uint32_t)bytes.ptr[at] << 16;
        three |= left > 1 ? (uint32_t)bytes.ptr[at + 1] << 8 : 0;
        three |= left > 2 ? (uint32_t)bytes.ptr[at + 2] : 0;
        csn_buffer_byte(out, (uint8_t)alphabet[three >> 18]);
        csn_buffer_byte(out, (uint8_t)alphabet[three >> 12 & 63]);
        csn_buffer_byte(out, left > 1 ? (uint8_t)alphabet[three >> 6 & 63] : '=');
        csn_buffer_byte(out, left > 2 ? (uint8_t)alphabet[three & 63] : '=');
    }
}
