/* Inside management: an app's row, its documents, and how they are saved.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_MANAGEMENT_APP_ROWS_H
#define CSN_SERVER_DOMAIN_MANAGEMENT_APP_ROWS_H

#include "server/domain/management_apps.h"
#include "server/domain/management_parts.h"

/* Everything of the app, shown. The row's texts are borrowed by *out. */
CSN_MUST_USE enum csn_status csn_app_info_read(struct csn_management *m,
                                               const struct csn_app_row *row,
                                               struct csn_app_info *out);

/* Writes the row under its next generation, stages the app, and shows it. */
CSN_MUST_USE enum csn_status csn_app_row_save(struct csn_management *m, struct csn_app_row *row,
                                              struct csn_app_info *out);

/* Sets the row's policy, issuer and preset from a new app's preset and overrides. */
CSN_MUST_USE enum csn_status csn_app_row_set_first_policy(struct csn_management *m,
                                                          const struct csn_app_request *with,
                                                          struct csn_app_row *row);

/* Sets the row's enforcement from a document, which is stored in full. */
CSN_MUST_USE enum csn_status csn_app_row_set_enforcement(struct csn_management *m,
                                                         struct csn_bytes json,
                                                         struct csn_app_row *row, int64_t now_ms);

/* Opens the sealed address of a JWKS into the arena. */
CSN_MUST_USE enum csn_status
csn_jwks_url_open(struct csn_management *m, const struct csn_jwks_row *row, struct csn_bytes *url);

#endif
