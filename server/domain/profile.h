/* Profiles: what is known of a customer besides the identity: an e-mail address, and properties.
 *
 * A property is a name and one text, number or boolean: flat, so that a rule can speak of it
 * (rule.h) and a person can read it. A profile is changed by a JSON merge (RFC 7396): what a patch
 * does not name stays, null removes. It is sealed under the customer's own key; erasing that key
 * erases it.
 *
 * The e-mail address links the profile to a contact: whoever has that address. It is what somebody
 * said, not what anybody proved, so customers of one address share the contact and nothing else
 * (docs/decisions/0014-an-email-proves-nothing.md).
 *
 * Operations run inside one job each, like sessions.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_PROFILE_H
#define CSN_SERVER_DOMAIN_PROFILE_H

#include "countersign/json.h"
#include "server/domain/customers.h"
#include "server/domain/email.h"

#define CSN_PROPERTIES_MAX 100     /* of one profile */
#define CSN_PROPERTY_NAME_MAX 64   /* bytes */
#define CSN_PROPERTY_TEXT_MAX 1024 /* bytes of a text */
#define CSN_PROFILE_MAX 16384      /* bytes of a whole profile, as JSON text */

struct csn_profile {
    int64_t version; /* 0: nothing was ever set */
    int64_t changed_ms;
    struct csn_bytes email;                 /* {0} none */
    struct csn_id contact;                  /* {0} none */
    const struct csn_json_node *properties; /* an object; NULL: none */
};

/* What is wrong with a patch. */
struct csn_profile_fault {
    const char *prefix;    /* static: "properties." or "" */
    struct csn_bytes name; /* borrows the patch */
    const char *sentence;  /* static; NULL: nothing is wrong */
    bool unknown;          /* there is no such member */
};

/* Returns: the patch can be laid over a profile, as far as it says by itself. Out: *fault. Pure. */
bool csn_profile_check(const struct csn_json_node *patch, struct csn_profile_fault *fault);

/* Appends `profile` (NULL: an empty one) with a checked `patch` laid over it, as JSON. Pure.
 * Returns: CSN_OK; CSN_TOO_LARGE (CSN_PROPERTIES_MAX, or `out` is full). */
CSN_MUST_USE enum csn_status csn_profile_merge(const struct csn_json_node *profile,
                                               const struct csn_json_node *patch,
                                               struct csn_buffer *out);

/* Out: *out, in the arena: wipe it. A customer without one has version 0 and nothing in it.
 * Returns: CSN_OK, CSN_NOT_FOUND (no such customer), CSN_CRYPTO, CSN_NO_SPACE, CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_profile_get(const struct csn_sessions *sessions,
                                             struct csn_store *store, struct csn_id app,
                                             struct csn_id customer, struct csn_arena *arena,
                                             struct csn_profile *out);

/* Lays a checked patch over what csn_profile_get gave in this same job. The version grows when
 * something is another than before. In: *profile as it was. Out: as it is now.
 * Returns: as get, and CSN_TOO_LARGE. */
CSN_MUST_USE enum csn_status
csn_profile_patch(const struct csn_sessions *sessions, struct csn_store *store, struct csn_id app,
                  struct csn_id customer, const struct csn_json_node *patch,
                  struct csn_arena *arena, struct csn_profile *profile, int64_t now_ms);

/* Lists the customers whose profile has that e-mail address, as csn_customer_list does. */
CSN_MUST_USE enum csn_status csn_profile_find(const struct csn_sessions *sessions,
                                              struct csn_store *store, struct csn_id app,
                                              struct csn_bytes email, struct csn_id after,
                                              struct csn_customer_info *out, size_t limit,
                                              size_t *count);

#endif
