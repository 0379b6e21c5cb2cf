/* Mistakes with the shared secret: what was typed, and what signed in truth.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#define TEXT_32 "Kq7 vXw2-Zt9 Lm4!Rb8 Hs3?Yd6 Fg5"
#define BASE64_OF_32 "S3E3IHZYdzItWnQ5IExtNCFSYjggSHMzP1lkNiBGZzU="
#define HEX_OF_32 "4b713720765877322d5a7439204c6d3421526238204873333f59643620466735"
#define HEX_UPPER_OF_32 "4B713720765877322D5A7439204C6D3421526238204873333F59643620466735"
/* 24 bytes whose encoding needs the two characters in which the alphabets differ. */
#define BYTES_24                                                                                   \
    "\xAB\xED\xF1\xFD\x9B\x7D\xF8\xB9\xB8\xFD\x16\xFC\xF8\x7B\x37\xFD\x87\x7A\xF8\x58\x39\xFF\x0D" \
    "\xA4"
#define BASE64_OF_24 "q+3x/Zt9+Lm4/Rb8+Hs3/Yd6+Fg5/w2k"
#define BASE64URL_OF_24 "q-3x_Zt9-Lm4_Rb8-Hs3_Yd6-Fg5_w2k"

#define SECRET_ROW(title, code, typed, signing)                                                    \
    .name = title, .first = CSN_FINDING_SECRET_##code, .reason = CSN_REASON_SIGNATURE_INVALID,     \
    .secret = LIT(typed), .used = LIT(signing)

static void
forget_verifier(struct scene *s, const struct row *row)
{
    (void)row;
    csn_verifier_free((struct csn_verifier *)(uintptr_t)s->keys[RETIRED].key.verifier);
    s->keys[RETIRED].key.verifier = NULL;
}

/* The key came as a JWK: there is no text of it. */
static void
forget_text(struct scene *s, const struct row *row)
{
    (void)row;
    s->keys[OWN].secret_text = (struct csn_bytes){0};
}

