/* What must hold of a database whatever happened to the process that wrote it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_DURABILITY_CHECK_H
#define CSN_TESTS_DURABILITY_CHECK_H

#include "tests/integration/durability/acts.h"

/* integrity_check, foreign keys, and the invariants at the top of 0002-sessions.sql, 0006-log.sql
 * and 0007-links.sql. */
void check_whole(struct csn_store *store);

/* Each acknowledged act is there. */
void check_acks(struct stage *stage, struct csn_store *store, const struct ack *acks, size_t count);

#endif
