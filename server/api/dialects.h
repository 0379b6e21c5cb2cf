/* The endpoints of the compatible systems. Declared here, defined in server/dialects/: the API
 * knows that there are dialects, and none of them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_DIALECTS_H
#define CSN_SERVER_API_DIALECTS_H

#include "server/api/route.h"

size_t csn_dialect_route_count(void);
const struct csn_route *csn_dialect_route_at(size_t index);

#endif
