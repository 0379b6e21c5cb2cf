/* A small world for tests of the session side: one store, two apps, seeded randomness, a clock that
 * stands still until it is moved.
 *
 * Each `world_*` runs one operation as the queue would: a job of its own, committed before it
 * returns.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_SERVER_SESSION_WORLD_H
#define CSN_TESTS_SERVER_SESSION_WORLD_H

#include "crypto/random.h"
#include "server/domain/customers.h"
#include "server/store/queue.h"

struct world {
    char directory[64]; /* "" : in memory */
    struct csn_store *store;
    struct csn_random_seeded seeded;
    struct csn_random random;
    struct csn_sessions *sessions;
    struct csn_app app, other_app;
    int64_t now_ms;
};

void world_open(struct world *w);           /* ":memory:" */
void world_open_directory(struct world *w); /* a new folder under /tmp */
void world_reopen(struct world *w);         /* closes and opens the same folder again */
void world_close(struct world *w);          /* and removes the folder */

struct csn_bytes text(const char *text);

/* Runs `run(state)` as one job. Returns: the job's status. */
enum csn_status world_run(struct csn_store *store,
                          enum csn_status (*run)(void *state, struct csn_store *store),
                          void *state);

/* A verified login of `identity` on `device`, or an anonymous one where identity is NULL. */
struct csn_login login_of(struct world *w, const char *device, const char *identity);
struct csn_session_outcome world_login(struct world *w, const struct csn_login *in);
enum csn_status world_try_login(struct world *w, const struct csn_login *in,
                                struct csn_session_outcome *out);
struct csn_session_outcome world_login_as(struct world *w, const char *device,
                                          const char *identity);
/* The same, presenting the anonymous session of `before`. */
struct csn_session_outcome world_login_from(struct world *w, const char *device,
                                            const char *identity,
                                            const struct csn_session_outcome *before);
/* With the token_named "a fresh token". */
struct csn_session_outcome world_refresh(struct world *w, const struct csn_session_outcome *session,
                                         const char *identity);
struct csn_logout_outcome world_logout(struct world *w, const struct csn_logout *in);
struct csn_challenge_outcome world_challenge(struct world *w, const char *device);
struct csn_contact_outcome world_contact(struct world *w, const char *identity, const char *device);
struct csn_contact_outcome world_contact_of(struct world *w, enum csn_assurance assurance,
                                            const char *identity, const char *device);

/* Token facts that carry nothing but a hash made of `name`; `nonce` may be NULL. */
struct csn_token_facts token_named(struct world *w, const char *name, const char *nonce);

/* A Web Push address that is nothing but its endpoint. */
struct csn_push_address address_of(const char *endpoint);

/* SQL behind the store's back: what no operation would write. */
void world_execute(struct world *w, const char *sql);

/* One number out of the database. */
int64_t world_number(struct world *w, const char *sql);

/* Returns: the steps SQLite's own machine took since it was last asked: the same on every computer.
 */
int64_t world_steps(struct world *w);

#define assert_id_equal(a, b) assert_string_equal((a).text, (b).text)
#define assert_id_not_equal(a, b) assert_string_not_equal((a).text, (b).text)
#define assert_reason(wanted, got)                                                                 \
    assert_string_equal(csn_reason_name(wanted), csn_reason_name(got))
#define assert_ok(status) assert_string_equal("ok", csn_status_name(status))

#endif
