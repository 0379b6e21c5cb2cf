/* Mistakes with key pairs, key ids, algorithms and the form of the signature.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <string.h>

#define RS_POLICY "{'algorithms':['RS256'],'required':['sub','exp']}"
#define PS_POLICY "{'algorithms':['PS256'],'required':['sub','exp']}"
#define ES_POLICY "{'algorithms':['ES256'],'required':['sub','exp']}"

/* --- signing --- */

static void
append_integer(struct csn_buffer *out, const uint8_t *at)
{
    size_t skip = 0;
    while (skip < 31 && at[skip] == 0)
        skip++;
    bool negative = (at[skip] & 0x80) != 0;
    csn_buffer_byte(out, 0x02);
    csn_buffer_byte(out, (uint8_t)(32 - skip + negative));
    if (negative)
        csn_buffer_byte(out, 0);
    csn_buffer_append(out, csn_bytes_of(at + skip, 32 - skip));
}

static void
sign_der(struct scene *s, const struct row *row)
{
    (void)row;
    uint8_t raw[64], inner_bytes[80], der_bytes[80];
    struct csn_buffer signature = csn_buffer_over(raw, sizeof raw);
    struct csn_buffer inner = csn_buffer_over(inner_bytes, sizeof inner_bytes);
    struct csn_buffer der = csn_buffer_over(der_bytes, sizeof der_bytes);
    scene_sign_pair(s, PAIR_OWN_EC, CSN_ES256, &signature);
    append_integer(&inner, raw);
    append_integer(&inner, raw + 32);
    csn_buffer_byte(&der, 0x30);
    csn_buffer_byte(&der, (uint8_t)inner.len);
    csn_buffer_append(&der, csn_buffer_view(&inner));
    scene_append_signature(s, csn_buffer_view(&der));
}

static void
sign_with(struct scene *s, enum pair pair, enum csn_algorithm algorithm)
{
    uint8_t bytes[CSN_SIGNATURE_MAX];
    struct csn_buffer signature = csn_buffer_over(bytes, sizeof bytes);
    scene_sign_pair(s, pair, algorithm, &signature);
    scene_append_signature(s, csn_buffer_view(&signature));
}

static void
sign_foreign(struct scene *s, const struct row *row)
{
    (void)row;
    sign_with(s, PAIR_FOREIGN_RSA, CSN_RS256);
}

static void
sign_other_app(struct scene *s, const struct row *row)
{
    (void)row;
    sign_with(s, PAIR_OTHER_APP_RSA, CSN_RS256);
}

/* The header says one thing, the signature is another's. `with`: the algorithm in truth. */
static void
sign_otherwise(struct scene *s, const struct row *row)
{
    sign_with(s, PAIR_OWN_RSA, csn_algorithm_from_name(csn_bytes_text(row->with)));
}

static void
sign_hex(struct scene *s, const struct row *row)
{
    uint8_t mac[64], hex[128];
    struct csn_buffer text = csn_buffer_over(hex, sizeof hex);
    struct csn_bytes secret = row->used.len > 0 ? row->used : s->keys[OWN].secret;
    size_t len = scene_mac(CSN_HS256, secret, scene_token(s), mac);
    csn_buffer_hex(&text, csn_bytes_of(mac, len));
    if (row->with != NULL) { /* the digits are the part */
        csn_buffer_byte(&s->token, '.');
        csn_buffer_append(&s->token, csn_buffer_view(&text));
        return;
    }
    scene_append_signature(s, csn_buffer_view(&text));
}

/* `with`: "", "\n" or NULL for the text as it is; what the text of the public key ends in. */
static void
sign_public_text(struct scene *s, const struct row *row)
{
    uint8_t mac[64], memory[4096];
    struct csn_buffer key = csn_buffer_over(memory, sizeof memory);
    const char *pem = pair_public(PAIR_OWN_RSA);
    for (size_t i = 0; pem[i] != '\0'; i++) {
        if (pem[i] == '\n' && row->with != NULL && strchr(row->with, '\r') != NULL)
            csn_buffer_byte(&key, '\r');
        csn_buffer_byte(&key, (uint8_t)pem[i]);
    }
    bool bare = row->with != NULL && row->with[0] == '\0';
    while (bare && key.ptr[key.len - 1] == '\n')
        key.len--;
    size_t len = scene_mac(CSN_HS256, csn_buffer_view(&key), scene_token(s), mac);
    scene_append_signature(s, csn_bytes_of(mac, len));
}