static const struct row secret_rows[] = {
    {SECRET_ROW("base64-decoded, padded text", BASE64_DECODED, BASE64_OF_32, TEXT_32)},
    {SECRET_ROW("base64-decoded, text without padding", BASE64_DECODED,
                "S3E3IHZYdzItWnQ5IExtNCFSYjggSHMzP1lkNiBGZzU", TEXT_32)},
    {SECRET_ROW("base64-decoded, plus and slash", BASE64_DECODED, BASE64_OF_24, BYTES_24)},
    {SECRET_ROW("base64-decoded, stray bits dropped", BASE64_DECODED,
                "S3E3IHZYdzItWnQ5IExtNCFSYjggSHMzP1lkNiBGZzV", TEXT_32)},
    {SECRET_ROW("base64-decoded by a lenient library: other characters skipped", BASE64_DECODED,
                "S3E3.IHZY.dzIt.WnQ5.IExt.NCFS.Yjgg.SHMz.P1lk.NiBG.ZzU=", TEXT_32)},
    {SECRET_ROW("base64-decoded by a library that skips - and _", BASE64_DECODED,
                "S3E3-IHZY_dzIt-WnQ5_IExt-NCFS_Yjgg-SHMz_P1lk-NiBG_ZzU=", TEXT_32)},
    {SECRET_ROW("base64-decoded, only whole groups of four", BASE64_DECODED,
                "S3E3IHZYdzItWnQ5IExtNCFSYjggSHMzP1lkNiBGZz", "Kq7 vXw2-Zt9 Lm4!Rb8 Hs3?Yd6 F")},
    {SECRET_ROW("base64-decoded, a lone last character dropped", BASE64_DECODED,
                "S3E3IHZYdzItWnQ5IExtNCFSYjggSHMzP1lkNiBGZ", "Kq7 vXw2-Zt9 Lm4!Rb8 Hs3?Yd6 F")},
    {SECRET_ROW("base64url-decoded", BASE64URL_DECODED, BASE64URL_OF_24, BYTES_24)},
    {SECRET_ROW("base64url-decoded, with underscores alone", BASE64URL_DECODED,
                "q_3x_Zt9_Lm4_Rb8_Hs3_Yd6_Fg5_w2k",
                "\xAB\xFD\xF1\xFD\x9B\x7D\xFC\xB9\xB8\xFD\x16\xFC\xFC\x7B\x37\xFD\x87\x7A"
                "\xFC\x58\x39\xFF\x0D\xA4")},
    {SECRET_ROW("hex-decoded, lower case", HEX_DECODED, HEX_OF_32, TEXT_32)},
    {SECRET_ROW("hex-decoded, upper case", HEX_DECODED, HEX_UPPER_OF_32, TEXT_32)},
    {SECRET_ROW("base64 declared, text used", NOT_DECODED, BASE64_OF_32, BASE64_OF_32),
     .encoding = CSN_ENCODING_BASE64},
    {SECRET_ROW("base64url declared, text used", NOT_DECODED, BASE64URL_OF_24, BASE64URL_OF_24),
     .encoding = CSN_ENCODING_BASE64URL},
    {SECRET_ROW("hex declared, text used", NOT_DECODED, HEX_OF_32, HEX_OF_32),
     .encoding = CSN_ENCODING_HEX},
    {SECRET_ROW("base64-encoded", BASE64_ENCODED, TEXT_32, BASE64_OF_32)},
    {SECRET_ROW("base64-encoded without padding", BASE64_ENCODED, TEXT_32,
                "S3E3IHZYdzItWnQ5IExtNCFSYjggSHMzP1lkNiBGZzU")},
    {SECRET_ROW("base64-encoded with a line end", BASE64_ENCODED, TEXT_32, BASE64_OF_32 "\n")},
    {SECRET_ROW("base64url-encoded", BASE64_ENCODED, "who? me? ~no~ you?? ok?>>?",
                "d2hvPyBtZT8gfm5vfiB5b3U_PyBvaz8-Pj8")},
    {SECRET_ROW("hex-encoded, lower case", HEX_ENCODED, TEXT_32, HEX_OF_32)},
    {SECRET_ROW("hex-encoded, upper case", HEX_ENCODED, TEXT_32, HEX_UPPER_OF_32)},
    {SECRET_ROW("line end behind", WHITESPACE, TEXT_32, TEXT_32 "\n")},
    {SECRET_ROW("CRLF behind", WHITESPACE, TEXT_32, TEXT_32 "\r\n")},
    {SECRET_ROW("space behind", WHITESPACE, TEXT_32, TEXT_32 " ")},
    {SECRET_ROW("space in front", WHITESPACE, TEXT_32, " " TEXT_32)},
    {SECRET_ROW("spaces around", WHITESPACE, TEXT_32, " " TEXT_32 " ")},
    {SECRET_ROW("tab in front", WHITESPACE, TEXT_32, "\t" TEXT_32)},
    {SECRET_ROW("spaces typed here, trimmed there", WHITESPACE, " " TEXT_32 "\n", TEXT_32)},
    {SECRET_ROW("double quotes", QUOTED, TEXT_32, "\"" TEXT_32 "\"")},
    {SECRET_ROW("single quotes", QUOTED, TEXT_32, "'" TEXT_32 "'")},
    {SECRET_ROW("quotes typed here, stripped there", QUOTED, "\"" TEXT_32 "\"", TEXT_32)},
    {SECRET_ROW("UTF-16, little end first", UTF16, "horse.battery.ok",
                "h\0o\0r\0s\0e\0.\0b\0a\0t\0t\0e\0r\0y\0.\0o\0k\0")},
    {SECRET_ROW("UTF-16, big end first", UTF16, "horse.battery.ok",
                "\0h\0o\0r\0s\0e\0.\0b\0a\0t\0t\0e\0r\0y\0.\0o\0k")},
    {SECRET_ROW("UTF-16 with a mark, little end first", UTF16, "horse.battery.ok",
                "\xFF\xFE"
                "h\0o\0r\0s\0e\0.\0b\0a\0t\0t\0e\0r\0y\0.\0o\0k\0")},
    {SECRET_ROW("UTF-16 with a mark, big end first", UTF16, "horse.battery.ok",
                "\xFE\xFF\0h\0o\0r\0s\0e\0.\0b\0a\0t\0t\0e\0r\0y\0.\0o\0k")},
    {SECRET_ROW("UTF-16 of two, three and four bytes of UTF-8", UTF16,
                "abcdefgh\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80",
                "a\0b\0c\0d\0e\0f\0g\0h\0\xE4\0\xAC\x20\x3D\xD8\x00\xDE")},
    {SECRET_ROW("an empty secret", EMPTY, SECRET, "")},
    {SECRET_ROW("the API secret", IS_API_CREDENTIAL, SECRET, "csn_api_secret_0123456789abcdef"),
     .seen = "the secret of the API key"},
    {.name = "the secret of the sample code",
     .first = CSN_FINDING_PLACEHOLDER,
     .reason = CSN_REASON_SIGNATURE_INVALID,
     .used = LIT("SECRET_KEY"),
     .seen = "SECRET_KEY"},
    {.name = "the shared secret of the sample code",
     .first = CSN_FINDING_PLACEHOLDER,
     .reason = CSN_REASON_SIGNATURE_INVALID,
     .used = LIT("<Shared secret>")},
    {.name = "the secret of another app",
     .first = CSN_FINDING_KEY_OF_OTHER_APP,
     .reason = CSN_REASON_SIGNATURE_INVALID,
     .used = LIT(OTHER_SECRET),
     .seen = "The other shop"},
    {.name = "a standby secret",
     .first = CSN_FINDING_KEY_STANDBY,
     .reason = CSN_REASON_SIGNATURE_INVALID,
     .seen = "key-new",
     .used = LIT("a secret on standby, of 42 characters.")},
    {.name = "a retired secret",
     .first = CSN_FINDING_KEY_RETIRED,
     .reason = CSN_REASON_SIGNATURE_INVALID,
     .seen = "key-old",
     .used = LIT("a secret long retired, 40 characters .")},
    {.name = "a retired secret whose verifier is gone",
     .first = CSN_FINDING_KEY_RETIRED,
     .reason = CSN_REASON_SIGNATURE_INVALID,
     .seen = "key-old",
     .stage = forget_verifier,
     .used = LIT("a secret long retired, 40 characters .")},
    {.name = "an expired secret",
     .first = CSN_FINDING_KEY_RETIRED,
     .reason = CSN_REASON_SIGNATURE_INVALID,
     .seen = "key-exp",
     .used = LIT("a secret whose time is over, 1234567890")},
    {SECRET_ROW("backticks", QUOTED, TEXT_32, "`" TEXT_32 "`")},
    {SECRET_ROW("single quotes typed here, stripped there", QUOTED, "'" TEXT_32 "'", TEXT_32)},
    {SECRET_ROW("UTF-16 of bytes that are no UTF-8, of a JWK", UTF16, "cORzc3f2cmQtcORzcy00Mg==",
                "p\0\xE4\0s\0s\0w\0\xF6\0r\0d\0-\0p\0\xE4\0s\0s\0-\0"
                "4\0"
                "2\0"),
     .encoding = CSN_ENCODING_BASE64, .stage = forget_text},
    {.name = "a secret without one letter, and nobody's",
     .first = CSN_FINDING_KEY_UNKNOWN,
     .reason = CSN_REASON_SIGNATURE_INVALID,
     .secret = LIT("!#$%&()*,.:;<>?@[]^{|}~"),
     .used = LIT("nobody has ever seen this secret before")},
    {.name = "a secret of two letters and much else, and nobody's",
     .first = CSN_FINDING_KEY_UNKNOWN,
     .reason = CSN_REASON_SIGNATURE_INVALID,
     .secret = LIT("!#$%&()*,.:;<>?@[]^{|}~ab"),
     .used = LIT("nobody has ever seen this secret before")},
    {.name = "a secret that only begins with a quote, and nobody's",
     .first = CSN_FINDING_KEY_UNKNOWN,
     .reason = CSN_REASON_SIGNATURE_INVALID,
     .secret = LIT("\"Kq7 vXw2-Zt9 Lm4!Rb8"),
     .used = LIT("nobody has ever seen this secret before")},
    {.name = "a secret nobody knows",
     .first = CSN_FINDING_KEY_UNKNOWN,
     .reason = CSN_REASON_SIGNATURE_INVALID,
     .used = LIT("nobody has ever seen this secret before")},
    {.name = "HS256 where HS512 is due",
     .first = CSN_FINDING_HMAC_HASH_DIFFERS,
     .reason = CSN_REASON_ALGORITHM_NOT_ALLOWED,
     .policy = "{'preset':'alchemer'}",
     .algorithm = CSN_HS256,
     .seen = "HS512"},
    {.name = "HS512 where HS256 is due",
     .first = CSN_FINDING_HMAC_HASH_DIFFERS,
     .reason = CSN_REASON_ALGORITHM_NOT_ALLOWED,
     .algorithm = CSN_HS512,
     .seen = "SHA-512"},
    {.name = "HS384 where HS256 is due",
     .first = CSN_FINDING_HMAC_HASH_DIFFERS,
     .reason = CSN_REASON_ALGORITHM_NOT_ALLOWED,
     .algorithm = CSN_HS384,
     .seen = "SHA-384"},
    {.name = "HS256 where HS384 is due",
     .first = CSN_FINDING_HMAC_HASH_DIFFERS,
     .reason = CSN_REASON_ALGORITHM_NOT_ALLOWED,
     .algorithm = CSN_HS256,
     .policy = "{'preset':'generic','algorithms':['HS384']}"},
    {.name = "the header says HS512, the MAC is HS256's",
     .first = CSN_FINDING_HMAC_HASH_DIFFERS,
     .reason = CSN_REASON_NO_KEY,
     .policy = "{'preset':'generic','algorithms':['HS256','HS512']}",
     .algorithm = CSN_HS256,
     .header = "{'alg':'HS512','typ':'JWT'}"},
    {.name = "the header says HS256, the MAC is HS512's",
     .first = CSN_FINDING_HMAC_HASH_DIFFERS,
     .reason = CSN_REASON_SIGNATURE_INVALID,
     .algorithm = CSN_HS512,
     .header = "{'alg':'HS256','typ':'JWT'}"},
};
const struct table secret_table = TABLE(secret_rows);
