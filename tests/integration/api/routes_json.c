/* Prints the route table as JSON, one endpoint a line, for the test that holds it against
 * api/openapi.yaml.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "server/api/route.h"

static const char *const METHODS[] = {
    [CSN_GET] = "get",         [CSN_HEAD] = "head",       [CSN_POST] = "post",
    [CSN_PUT] = "put",         [CSN_PATCH] = "patch",     [CSN_DELETE] = "delete",
    [CSN_OPTIONS] = "options", [CSN_METHOD_OTHER] = "any"};
static const char *const ACCESS[] = {
    [CSN_ACCESS_UNSET] = "unset",   [CSN_ACCESS_PUBLIC] = "public",
    [CSN_ACCESS_BEARER] = "bearer", [CSN_ACCESS_GATEWAY] = "gateway",
    [CSN_ACCESS_VIEWER] = "viewer", [CSN_ACCESS_USER] = "user",
    [CSN_ACCESS_ADMIN] = "admin",   [CSN_ACCESS_ROOT] = "root"};

int
main(void)
{
    for (size_t i = 0; i < csn_route_count(); i++) {
        const struct csn_route *route = csn_route_at(i);
        printf("{\"method\":\"%s\",\"path\":\"%s\",\"operation\":\"%s\",\"access\":\"%s\","
               "\"app\":%s,\"browser\":%s,\"body\":%zu}\n",
               METHODS[route->method], route->path, route->operation, ACCESS[route->access],
               route->app_param ? "true" : "false", route->browser ? "true" : "false",
               route->body_max);
    }
    return 0;
}