static void
sign_nothing(struct scene *s, const struct row *row)
{
    (void)row;
    csn_buffer_byte(&s->token, '.');
}

/* --- staging --- */

static void
name_keys(struct scene *s, const struct row *row)
{
    (void)row;
    for (size_t i = 0; i < s->key_count; i++)
        s->keys[i].key.kid = s->keys[i].label;
}

static void
remove_own(struct scene *s, const struct row *row)
{
    (void)row;
    s->keys[OWN].key.state = CSN_KEY_STATE_UNSET;
    s->keys[OWN].secret = (struct csn_bytes){0};
}

/* The PEM is known with CRLF where the party that signed had LF. */
static void
rewrite_pem(struct scene *s, const struct row *row)
{
    static uint8_t memory[4096];
    struct csn_buffer text = csn_buffer_over(memory, sizeof memory);
    (void)row;
    for (const char *at = pair_public(PAIR_OWN_RSA); *at != '\0'; at++)
        csn_buffer_text(&text, *at == '\n' ? "\r\n" : (const char[]){*at, '\0'});
    s->keys[OWN_RS].public_pem = csn_buffer_view(&text);
}

static void
lengthen_pem(struct scene *s, const struct row *row)
{
    static uint8_t text[5000];
    (void)row;
    memset(text, 'A', sizeof text);
    s->keys[OWN_RS].public_pem = csn_bytes_of(text, sizeof text);
}

static void
retire_rsa(struct scene *s, const struct row *row)
{
    (void)row;
    s->keys[OWN_RS].key.state = CSN_KEY_RETIRED;
}

static void
need_ps256(struct scene *s, const struct row *row)
{
    (void)row;
    struct csn_key_report report;
    csn_verifier_free((struct csn_verifier *)(uintptr_t)s->keys[OWN_RS].key.verifier);
    struct csn_verifier *verifier = NULL;
    assert_int_equal(csn_verifier_from_pem(CSN_PS256, csn_bytes_text(pair_public(PAIR_OWN_RSA)),
                                           &verifier, &report),
                     CSN_OK);
    s->keys[OWN_RS].key.verifier = verifier;
    s->keys[OWN_RS].key.algorithm = CSN_PS256;
}

/* The old key carries the same secret as the one in use, and stands in front of it. */
static void
same_secret_twice(struct scene *s, const struct row *row)
{
    (void)row;
    struct csn_verifier *verifier = NULL;
    struct csn_key_report report;
    csn_verifier_free((struct csn_verifier *)(uintptr_t)s->keys[RETIRED].key.verifier);
    assert_int_equal(csn_verifier_from_secret(CSN_HS256, s->keys[OWN].secret, &verifier, &report),
                     CSN_OK);
    s->keys[RETIRED].key.verifier = verifier;
    s->keys[RETIRED].secret = s->keys[OWN].secret;
    struct csn_diagnosis_key front = s->keys[OWN];
    s->keys[OWN] = s->keys[RETIRED];
    s->keys[RETIRED] = front;
}

static void
same_secret_twice_in_use(struct scene *s, const struct row *row)
{
    same_secret_twice(s, row);
    s->keys[OWN].key.state = CSN_KEY_ACTIVE;
    name_keys(s, row);
}

/* Nine keys in use before the one that signs: without a kid only eight are tried. */
static void
crowd(struct scene *s, const struct row *row)
{
    (void)row;
    struct csn_diagnosis_key own = s->keys[OWN];
    for (size_t i = 0; i < 9; i++) {
        char text[64] = "one secret of a great crowd of them: 0";
        text[strlen(text) - 1] = (char)('0' + i);
        struct csn_verifier *verifier = NULL;
        struct csn_key_report report;
        assert_int_equal(
            csn_verifier_from_secret(CSN_HS256, csn_bytes_text(text), &verifier, &report), CSN_OK);
        size_t at = i == 0 ? OWN : s->key_count++;
        s->keys[at] = (struct csn_diagnosis_key){
            .key = {.algorithm = CSN_HS256, .state = CSN_KEY_ACTIVE, .verifier = verifier},
            .label = csn_bytes_text("one of the crowd")};
    }
    s->keys[s->key_count++] = own;
}

/* --- mangling --- */

