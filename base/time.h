/* Civil time as arithmetic: Unix milliseconds to and from RFC 3339 text in UTC. No clock, no zone.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_BASE_TIME_H
#define CSN_BASE_TIME_H

#include "countersign/bytes.h"

#define CSN_TIME_TEXT_LENGTH 24 /* "2026-11-21T10:32:00.123Z" */

/* The years four digits can name: 0000-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z. */
#define CSN_TIME_MIN_MS (-62167219200000LL)
#define CSN_TIME_MAX_MS (CSN_TIME_END_S * 1000 - 1)

/* Appends e.g. "2026-11-21T10:32:00.123Z". Asserts CSN_TIME_MIN_MS <= time_ms <= CSN_TIME_MAX_MS.
 * Source: RFC 3339 §5.6. */
void csn_time_write_rfc3339(int64_t time_ms, struct csn_buffer *out);

/* Reads what csn_time_write_rfc3339 wrote, or the same without ".123". Strict: upper case T and Z,
 * no other zone, no leap second, only days the calendar has.
 * Out: *time_ms, only with CSN_OK. Returns: CSN_OK, CSN_INVALID. */
CSN_MUST_USE enum csn_status csn_time_read_rfc3339(struct csn_bytes text, int64_t *time_ms);

#endif
