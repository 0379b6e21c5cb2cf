/* Civil time as arithmetic on the proleptic Gregorian calendar.
 *
 * A day is counted in a year that begins on the 1st of March, so that the leap day is its last and
 * the lengths of the months before it never change: month m (March = 0) begins at day
 * (153 m + 2) / 5. 400 years are exactly 146097 days.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"

#include "base/panic.h"

#define DAY_MS 86400000LL
#define DAYS_PER_400_YEARS 146097
#define DAYS_BEFORE_1970 719468 /* from 0000-03-01 to 1970-01-01 */

struct civil {
    unsigned year, month, day, hour, minute, second, millisecond;
};

static int64_t
days_from_civil(unsigned year, unsigned month, unsigned day)
{
    /* Shifted by 400 years, so that January of the year 0 stays unsigned. */
    unsigned y = year + 400 - (month <= 2 ? 1 : 0);
    unsigned m = month > 2 ? month - 3 : month + 9;
    unsigned day_of_year = (153 * m + 2) / 5 + day - 1;
    int64_t days = 365 * (int64_t)y + y / 4 - y / 100 + y / 400 + day_of_year;
    return days - DAYS_PER_400_YEARS - DAYS_BEFORE_1970;
}

static void
civil_from_days(int64_t days, struct civil *out)
{
    uint32_t z = (uint32_t)(days + DAYS_BEFORE_1970 + DAYS_PER_400_YEARS);
    uint32_t era = z / DAYS_PER_400_YEARS;
    uint32_t in_era = z % DAYS_PER_400_YEARS;
    /* Takes the leap days out: one per 1460 days, less one per century, plus one per era. */
    uint32_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    uint32_t in_year = in_era - (365 * year + year / 4 - year / 100);
    uint32_t m = (5 * in_year + 2) / 153;
    out->day = in_year - (153 * m + 2) / 5 + 1;
    out->month = m < 10 ? m + 3 : m - 9;
    out->year = year + era * 400 - 400 + (out->month <= 2 ? 1 : 0);
}

static void
write_digits(unsigned value, unsigned digits, uint8_t **at)
{
    for (unsigned i = digits; i-- > 0;) {
        (*at)[i] = (uint8_t)('0' + value % 10);
        value /= 10;
    }
    *at += digits;
}

void
csn_time_write_rfc3339(int64_t time_ms, struct csn_buffer *out)
{
    CSN_ASSERT(time_ms >= CSN_TIME_MIN_MS && time_ms <= CSN_TIME_MAX_MS);
    int64_t since_min = time_ms - CSN_TIME_MIN_MS; /* not negative: / and % go the same way */
    uint32_t in_day = (uint32_t)(since_min % DAY_MS);
    struct civil c = {0};
    civil_from_days(since_min / DAY_MS + CSN_TIME_MIN_MS / DAY_MS, &c);

    uint8_t text[CSN_TIME_TEXT_LENGTH];
    uint8_t *at = text;
    write_digits(c.year, 4, &at);
    *at++ = '-';
    write_digits(c.month, 2, &at);
    *at++ = '-';
    write_digits(c.day, 2, &at);
    *at++ = 'T';
    write_digits(in_day / 3600000, 2, &at);
    *at++ = ':';
    write_digits(in_day / 60000 % 60, 2, &at);
    *at++ = ':';
    write_digits(in_day / 1000 % 60, 2, &at);
    *at++ = '.';
    write_digits(in_day % 1000, 3, &at);
    *at = 'Z';
    csn_buffer_append(out, csn_bytes_of(text, sizeof text));
}

/* Reads `digits` digits and the `mark` behind them. Returns: they stand there. */
static bool
read_field(const uint8_t **at, unsigned digits, uint8_t mark, unsigned *out)
{
    unsigned value = 0;
    for (unsigned i = 0; i < digits; i++) {
        uint8_t c = (*at)[i];
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    if ((*at)[digits] != mark)
        return false;
    *at += digits + 1;
    *out = value;
    return true;
}

static unsigned
days_in_month(unsigned year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : days[month - 1];
}

static bool
exists(const struct civil *c)
{
    if (c->month < 1 || c->month > 12)
        return false;
    if (c->day < 1 || c->day > days_in_month(c->year, c->month))
        return false;
    return c->hour <= 23 && c->minute <= 59 && c->second <= 59;
}

enum csn_status
csn_time_read_rfc3339(struct csn_bytes text, int64_t *time_ms)
{
    bool fraction = text.len == CSN_TIME_TEXT_LENGTH;
    if (!fraction && text.len != CSN_TIME_TEXT_LENGTH - 4)
        return CSN_INVALID;
    const uint8_t *at = text.ptr;
    struct civil c = {0};
    if (!read_field(&at, 4, '-', &c.year) || !read_field(&at, 2, '-', &c.month) ||
        !read_field(&at, 2, 'T', &c.day) || !read_field(&at, 2, ':', &c.hour) ||
        !read_field(&at, 2, ':', &c.minute) || !read_field(&at, 2, fraction ? '.' : 'Z', &c.second))
        return CSN_INVALID;
    if (fraction && !read_field(&at, 3, 'Z', &c.millisecond))
        return CSN_INVALID;
    if (!exists(&c))
        return CSN_INVALID;
    int64_t in_day = (int64_t)c.hour * 3600000 + c.minute * 60000 + c.second * 1000 + c.millisecond;
    *time_ms = days_from_civil(c.year, c.month, c.day) * DAY_MS + in_day;
    return CSN_OK;
}
