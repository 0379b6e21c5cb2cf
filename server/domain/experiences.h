/* Experiences: content of an app, and a rule that says who sees it.
 *
 * The app's people write them; an SDK asks for those that match its customer, highest priority
 * first. A session that proved nothing must not learn anything of the customer it claims, not even
 * by which rules match: it gets those alone that speak of neither the profile nor events.
 *
 * What became of one (shown, dismissed, done) comes back as an item of kind experience through
 * sync. Its id says which one it speaks of, so that the store finds it without opening anything:
 *
 *   once      "<experience>.<outcome>"            in the customer's log: not shown again
 *   session   "<experience>.<session>.<outcome>"  not shown again in that session
 *   always    any id
 *
 * Name, rule and content are sealed under keys of the app. Operations run inside one job each, like
 * sessions.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_EXPERIENCES_H
#define CSN_SERVER_DOMAIN_EXPERIENCES_H

#include "server/domain/log.h"
#include "server/domain/rule.h"
#include "server/store/experience_rows.h"

#define CSN_EXPERIENCES_MAX 100          /* of one app */
#define CSN_EXPERIENCE_CONTENT_MAX 16384 /* bytes of one content, as JSON text */
#define CSN_EXPERIENCE_PRIORITY_MAX 1000000
#define CSN_EXPERIENCES_SHOWN_MAX 20      /* of one answer */
#define CSN_EXPERIENCES_SHOWN_BYTES 65536 /* of their contents; one always fits */
#define CSN_EXPERIENCES_ITEMS_MAX 200     /* newest items of a log that a rule sees events of */

/* Stored: append only. */
enum csn_frequency {
    CSN_FREQUENCY_UNSET = 0,
    CSN_FREQUENCY_ONCE,    /* once per customer */
    CSN_FREQUENCY_SESSION, /* once per session */
    CSN_FREQUENCY_ALWAYS,
};
const char *csn_frequency_name(enum csn_frequency frequency); /* "once" */
enum csn_frequency csn_frequency_from_name(struct csn_bytes name);

struct csn_experience {
    struct csn_id id;
    int64_t version; /* 1 when it is made; grows with every change */
    struct csn_bytes name;
    struct csn_bytes content;         /* one JSON value, 1..CSN_EXPERIENCE_CONTENT_MAX */
    const struct csn_json_node *rule; /* NULL: everybody */
    bool enabled;
    int64_t priority;
    enum csn_frequency frequency;
    int64_t starts_ms, ends_ms; /* ends 0: never */
    int64_t created_ms, changed_ms;
};

/* In: all but id, version and times of *experience, valid. Out: those.
 * Returns: CSN_OK; CSN_CONFLICT (CSN_EXPERIENCES_MAX are there); CSN_TOO_LARGE (name and rule
 * together); CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_experience_create(const struct csn_sessions *sessions,
                                                   struct csn_store *store, struct csn_id app,
                                                   struct csn_experience *experience,
                                                   int64_t now_ms);
/* Writes what csn_experience_get gave in this same job, changed. Its version grows.
 * Returns: CSN_OK, CSN_NOT_FOUND, CSN_TOO_LARGE, CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_experience_put(const struct csn_sessions *sessions,
                                                struct csn_store *store, struct csn_id app,
                                                struct csn_experience *experience, int64_t now_ms);
CSN_MUST_USE enum csn_status csn_experience_remove(struct csn_store *store, struct csn_id app,
                                                   struct csn_id id);
/* Out: *out, its views in the arena. Returns: CSN_OK, CSN_NOT_FOUND, CSN_CRYPTO, CSN_NO_SPACE,
 * CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_experience_get(const struct csn_sessions *sessions,
                                                struct csn_store *store, struct csn_id app,
                                                struct csn_id id, struct csn_arena *arena,
                                                struct csn_experience *out);
/* Those after `after` ({0}: from the first), in the order of their ids, without contents. */
CSN_MUST_USE enum csn_status csn_experience_list(const struct csn_sessions *sessions,
                                                 struct csn_store *store, struct csn_id app,
                                                 struct csn_id after, struct csn_arena *arena,
                                                 struct csn_experience *out, size_t limit,
                                                 size_t *count);

/* --- who sees which --- */
struct csn_experience_reader {
    struct csn_id app, customer;
    struct csn_id session; /* {0}: none; once per session is then the SDK's to hold */
    enum csn_assurance assurance;
    struct csn_device_facts device;
};
struct csn_experiences_shown {
    struct csn_experience all[CSN_EXPERIENCES_SHOWN_MAX]; /* without name and rule */
    size_t count;
};
/* Out: *out, its views in the arena: wipe it, it held profile and events.
 * Returns: CSN_OK, CSN_NOT_FOUND (no such customer), CSN_CRYPTO, CSN_NO_SPACE, CSN_UNAVAILABLE.
 * Cost: each enabled experience is opened and judged; profile and events are read where a rule
 * speaks of them. */
CSN_MUST_USE enum csn_status
csn_experiences_select(const struct csn_sessions *sessions, struct csn_store *store,
                       const struct csn_experience_reader *reader, struct csn_arena *arena,
                       struct csn_experiences_shown *out, int64_t now_ms);

#endif
