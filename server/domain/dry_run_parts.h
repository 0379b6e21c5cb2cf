/* Inside the dry run: what its files share.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_DRY_RUN_PARTS_H
#define CSN_SERVER_DOMAIN_DRY_RUN_PARTS_H

#include "server/domain/dry_run.h"

/* Notes which parts of the change cannot be told from what was recorded. */
void csn_dry_run_notes(const struct csn_policy *current, const struct csn_policy *proposed,
                       struct csn_dry_run *out);

#endif
