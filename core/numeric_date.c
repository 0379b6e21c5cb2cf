/* NumericDate (RFC 7519 §2). Integer, fraction and exponent are the same number here; no floating
 * point, so 1.1 seconds are 1100000 microseconds and nothing else.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/numeric_date.h"

#define SCALE_US 6 /* value x 10^6: seconds as microseconds */
#define SCALE_MS 3 /* value x 10^3: milliseconds as microseconds */

#define PLAIN_DIGITS_MAX 11 /* of a whole number of seconds below CSN_MILLISECONDS_FROM */

/* Nearly every NumericDate is ten digits and nothing else. Returns: whether this one is so. */
static inline bool
read_plain(struct csn_bytes number, int64_t *us)
{
    if (number.len > PLAIN_DIGITS_MAX)
        return false;
    uint64_t seconds = 0;
    for (const uint8_t *at = number.ptr, *end = at + number.len; at != end; at++) {
        unsigned digit = *at - (unsigned)'0';
        if (digit > 9)
            return false;
        seconds = seconds * 10 + digit;
    }
    *us = (int64_t)seconds * CSN_US_PER_S;
    return true;
}

enum csn_numeric_date
csn_numeric_date_read(struct csn_bytes number, enum csn_time_unit unit, int64_t *us)
{
    int64_t value = 0;
    if (read_plain(number, us))
        return CSN_DATE_READ;
    if (number.ptr[0] == '-') /* also -1e-9, which would be cut to zero */
        return CSN_DATE_INVALID;
    if (csn_json_number(number, SCALE_US, &value) == CSN_OK &&
        value < CSN_MILLISECONDS_FROM * CSN_US_PER_S) {
        *us = value;
        return CSN_DATE_READ;
    }
    if (csn_json_number(number, SCALE_MS, &value) != CSN_OK ||
        value >= CSN_TIME_END_S * CSN_US_PER_S)
        return CSN_DATE_INVALID;
    if (unit != CSN_TIME_AUTO)
        return CSN_DATE_IN_MILLISECONDS;
    *us = value;
    return CSN_DATE_READ;
}
