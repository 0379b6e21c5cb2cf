/* NumericDate (RFC 7519 §2): seconds since 1970 as a JSON number, read exactly.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CORE_NUMERIC_DATE_H
#define CSN_CORE_NUMERIC_DATE_H

#include "countersign/policy.h"

#define CSN_US_PER_S 1000000LL
#define CSN_US_PER_MS 1000LL

/* From this value on, a number is milliseconds: as seconds it would lie beyond the year 5138, as
 * milliseconds it begins in 1973. */
#define CSN_MILLISECONDS_FROM 100000000000LL

enum csn_numeric_date {
    CSN_DATE_INVALID = 0,     /* negative, or at or beyond CSN_TIME_END_S */
    CSN_DATE_IN_MILLISECONDS, /* a good time, but in milliseconds where seconds are due */
    CSN_DATE_READ,
};

/* In: `number`, the text of a JSON number. Out: *us, cut to the microsecond, when CSN_DATE_READ.
 * A sign refuses, even of zero. Cost: bounded by the text, whatever its exponent. */
enum csn_numeric_date csn_numeric_date_read(struct csn_bytes number, enum csn_time_unit unit,
                                            int64_t *us);

#endif
