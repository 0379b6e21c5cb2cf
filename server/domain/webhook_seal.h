/* Inside webhooks: how their rows seal what they hold.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_WEBHOOK_SEAL_H
#define CSN_SERVER_DOMAIN_WEBHOOK_SEAL_H

#include "server/domain/management_parts.h"

#define CSN_SEALED_WEBHOOK_URL "webhook url"
#define CSN_SEALED_WEBHOOK_SECRET "webhook secret"
#define CSN_SEALED_PUSH_KEY "push key"

/* Seals `text` for one row of one kind. Out: *out, in the arena. Returns: CSN_OK, CSN_NO_SPACE. */
CSN_MUST_USE enum csn_status csn_webhook_seal(struct csn_management *m, const char *kind,
                                              struct csn_id app, struct csn_id row,
                                              struct csn_bytes text, struct csn_bytes *out);

#endif
