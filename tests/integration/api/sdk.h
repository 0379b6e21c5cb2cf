/* An app, and what its SDK asks: what the tests of login and sessions share.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_API_SDK_H
#define CSN_TESTS_API_SDK_H

#include "one_world.h"

extern const char *app;      /* made from "generic": HS256 by SECRET, sub and exp */
extern const char *sessions; /* its POST sessions */
extern const char *current;  /* its sessions/current */

int sdk_setup(void **state);
int sdk_teardown(void **state);

/* POST sessions of DEVICE; `members` follow the device: ",\"token\":...". */
int sdk_start(const char *bearer, const char *members);
int sdk_start_with(const char *token);
/* Returns: the session token of device-1 for `sub`. */
const char *sdk_login(const char *sub);
int sdk_refresh(const char *bearer, const char *token);
int sdk_logout(const char *bearer, const char *body);
void sdk_enforce(const char *mode);
/* Returns: the session token of `sub` on the device, anonymous where `sub` is NULL. Free it. */
const char *sdk_login_on(const char *device, const char *sub);

/* --- the log --- */
int sdk_sync(const char *bearer, const char *body);
/* Returns: an event of that id, as JSON. */
const char *sdk_event(const char *id);
int sdk_append(const char *bearer, const char *id);
/* Returns: the last answer's items are exactly these ids, in this order ("a b c"). */
bool sdk_got(const char *ids);

#endif
