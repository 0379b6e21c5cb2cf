/* Comparing secrets.
 *
 * Eight bytes at a time: the library's function goes byte by byte, which for a MAC costs as much as
 * a compression of its hash. That time depends on the length alone is shown under valgrind
 * (tests/unit/crypto/constant_time.c).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/crypto.h"

bool
csn_equal_secret(struct csn_bytes a, struct csn_bytes b)
{
    if (a.len != b.len)
        return false;
    uint64_t difference = 0;
    size_t i = 0;
    for (; i + sizeof difference <= a.len; i += sizeof difference) {
        uint64_t from_a, from_b;
        memcpy(&from_a, a.ptr + i, sizeof from_a);
        memcpy(&from_b, b.ptr + i, sizeof from_b);
        difference |= from_a ^ from_b;
    }
    for (; i < a.len; i++)
        difference |= (uint64_t)(a.ptr[i] ^ b.ptr[i]);
    /* For all the compiler knows, this changes it: there is no leaving early. */
    __asm__ __volatile__("" : "+r"(difference));
    return difference == 0;
}
