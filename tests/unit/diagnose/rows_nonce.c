/* Mistakes with the nonce of a challenge.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <string.h>

#define X64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define POLICY "{'preset':'dotdigital'}"
#define CLAIMS(nonce) "{'iss':'i','aud':'a','sub':'u','nonce':" nonce ",'iat':@-1,'exp':@+900}"
#define NONCE_ROW(title, code, cause, value)                                                       \
    .name = title, .first = CSN_FINDING_##code, .reason = CSN_REASON_##cause, .policy = POLICY,    \
    .claims = CLAIMS(value), .stage = challenges

/* The challenge given out now, and three that were given out before. `with`: what else is known.
 *   NULL      the current one is expected
 *   "any"     none is expected, as when a token is pasted
 *   "again"   the app has asked again since
 *   "it", "late", "theirs"  the one used before, expired, or another device's is expected
 *   "base64"  the one expected now happens to be base64 of a text
 *   "only"    nothing is known but the one expected
 *   "nothing" nothing is known at all */
static void
challenges(struct scene *s, const struct row *row)
{
    const char *known = row->with != NULL ? row->with : "";
    struct csn_bytes current = csn_bytes_text("n-0S6_WzA2Mj");
    if (strcmp(known, "nothing") == 0)
        return;
    if (strcmp(known, "any") != 0)
        s->request.expected_nonce = current;
    if (strcmp(known, "again") == 0)
        s->request.expected_nonce = csn_bytes_text("the-second-one0");
    if (strcmp(known, "it") == 0)
        s->request.expected_nonce = csn_bytes_text("used-already-01");
    if (strcmp(known, "late") == 0)
        s->request.expected_nonce = csn_bytes_text("of-long-ago-012");
    if (strcmp(known, "theirs") == 0)
        s->request.expected_nonce = csn_bytes_text("other-device-01");
    if (strcmp(known, "base64") == 0)
        s->request.expected_nonce = csn_bytes_text("aGVsbG8sIHdvcmxkIQ");
    if (strcmp(known, "only") == 0)
        return;
    s->nonces[0] = (struct csn_diagnosis_nonce){.nonce = current, .issued_ms = NOW_MS - 2000};
    s->nonces[1] =
        (struct csn_diagnosis_nonce){.nonce = csn_bytes_text("used-already-01"), .used = true};
    s->nonces[2] =
        (struct csn_diagnosis_nonce){.nonce = csn_bytes_text("of-long-ago-012"), .expired = true};
    s->nonces[3] = (struct csn_diagnosis_nonce){.nonce = csn_bytes_text("other-device-01"),
                                                .other_device = true};
    s->nonce_count = 4;
}

