/* The endpoints of each dialect. A dialect is one file and one table.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DIALECTS_TABLES_H
#define CSN_SERVER_DIALECTS_TABLES_H

#include "server/api/dialects.h"

struct csn_dialect {
    const struct csn_route *routes;
    size_t count;
};

extern const struct csn_dialect csn_dialect_kustomer;
extern const struct csn_dialect csn_dialect_appcues;

#endif
