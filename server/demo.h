/* The demo: one app for each of the five systems, and for each a command that mints a token the way
 * that system documents and logs in with it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DEMO_H
#define CSN_SERVER_DEMO_H

#include "server/service.h"
#include <stdio.h>

/* Makes the demo apps in the root account, with keys whose secrets go to `data`/demo/ (0600); apps
 * that are there already are left alone. Returns: CSN_OK, CSN_IO, or what the store said. */
CSN_MUST_USE enum csn_status csn_demo_prepare(struct csn_service *service, struct csn_id account,
                                              const char *data);

/* Prints the five commands. `program` is how to call this program, `url` where it listens. */
CSN_MUST_USE enum csn_status csn_demo_print(struct csn_service *service, struct csn_id account,
                                            const char *data, const char *program, const char *url,
                                            FILE *to);

#endif