static const struct row nonce_rows[] = {
    {NONCE_ROW("used before", NONCE_EARLIER, NONCE_UNKNOWN, "'used-already-01'"), .seen = "used"},
    {NONCE_ROW("an expired challenge", NONCE_EARLIER, NONCE_UNKNOWN, "'of-long-ago-012'"),
     .seen = "expired"},
    {NONCE_ROW("an earlier challenge", NONCE_EARLIER, NONCE_UNKNOWN, "'n-0S6_WzA2Mj'"),
     .with = "again", .seen = "earlier"},
    {NONCE_ROW("another device's", NONCE_OTHER_DEVICE, NONCE_UNKNOWN, "'other-device-01'")},
    {.name = "the nonce is good, the token too early",
     .first = CSN_FINDING_NOT_YET_VALID,
     .reason = CSN_REASON_NOT_YET_VALID,
     .policy = POLICY,
     .stage = challenges,
     .with = "any",
     .claims =
         "{'iss':'i','aud':'a','sub':'u','nonce':'n-0S6_WzA2Mj','iat':@-1,'nbf':@+90,'exp':@+900}"},
    {NONCE_ROW("used before, none expected now", NONCE_EARLIER, NONCE_USED, "'used-already-01'"),
     .with = "any"},
    {NONCE_ROW("expired, none expected now", NONCE_EARLIER, NONCE_EXPIRED, "'of-long-ago-012'"),
     .with = "any"},
    {NONCE_ROW("another device's, none expected now", NONCE_OTHER_DEVICE, NONCE_UNKNOWN,
               "'other-device-01'"),
     .with = "any"},
    {NONCE_ROW("the one expected, used before", NONCE_EARLIER, NONCE_USED, "'used-already-01'"),
     .with = "it", .seen = "used"},
    {NONCE_ROW("the one expected, expired", NONCE_EARLIER, NONCE_EXPIRED, "'of-long-ago-012'"),
     .with = "late", .seen = "expired"},
    {NONCE_ROW("the one expected, another device's", NONCE_OTHER_DEVICE, NONCE_UNKNOWN,
               "'other-device-01'"),
     .with = "theirs"},
    {NONCE_ROW("base64 of it", NONCE_ENCODED, NONCE_UNKNOWN, "'bi0wUzZfV3pBMk1q'")},
    {NONCE_ROW("base64 of it, no list known", NONCE_ENCODED, NONCE_UNKNOWN, "'bi0wUzZfV3pBMk1q'"),
     .with = "only"},
    {NONCE_ROW("hex of it", NONCE_ENCODED, NONCE_UNKNOWN, "'6e2d3053365f577a41324d6a'")},
    {NONCE_ROW("percent-encoded", NONCE_ENCODED, NONCE_UNKNOWN, "'n%2D0S6%5FWzA2Mj'")},
    {NONCE_ROW("percent-encoded, small digits", NONCE_ENCODED, NONCE_UNKNOWN,
               "'n%2d0S6%5fWzA2Mj'")},
    {NONCE_ROW("percent signs that escape nothing", NONCE_UNKNOWN, NONCE_UNKNOWN, "'n%2%zz%5'")},
    {NONCE_ROW("nothing but padding", NONCE_UNKNOWN, NONCE_UNKNOWN, "'=='")},
    {NONCE_ROW("longer than any", CLAIM_INVALID, CLAIM_INVALID, "'" X64 X64 X64 X64 "'"),
     .seen = "xxx"},
    {NONCE_ROW("base64 of one that is not the one expected", NONCE_ENCODED, NONCE_UNKNOWN,
               "'dXNlZC1hbHJlYWR5LTAx'")},
    {NONCE_ROW("decoded, where it is base64 itself", NONCE_ENCODED, NONCE_UNKNOWN,
               "'hello, world!'"),
     .with = "base64"},
    {NONCE_ROW("in lower case", NONCE_ENCODED, NONCE_UNKNOWN, "'n-0s6_wza2mj'")},
    {NONCE_ROW("with a line end", NONCE_ENCODED, NONCE_UNKNOWN, "' n-0S6_WzA2Mj '")},
    {NONCE_ROW("in quotation marks", NONCE_ENCODED, NONCE_UNKNOWN, "'\\'n-0S6_WzA2Mj\\''"),
     .with = "any"},
    {NONCE_ROW("in single quotes", NONCE_ENCODED, NONCE_UNKNOWN, "'\\u0027n-0S6_WzA2Mj\\u0027'")},
    {NONCE_ROW("standard base64 of its characters", NONCE_ENCODED, NONCE_UNKNOWN,
               "'n+0S6/WzA2Mj'")},
    {NONCE_ROW("nobody's", NONCE_UNKNOWN, NONCE_UNKNOWN, "'made-up-by-myself'")},
    {NONCE_ROW("nobody's, no list known", NONCE_UNKNOWN, NONCE_UNKNOWN, "'made-up-by-myself'"),
     .with = "only"},
    {NONCE_ROW("nothing is known to compare with", NONCE_UNKNOWN, NONCE_UNKNOWN, "'n-0S6_WzA2Mj'"),
     .with = "nothing", .seen = "exactly this nonce"},
    {NONCE_ROW("a number", CLAIM_NOT_TEXT, CLAIM_INVALID, "12"), .seen = "nonce",
     .fix = "{\"nonce\": options.nonce}"},
    {NONCE_ROW("empty", CLAIM_EMPTY, CLAIM_INVALID, "''"), .seen = "nonce"},
    {NONCE_ROW("a control character in it", CLAIM_INVALID, CLAIM_INVALID, "'n\\u0007x'"),
     .seen = "nonce"},
    {.name = "no nonce",
     .first = CSN_FINDING_CLAIM_MISSING,
     .reason = CSN_REASON_NONCE_MISSING,
     .policy = POLICY,
     .claims = "{'iss':'i','aud':'a','sub':'u','iat':@-1,'exp':@+900}",
     .stage = challenges,
     .seen = "nonce"},
    {.name = "Nonce for nonce",
     .first = CSN_FINDING_CLAIM_MISSPELLED,
     .reason = CSN_REASON_NONCE_MISSING,
     .policy = POLICY,
     .seen = "Nonce",
     .stage = challenges,
     .claims = "{'iss':'i','aud':'a','sub':'u','Nonce':'n-0S6_WzA2Mj','iat':@-1,'exp':@+900}"},
};
const struct table nonce_table = TABLE(nonce_rows);
