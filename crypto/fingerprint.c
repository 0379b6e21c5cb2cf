/* Fingerprints, and the public members of a JWK they are made of.
 *
 * RFC 7638 §3 hashes exactly these members, in the order of their names, without white space. A JWK
 * may have them in any order, so one function writes both.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/fingerprint.h"

#include <string.h>

#include "base/panic.h"
#include "core/crypto.h"
#include "countersign/token.h"

#define NUMBER_TEXT_MAX 1366 /* base64url of 8192 bits */
#define CANONICAL_MAX (NUMBER_TEXT_MAX + 128)
#define SECRET_DIGITS 8 /* bytes shown of a secret's MAC */

const char *
csn_curve_name(enum csn_jwk_curve curve)
{
    switch (curve) {
    case CSN_CURVE_P256: return "P-256";
    case CSN_CURVE_P384: return "P-384";
    case CSN_CURVE_P521: return "P-521";
    case CSN_CURVE_ED25519: return "Ed25519";
    default: return "";
    }
}

static void
member(struct csn_json_writer *w, const char *name, struct csn_bytes number)
{
    char text[NUMBER_TEXT_MAX];
    struct csn_buffer encoded = csn_buffer_over(text, sizeof text);
    csn_base64url_append(&encoded, number);
    CSN_ASSERT(!encoded.overflowed);
    csn_json_member_string(w, name, csn_buffer_view(&encoded));
}

void
csn_jwk_write_public(const struct csn_jwk *material, struct csn_json_writer *w)
{
    switch (material->type) {
    case CSN_JWK_RSA:
        member(w, "e", material->e);
        csn_json_member_text(w, "kty", "RSA");
        member(w, "n", material->n);
        return;
    case CSN_JWK_EC:
        csn_json_member_text(w, "crv", csn_curve_name(material->curve));
        csn_json_member_text(w, "kty", "EC");
        member(w, "x", material->x);
        member(w, "y", material->y);
        return;
    case CSN_JWK_OKP:
        csn_json_member_text(w, "crv", csn_curve_name(material->curve));
        csn_json_member_text(w, "kty", "OKP");
        member(w, "x", material->x);
        return;
    default: CSN_ASSERT(false); /* a secret has no public members */
    }
}

void
csn_fingerprint_public(const struct csn_jwk *material, char out[CSN_FINGERPRINT_MAX])
{
    char text[CANONICAL_MAX];
    struct csn_buffer canonical = csn_buffer_over(text, sizeof text);
    struct csn_json_writer w = csn_json_writer_over(&canonical);
    csn_json_open_object(&w);
    csn_jwk_write_public(material, &w);
    csn_json_close_object(&w);
    CSN_ASSERT(!canonical.overflowed);

    uint8_t digest[32];
    csn_sha256(csn_buffer_view(&canonical), digest);
    struct csn_buffer print = csn_buffer_over(out, CSN_FINGERPRINT_MAX);
    csn_base64url_append(&print, csn_bytes_of(digest, sizeof digest));
    csn_buffer_terminate(&print);
}

void
csn_fingerprint_secret(struct csn_bytes secret, char out[CSN_FINGERPRINT_MAX])
{
    uint8_t mac[64];
    csn_hmac(CSN_HS256, secret, csn_bytes_text("countersign fingerprint"), mac);
    struct csn_buffer print = csn_buffer_over(out, CSN_FINGERPRINT_MAX);
    csn_buffer_text(&print, "hmac:");
    csn_buffer_hex(&print, csn_bytes_of(mac, SECRET_DIGITS));
    csn_buffer_terminate(&print);
    csn_wipe(mac, sizeof mac);
}
