/* All dialects, one after the other.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/dialects.h"

#include "server/dialects/tables.h"

static const struct csn_dialect *const dialects[] = {&csn_dialect_kustomer, &csn_dialect_appcues};
#define DIALECTS (sizeof dialects / sizeof dialects[0])

size_t
csn_dialect_route_count(void)
{
    size_t count = 0;
    for (size_t i = 0; i < DIALECTS; i++)
        count += dialects[i]->count;
    return count;
}

const struct csn_route *
csn_dialect_route_at(size_t index)
{
    for (size_t i = 0; i < DIALECTS; i++) {
        if (index < dialects[i]->count)
            return &dialects[i]->routes[index];
        index -= dialects[i]->count;
    }
    return NULL;
}
