/* The two sides of bench login: the same rows, told apart by who writes them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_BENCH_LOGIN_SIDES_H
#define CSN_BENCH_LOGIN_SIDES_H

#include <stdbool.h>
#include <stddef.h>

/* Every second login is of a customer who was not there before, on a new device; the others come
 * back on theirs, which ends the session they had. */
#define CSN_LOGIN_DEVICE "b6f1c8f2-2f0e-4c1c-9d3a-%012zu"

struct csn_login_ours *csn_login_ours_open(const char *where, size_t clients, size_t customers);
void csn_login_ours_close(struct csn_login_ours *ours); /* accepts NULL */
/* One login of one client, with a token minted for it. */
bool csn_login_ours_once(struct csn_login_ours *ours, size_t client);
/* Returns: logins of one commit, on average, since it was asked last. */
double csn_login_ours_batch(struct csn_login_ours *ours);

struct csn_login_bare *csn_login_bare_open(const char *where, size_t clients, size_t customers);
void csn_login_bare_close(struct csn_login_bare *side);
bool csn_login_bare_once(struct csn_login_bare *side, size_t client);
double csn_login_bare_batch(struct csn_login_bare *side);
const char *csn_login_bare_folder(const struct csn_login_bare *side);

#endif
