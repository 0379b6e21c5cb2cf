/* Rows of experiences (0009-experiences.sql).
 *
 * Plain reads and writes; what they mean is server/domain/experiences.h's. What is sealed passes
 * through unread. Every operation takes the app first and sees nothing of any other. All return
 * CSN_OK, CSN_NOT_FOUND (no such row), CSN_CONFLICT (a constraint refused), or CSN_UNAVAILABLE.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_STORE_EXPERIENCE_ROWS_H
#define CSN_SERVER_STORE_EXPERIENCE_ROWS_H

#include "server/store/store.h"

/* Views borrow the caller where it is written; where it is read they live in the arena. */
struct csn_experience_row {
    struct csn_id id;
    int64_t version;
    bool enabled;
    int64_t priority;
    int frequency; /* enum csn_frequency */
    int64_t starts_ms, ends_ms, created_ms, changed_ms;
    struct csn_bytes definition, content; /* sealed */
};
CSN_MUST_USE enum csn_status csn_store_experience_add(struct csn_store *store, struct csn_id app,
                                                      const struct csn_experience_row *row);
/* Writes everything but id and created. */
CSN_MUST_USE enum csn_status csn_store_experience_set(struct csn_store *store, struct csn_id app,
                                                      const struct csn_experience_row *row);
CSN_MUST_USE enum csn_status csn_store_experience_remove(struct csn_store *store, struct csn_id app,
                                                         struct csn_id id);
/* CSN_NO_SPACE: the arena is full. */
CSN_MUST_USE enum csn_status csn_store_experience_get(struct csn_store *store, struct csn_id app,
                                                      struct csn_id id, struct csn_arena *arena,
                                                      struct csn_experience_row *out);
/* By id, the one after `after`, without its content. CSN_NOT_FOUND past the last. */
CSN_MUST_USE enum csn_status csn_store_experience_next(struct csn_store *store, struct csn_id app,
                                                       struct csn_id after, struct csn_arena *arena,
                                                       struct csn_experience_row *out);
CSN_MUST_USE enum csn_status csn_store_experience_count(struct csn_store *store, struct csn_id app,
                                                        size_t *count);
/* Tells `each` the enabled ones that have started and not ended, the highest priority first and
 * among equals the oldest, without content, until it returns false. Its row lives until it returns;
 * it may use the store for anything but this. */
CSN_MUST_USE enum csn_status
csn_store_experience_each_shown(struct csn_store *store, struct csn_id app, int64_t now_ms,
                                bool (*each)(void *state, const struct csn_experience_row *row),
                                void *state);

/* What became of experiences: items of kind experience, sent up, whose id begins with `prefix`.
 * Out: *found, one counts: for a customer with an identity, what a claim appended does not. */
struct csn_outcome_query {
    struct csn_id customer;
    struct csn_bytes prefix;
    int kind, direction; /* enum csn_item_kind, enum csn_item_direction */
    bool proven_only;    /* what was appended without proof counts only where a proof, or a person,
                            linked it */
};
CSN_MUST_USE enum csn_status csn_store_experience_outcome(struct csn_store *store,
                                                          struct csn_id app,
                                                          const struct csn_outcome_query *query,
                                                          bool *found);

#endif
