/* A small world for tests of the registry side: a store in memory, a registry, a root account, and
 * one operation at a time, each in its own transaction and settled as the server does it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_REGISTRY_WORLD_H
#define CSN_TESTS_REGISTRY_WORLD_H

#include "crypto/random.h"
#include "server/domain/id.h"
#include "server/domain/management_accounts.h"
#include "server/domain/management_apps.h"
#include "server/domain/management_keys.h"

#define RW_ARENA (1024 * 1024)
#define RW_NOW 1795219200000LL /* 2026-11-21 */

struct registry_world {
    struct csn_random_seeded seeded;
    struct csn_random random;
    struct csn_store *store;
    struct csn_registry *registry;
    struct csn_management m;
    struct csn_arena arena;
    int64_t now_ms;
    struct csn_id root;               /* the account */
    struct csn_api_key_made root_key; /* of the first start */
    void *memory;
};

void rw_open(struct registry_world *w);
void rw_close(struct registry_world *w);

/* For each test: *state is an open world. */
int rw_setup(void **state);
int rw_teardown(void **state);

/* Forgets the registry and loads a new one from the same store. */
void rw_restart(struct registry_world *w);

/* One operation: RW(&w, csn_management_…(&w.m, …)). Results lie in the arena until the next one. */
void rw_begin(struct registry_world *w);
enum csn_status rw_end(struct registry_world *w, enum csn_status status);
#define RW(w, call) (rw_begin(w), rw_end((w), (call)))

/* The same, ending as if the commit had failed. */
enum csn_status rw_fail(struct registry_world *w, enum csn_status status);
#define RW_LOST(w, call) (rw_begin(w), rw_fail((w), (call)))

/* Makes another account and returns its scope. */
struct csn_scope rw_other_account(struct registry_world *w);

/* Makes an app under the present scope. `preset` NULL: generic HS256. */
struct csn_id rw_app(struct registry_world *w, const char *preset);

/* Adds a secret to the app. Asserts that it works. Returns: the key's id. */
struct csn_id rw_secret(struct registry_world *w, struct csn_id app, const char *text);

/* A key made, moved to another state, and as it is shown (which is asserted to work). */
enum csn_status rw_key_make(struct registry_world *w, struct csn_id app,
                            const struct csn_key_request *with, struct csn_key_made *made);
enum csn_status rw_key_move(struct registry_world *w, struct csn_id app, struct csn_id key,
                            enum csn_key_state to, bool force);
struct csn_key_info rw_key_look(struct registry_world *w, struct csn_id app, struct csn_id key);

struct csn_bytes rw_text(const char *text);

/* Judges `token` as the app in memory does now. app_unknown when it is not there. */
enum csn_reason rw_judge(struct registry_world *w, struct csn_id app, struct csn_bytes token);
/* Mints {"sub":"ada","iat":…,"exp":…} with the secret's text. Out: in `out`. */
struct csn_bytes rw_token(const char *secret, const char *kid, struct csn_buffer *out);

#endif
