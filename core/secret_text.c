/* The text of a shared secret becomes its bytes, under the encoding the admin declared. Nothing is
 * guessed: a library that silently reads hex or base64 is the commonest cause of a bad signature.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "countersign/key.h"
#include "countersign/token.h"

/* Characters that encode CSN_SECRET_MAX bytes in base64, padding included. */
#define BASE64_MAX ((CSN_SECRET_MAX + 2) / 3 * 4)

static enum csn_status
take_bytes(struct csn_bytes bytes, struct csn_secret *out)
{
    if (bytes.len > CSN_SECRET_MAX)
        return CSN_TOO_LARGE;
    for (size_t i = 0; i < bytes.len; i++)
        out->bytes[i] = bytes.ptr[i];
    out->len = bytes.len;
    return CSN_OK;
}

static enum csn_status
take_utf8(struct csn_bytes text, struct csn_secret *out)
{
    if (!csn_utf8_valid(text))
        return CSN_INVALID;
    return take_bytes(text, out);
}

/* Returns: the four bits of a hex digit, or 16. */
static unsigned
hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    c |= 0x20; /* to lower case; no other character becomes a..f by it but A..F */
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 16;
}

static enum csn_status
take_hex(struct csn_bytes text, struct csn_secret *out)
{
    if (text.len % 2 != 0)
        return CSN_INVALID;
    for (size_t i = 0; i < text.len; i++)
        if (hex_value(text.ptr[i]) == 16)
            return CSN_INVALID;
    if (text.len / 2 > CSN_SECRET_MAX)
        return CSN_TOO_LARGE;
    for (size_t i = 0; i < text.len / 2; i++)
        out->bytes[i] = (uint8_t)(hex_value(text.ptr[2 * i]) << 4 | hex_value(text.ptr[2 * i + 1]));
    out->len = text.len / 2;
    return CSN_OK;
}

/* Padding is all there or not at all (RFC 4648 §3.2). Returns: the text without it, or a text that
 * cannot be decoded because its '=' stayed. */
static struct csn_bytes
without_padding(struct csn_bytes text)
{
    if (text.len == 0 || text.len % 4 != 0)
        return text;
    size_t len = text.len;
    for (int i = 0; i < 2 && text.ptr[len - 1] == '='; i++)
        len--;
    return csn_bytes_slice(text, 0, len);
}

/* Both alphabets differ in two characters; those of the other one are refused. */
static enum csn_status
take_base64(struct csn_bytes text, bool url, struct csn_secret *out)
{
    struct csn_bytes bare = without_padding(text);
    if (bare.len > BASE64_MAX)
        return CSN_TOO_LARGE;
    uint8_t plain[BASE64_MAX], decoded[BASE64_MAX];
    const uint8_t third_last = url ? '-' : '+', last = url ? '_' : '/';
    for (size_t i = 0; i < bare.len; i++) {
        uint8_t c = bare.ptr[i];
        bool foreign = !url && (c == '-' || c == '_');
        plain[i] = foreign ? '=' : c == third_last ? '-' : c == last ? '_' : c;
    }
    struct csn_buffer bytes = csn_buffer_over(decoded, sizeof decoded);
    enum csn_status status = csn_base64url_decode(csn_bytes_of(plain, bare.len), &bytes);
    if (status == CSN_OK)
        status = take_bytes(csn_buffer_view(&bytes), out);
    csn_wipe(plain, sizeof plain);
    csn_wipe(decoded, sizeof decoded);
    return status;
}

enum csn_status
csn_secret_decode(struct csn_bytes text, enum csn_encoding encoding, struct csn_secret *out)
{
    out->len = 0;
    switch (encoding) {
    case CSN_ENCODING_UTF8: return take_utf8(text, out);
    case CSN_ENCODING_BASE64: return take_base64(text, false, out);
    case CSN_ENCODING_BASE64URL: return take_base64(text, true, out);
    case CSN_ENCODING_HEX: return take_hex(text, out);
    case CSN_ENCODING_UNSET: break;
    }
    return CSN_INVALID;
}
