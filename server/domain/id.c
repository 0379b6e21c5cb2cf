/* ULIDs.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/id.h"

#include <string.h>

#include "base/panic.h"
#include "crypto/random.h"

#define TIME_DIGITS 10

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* 26 digits of 5 bits hold 130: the first carries only the top three bits of the time. */
void
csn_id_make(const struct csn_random *random, struct csn_id *out, int64_t now_ms)
{
    CSN_ASSERT(now_ms >= 0 && now_ms < INT64_C(1) << 48);
    uint8_t noise[CSN_ID_LENGTH - TIME_DIGITS]; /* one byte a digit: 16 * 5 = 80 bits are used */
    csn_random_fill(random, noise, sizeof noise);
    uint64_t time = (uint64_t)now_ms;
    for (size_t i = TIME_DIGITS; i > 0; i--) {
        out->text[i - 1] = digits[time & 31];
        time >>= 5;
    }
    for (size_t i = 0; i < sizeof noise; i++)
        out->text[TIME_DIGITS + i] = digits[noise[i] & 31];
    out->text[CSN_ID_LENGTH] = '\0';
}

void
csn_id_from_bytes(const uint8_t bytes[16], struct csn_id *out)
{
    uint32_t rest = 0; /* two bits of nothing lead, as the first digit holds three */
    unsigned bits = 2;
    for (size_t i = 0, at = 0; i < CSN_ID_LENGTH; i++) {
        if (bits < 5) {
            rest = rest << 8 | bytes[at++];
            bits += 8;
        }
        bits -= 5;
        out->text[i] = digits[rest >> bits & 31];
    }
    out->text[CSN_ID_LENGTH] = '\0';
}

bool
csn_id_read(struct csn_bytes text, struct csn_id *out)
{
    *out = (struct csn_id){0};
    if (text.len != CSN_ID_LENGTH || text.ptr[0] > '7')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (memchr(digits, text.ptr[i], sizeof digits - 1) == NULL)
            return false;
    }
    memcpy(out->text, text.ptr, CSN_ID_LENGTH);
    return true;
}

bool
csn_id_equal(const struct csn_id *a, const struct csn_id *b)
{
    return memcmp(a->text, b->text, CSN_ID_LENGTH) == 0;
}

bool
csn_id_is_none(const struct csn_id *id)
{
    return id->text[0] == '\0';
}

struct csn_bytes
csn_id_view(const struct csn_id *id)
{
    return csn_bytes_text(id->text);
}
