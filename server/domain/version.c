/* Versions. See version.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/version.h"

/* Reads the next number of a dotted version, saturating: a longer number is only ever "later". */
static uint64_t
next_number(struct csn_bytes version, size_t *at)
{
    uint64_t value = 0;
    while (*at < version.len && version.ptr[*at] >= '0' && version.ptr[*at] <= '9') {
        uint64_t digit = (uint64_t)(version.ptr[*at] - '0');
        value = value > (UINT64_MAX - 9) / 10 ? UINT64_MAX : value * 10 + digit;
        (*at)++;
    }
    if (*at < version.len && version.ptr[*at] == '.')
        (*at)++;
    else
        *at = version.len;
    return value;
}

int
csn_version_compare(struct csn_bytes a, struct csn_bytes b)
{
    size_t at_a = 0, at_b = 0;
    while (at_a < a.len || at_b < b.len) {
        uint64_t number_a = next_number(a, &at_a);
        uint64_t number_b = next_number(b, &at_b);
        if (number_a != number_b)
            return number_a < number_b ? -1 : 1;
    }
    return 0;
}
