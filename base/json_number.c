/* JSON numbers, read exactly (RFC 8259 §6). No floating point: a NumericDate of 1e-1 is 100 ms and
 * not a rounding surprise.
 *
 * A number is digits x 10^exponent. To read it at a scale is to ask how many of its digits stand
 * before the point then, and to take just those. An exponent of any size is read to its end and
 * held at EXPONENT_MAX, far beyond any effect it can have.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/json_scan.h"

#define EXPONENT_MAX INT64_C(100000000000000000)

struct number {
    uint8_t digits[CSN_JSON_NUMBER_MAX]; /* values 0..9, the point left out */
    unsigned count;
    int64_t exponent; /* of the last digit */
    bool negative;
};

const uint8_t *
csn_json_exponent_end(const uint8_t *at, const uint8_t *end)
{
    if (at < end && (*at == '+' || *at == '-'))
        at++;
    return csn_json_digits_end(at, end);
}

/* In: `at` stands behind the `e`. */
static int64_t
read_exponent(const uint8_t *at, const uint8_t *end)
{
    bool negative = *at == '-';
    if (!csn_json_is_digit(*at))
        at++;
    int64_t value = 0;
    for (; at < end; at++) {
        if (value < EXPONENT_MAX)
            value = value * 10 + (*at - '0');
    }
    return negative ? -value : value;
}

/* Takes a text apart. Returns: it is a number of allowed length. */
static bool
split(struct csn_bytes text, struct number *out)
{
    if (text.len == 0 || text.len > CSN_JSON_NUMBER_MAX)
        return false;
    const uint8_t *at = text.ptr, *end = text.ptr + text.len;
    if (csn_json_number_end(at, end) != end)
        return false;
    if (*at == '-') {
        out->negative = true;
        at++;
    }
    bool behind_point = false;
    for (; at < end && (*at | 0x20) != 'e'; at++) {
        if (*at == '.') {
            behind_point = true;
            continue;
        }
        out->digits[out->count] = (uint8_t)(*at - '0');
        out->count++;
        out->exponent -= behind_point ? 1 : 0;
    }
    if (at < end)
        out->exponent += read_exponent(at + 1, end);
    return true;
}

/* Out: *value, cut toward zero. Returns: it fits. */
static bool
take_digits(const struct number *n, int64_t wanted, int64_t *value)
{
    uint64_t limit = (uint64_t)INT64_MAX + (n->negative ? 1 : 0);
    uint64_t sum = 0;
    for (int64_t i = 0; i < wanted; i++) {
        /* Zeros behind zeros change nothing, however many; behind anything else they soon
         * overflow. So the loop is short. */
        if (i >= n->count && sum == 0)
            break;
        uint64_t digit = i < n->count ? n->digits[i] : 0;
        if (sum > (limit - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *value = n->negative ? (int64_t)(0 - sum) : (int64_t)sum;
    return true;
}

static bool
is_zero_from(const struct number *n, int64_t first)
{
    for (int64_t i = first < 0 ? 0 : first; i < n->count; i++) {
        if (n->digits[i] != 0)
            return false;
    }
    return true;
}

enum csn_status
csn_json_number(struct csn_bytes text, unsigned scale, int64_t *out)
{
    struct number n = {0};
    if (!split(text, &n))
        return CSN_INVALID;
    return take_digits(&n, n.count + n.exponent + scale, out) ? CSN_OK : CSN_INVALID;
}

enum csn_status
csn_json_integer(struct csn_bytes text, int64_t *out)
{
    struct number n = {0};
    if (!split(text, &n))
        return CSN_INVALID;
    int64_t wanted = n.count + n.exponent;
    if (!is_zero_from(&n, wanted))
        return CSN_INVALID;
    return take_digits(&n, wanted, out) ? CSN_OK : CSN_INVALID;
}