/* Sets a bit that base64url leaves unused at the end of the signature. */
static void
set_stray_bit(struct scene *s, const struct row *row)
{
    (void)row;
    s->token.ptr[s->token.len - 1]++;
}

#define X32 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define LONG_KID X32 X32 X32 X32 X32 X32 X32 X32 "x"

#define REFUSED CSN_REASON_SIGNATURE_INVALID

static const struct row key_rows[] = {
    {.name = "ES256 in DER",
     .first = CSN_FINDING_SIGNATURE_DER,
     .reason = REFUSED,
     .policy = ES_POLICY,
     .algorithm = CSN_ES256,
     .sign = sign_der},
    {.name = "header RS256, signature PS256",
     .first = CSN_FINDING_SIGNATURE_PSS_VS_PKCS1,
     .reason = REFUSED,
     .policy = RS_POLICY,
     .algorithm = CSN_RS256,
     .sign = sign_otherwise,
     .with = "PS256",
     .seen = "PS256"},
    {.name = "header PS256, signature RS256",
     .first = CSN_FINDING_SIGNATURE_PSS_VS_PKCS1,
     .reason = REFUSED,
     .policy = PS_POLICY,
     .algorithm = CSN_PS256,
     .sign = sign_otherwise,
     .with = "RS256",
     .stage = need_ps256,
     .seen = "RS256"},
    {.name = "PS256 where RS256 is due",
     .first = CSN_FINDING_SIGNATURE_PSS_VS_PKCS1,
     .reason = CSN_REASON_ALGORITHM_NOT_ALLOWED,
     .policy = RS_POLICY,
     .algorithm = CSN_PS256},
    {.name = "RS256 where PS256 is due",
     .first = CSN_FINDING_SIGNATURE_PSS_VS_PKCS1,
     .reason = CSN_REASON_ALGORITHM_NOT_ALLOWED,
     .policy = PS_POLICY,
     .algorithm = CSN_RS256,
     .stage = need_ps256},
    {.name = "RS512 where RS256 is due",
     .first = CSN_FINDING_ALGORITHM_NOT_ALLOWED,
     .reason = CSN_REASON_ALGORITHM_NOT_ALLOWED,
     .policy = RS_POLICY,
     .algorithm = CSN_RS512},
    {.name = "RS512 allowed, but the key is for RS256",
     .first = CSN_FINDING_ALGORITHM_NOT_ALLOWED,
     .reason = CSN_REASON_NO_KEY,
     .algorithm = CSN_RS512,
     .seen = "key-rsa",
     .policy = "{'algorithms':['RS256','RS512'],'required':['sub','exp']}"},
    {.name = "header RS256, signature RS512",
     .first = CSN_FINDING_ALGORITHM_NOT_ALLOWED,
     .reason = REFUSED,
     .policy = RS_POLICY,
     .algorithm = CSN_RS256,
     .sign = sign_otherwise,
     .with = "RS512",
     .seen = "RS512"},
    {.name = "a foreign private key",
     .first = CSN_FINDING_PUBLIC_KEY_MISMATCH,
     .reason = REFUSED,
     .policy = RS_POLICY,
     .algorithm = CSN_RS256,
     .sign = sign_foreign},
    {.name = "another app's private key",
     .first = CSN_FINDING_KEY_OF_OTHER_APP,
     .reason = REFUSED,
     .policy = RS_POLICY,
     .algorithm = CSN_RS256,
     .sign = sign_other_app,
     .seen = "The other shop"},
    {.name = "the public key's text as the secret",
     .first = CSN_FINDING_SECRET_IS_PEM,
     .reason = CSN_REASON_ALGORITHM_NOT_ALLOWED,
     .policy = RS_POLICY,
     .algorithm = CSN_HS256,
     .sign = sign_public_text,
     .seen = "key-rsa"},
    {.name = "the public key's text without its last line end",
     .first = CSN_FINDING_SECRET_IS_PEM,
     .reason = CSN_REASON_ALGORITHM_NOT_ALLOWED,
     .policy = RS_POLICY,
     .algorithm = CSN_HS256,
     .sign = sign_public_text,
     .with = ""},
    {.name = "the public key's text with CRLF",
     .first = CSN_FINDING_SECRET_IS_PEM,
     .reason = CSN_REASON_ALGORITHM_NOT_ALLOWED,
     .policy = RS_POLICY,
     .algorithm = CSN_HS256,
     .sign = sign_public_text,
     .with = "\r\n"},
    {.name = "the public key's text where HS256 is due too",
     .first = CSN_FINDING_SECRET_IS_PEM,
     .reason = REFUSED,
     .sign = sign_public_text},
    {.name = "kid names another key",
     .first = CSN_FINDING_KEY_ID_WRONG,
     .reason = CSN_REASON_KEY_UNKNOWN,
     .header = "{'alg':'HS256','kid':'key-2'}",
     .stage = name_keys,
     .seen = "key-own"},
    {.name = "kid names a retired key, the one in use signed",
     .first = CSN_FINDING_KEY_ID_WRONG,
     .reason = CSN_REASON_KEY_RETIRED,
     .header = "{'alg':'HS256','kid':'key-old'}",
     .stage = name_keys,
     .seen = "key-own"},
    {.name = "kid names a key of another algorithm",
     .first = CSN_FINDING_KEY_ID_WRONG,
     .reason = CSN_REASON_ALGORITHM_MISMATCH,
     .header = "{'alg':'HS256','kid':'key-rsa'}",
     .stage = name_keys},
    {.name = "no kid where the policy asks for it",
     .first = CSN_FINDING_KEY_ID_WRONG,
     .reason = CSN_REASON_KEY_UNKNOWN,
     .stage = name_keys,
     .seen = "no kid",
     .policy = "{'preset':'generic','kid_required':true}"},
    {.name = "the ninth key, without kid",
     .first = CSN_FINDING_KEY_ID_WRONG,
     .reason = REFUSED,
     .stage = crowd,
     .used = LIT(SECRET)},
    {.name = "kid names the standby key that signed",
     .first = CSN_FINDING_KEY_STANDBY,
     .reason = CSN_REASON_KEY_UNKNOWN,
     .header = "{'alg':'HS256','kid':'key-new'}",
     .stage = name_keys,
     .used = LIT("a secret on standby, of 42 characters.")},
    {.name = "kid names the retired key that signed",
     .first = CSN_FINDING_KEY_RETIRED,
     .reason = CSN_REASON_KEY_RETIRED,
     .header = "{'alg':'HS256','kid':'key-old'}",
     .stage = name_keys,
     .used = LIT("a secret long retired, 40 characters .")},
    {.name = "a signature in hex, of a secret nobody knows",
     .first = CSN_FINDING_KEY_UNKNOWN,
     .reason = REFUSED,
     .sign = sign_hex,
     .used = LIT("nobody has ever seen this secret before")},
    {.name = "a public key with other line ends as the secret",
     .first = CSN_FINDING_SECRET_IS_PEM,
     .reason = REFUSED,
     .sign = sign_public_text,
     .stage = rewrite_pem,
     .with = "\n"},
    {.name = "a public key too long to be one is not tried",
     .first = CSN_FINDING_KEY_UNKNOWN,
     .reason = REFUSED,
     .stage = lengthen_pem,
     .used = LIT("nobody has ever seen this secret before")},
    {.name = "kid is longer than any key's",
     .first = CSN_FINDING_HEADER_INVALID,
     .reason = CSN_REASON_MALFORMED,
     .header = "{'alg':'HS256','kid':'" LONG_KID "'}",
     .seen = "256"},
    {.name = "an algorithm that the policy does not name, of a key of nobody",
     .first = CSN_FINDING_ALGORITHM_NOT_ALLOWED,
     .reason = CSN_REASON_ALGORITHM_NOT_ALLOWED,
     .policy = "{'preset':'generic','algorithms':['RS256','ES256']}",
     .used = LIT("nobody has ever seen this secret before")},
    {.name = "a retired RSA key, and PSS",
     .first = CSN_FINDING_KEY_RETIRED,
     .reason = CSN_REASON_NO_KEY,
     .policy = RS_POLICY,
     .algorithm = CSN_RS256,
     .sign = sign_otherwise,
     .with = "PS256",
     .stage = retire_rsa},
    {.name = "kid is a number",
     .first = CSN_FINDING_HEADER_INVALID,
     .reason = CSN_REASON_MALFORMED,
     .header = "{'alg':'HS256','kid':7}",
     .seen = "kid"},
    {.name = "one secret twice: the key that kid names counts",
     .first = CSN_FINDING_EXPIRED,
     .reason = CSN_REASON_EXPIRED,
     .stage = same_secret_twice_in_use,
     .header = "{'alg':'HS256','kid':'key-own'}",
     .claims = "{'sub':'user-4711','exp':@-7000}"},
    {.name = "one secret twice: the key in use counts",
     .first = CSN_FINDING_EXPIRED,
     .reason = CSN_REASON_EXPIRED,
     .stage = same_secret_twice,
     .claims = "{'sub':'user-4711','exp':@-7000}"},
    {.name = "no key for the algorithm",
     .first = CSN_FINDING_NO_KEY,
     .reason = CSN_REASON_NO_KEY,
     .stage = remove_own,
     .used = LIT("nobody has ever seen this secret before")},
    {.name = "alg none, as libraries write it",
     .first = CSN_FINDING_ALGORITHM_NONE,
     .count = 1,
     .reason = CSN_REASON_MALFORMED,
     .header = "{'alg':'none'}",
     .sign = sign_nothing},
    {.name = "alg none with a signature",
     .first = CSN_FINDING_ALGORITHM_NONE,
     .count = 1,
     .reason = CSN_REASON_ALGORITHM_UNSUPPORTED,
     .header = "{'alg':'None'}"},
    {.name = "alg in lower case",
     .first = CSN_FINDING_ALGORITHM_NOT_ALLOWED,
     .reason = CSN_REASON_ALGORITHM_UNSUPPORTED,
     .header = "{'alg':'hs256'}",
     .seen = "hs256"},
    {.name = "no alg",
     .first = CSN_FINDING_ALGORITHM_NOT_ALLOWED,
     .reason = CSN_REASON_MALFORMED,
     .header = "{'typ':'JWT'}"},
    {.name = "alg is a number",
     .first = CSN_FINDING_ALGORITHM_NOT_ALLOWED,
     .reason = CSN_REASON_MALFORMED,
     .header = "{'alg':256}"},
    {.name = "ES256 where HS256 is due",
     .first = CSN_FINDING_ALGORITHM_NOT_ALLOWED,
     .reason = CSN_REASON_ALGORITHM_NOT_ALLOWED,
     .algorithm = CSN_ES256},
    {.name = "the MAC in hex, encoded",
     .first = CSN_FINDING_SIGNATURE_HEX,
     .reason = REFUSED,
     .sign = sign_hex},
    {.name = "the MAC in hex as it is",
     .first = CSN_FINDING_SIGNATURE_HEX,
     .reason = REFUSED,
     .sign = sign_hex,
     .with = "raw"},
    {.name = "a stray bit in the last character",
     .first = CSN_FINDING_PAYLOAD_CHANGED,
     .reason = CSN_REASON_MALFORMED,
     .mangle = set_stray_bit},
    {.name = "typ of another kind of token",
     .first = CSN_FINDING_TYPE_WRONG,
     .reason = CSN_REASON_TYPE_MISMATCH,
     .header = "{'alg':'HS256','typ':'at+jwt'}",
     .seen = "at+jwt"},
    {.name = "no typ where the policy asks for it",
     .first = CSN_FINDING_TYPE_WRONG,
     .reason = CSN_REASON_TYPE_MISMATCH,
     .header = "{'alg':'HS256'}",
     .policy = "{'preset':'kustomer'}",
     .claims = "{'email':'a@example.test','iat':@-1}",
     .seen = "no typ"},
    {.name = "typ is a number",
     .first = CSN_FINDING_TYPE_WRONG,
     .reason = CSN_REASON_TYPE_MISMATCH,
     .header = "{'alg':'HS256','typ':1}"},
    {.name = "crit",
     .first = CSN_FINDING_CRITICAL_HEADER,
     .reason = CSN_REASON_MALFORMED,
     .header = "{'alg':'HS256','crit':['exp']}",
     .seen = "crit"},
    {.name = "b64",
     .first = CSN_FINDING_CRITICAL_HEADER,
     .reason = CSN_REASON_MALFORMED,
     .header = "{'alg':'HS256','b64':false}",
     .seen = "b64"},
    {.name = "cty",
     .first = CSN_FINDING_CRITICAL_HEADER,
     .reason = CSN_REASON_MALFORMED,
     .header = "{'alg':'HS256','cty':'JWT'}",
     .seen = "cty"},
};
const struct table key_table = TABLE(key_rows);
