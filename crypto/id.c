/* Ids of things.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/id.h"

#include <string.h>

#include "base/panic.h"

#define TIME_DIGITS 10 /* 50 bits for 48: the first digit is at most 7 */
#define TIME_LIMIT (INT64_C(1) << 48)
#define RANDOM_BYTES 10

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void
csn_id_make(const struct csn_random *random, char out[CSN_ID_SIZE], int64_t now_ms)
{
    CSN_ASSERT(now_ms >= 0 && now_ms < TIME_LIMIT);
    uint64_t time = (uint64_t)now_ms;
    for (size_t i = TIME_DIGITS; i-- > 0; time >>= 5)
        out[i] = alphabet[time & 31];

    uint8_t bytes[RANDOM_BYTES];
    csn_random_fill(random, bytes, sizeof bytes);
    for (size_t half = 0; half < 2; half++) { /* 5 bytes are 8 digits */
        uint64_t bits = 0;
        for (size_t i = 0; i < 5; i++)
            bits = bits << 8 | bytes[5 * half + i];
        for (size_t i = 8; i-- > 0; bits >>= 5)
            out[TIME_DIGITS + 8 * half + i] = alphabet[bits & 31];
    }
    out[CSN_ID_LENGTH] = '\0';
}

/* Returns: its value; -1 outside the alphabet. */
static int
digit_value(uint8_t digit)
{
    const char *at = digit == '\0' ? NULL : strchr(alphabet, digit);
    return at == NULL ? -1 : (int)(at - alphabet);
}

bool
csn_id_valid(struct csn_bytes text)
{
    if (text.len != CSN_ID_LENGTH || text.ptr[0] > '7')
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (digit_value(text.ptr[i]) < 0)
            return false;
    return true;
}

int64_t
csn_id_time_ms(struct csn_bytes text)
{
    if (!csn_id_valid(text))
        return -1;
    int64_t time = 0;
    for (size_t i = 0; i < TIME_DIGITS; i++)
        time = time * 32 + digit_value(text.ptr[i]);
    return time;
}
