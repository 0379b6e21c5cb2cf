/* The keys of sessions and customers: what the store never sees in clear.
 *
 *   master ─┬─ lookup      identity, push address ─► keyed hash, to be found by
 *           ├─ wrapping    seals each customer's own data key
 *           ├─ push        seals push addresses
 *           └─ content     makes the keys that seal what an app itself says: broadcasts,
 * experiences data key (random, one per customer) ├─ identity    seals the customer's identity └─
 * vault       what the customer's devices encrypt their own store with
 *
 * So erasing a customer is destroying one sealed key. The app's and the customer's id are in every
 * hash and every seal: a row copied to another app or customer does not open.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_SESSION_KEYS_H
#define CSN_SERVER_DOMAIN_SESSION_KEYS_H

#include "crypto/random.h"
#include "crypto/seal.h"
#include "server/domain/push_address.h"
#include "server/domain/sessions.h"
#include "server/store/session_rows.h"

struct csn_sessions {
    const struct csn_random *random;
    struct csn_seal_key lookup, wrapping, push, content;
};

/* Out: the keyed hash an identity of this app is found by. */
void csn_identity_hash(const struct csn_sessions *sessions, const struct csn_id *app,
                       struct csn_bytes identity, uint8_t out[CSN_NAME_HASH]);
/* Of the address's kind and target: the same device with other keys beside them is found too. */
void csn_push_hash(const struct csn_sessions *sessions, const struct csn_id *app,
                   const struct csn_push_address *address, uint8_t out[CSN_NAME_HASH]);

/* Out: the keyed hash the customers of a folded e-mail address (email.h) are found by. */
void csn_email_hash(const struct csn_sessions *sessions, const struct csn_id *app,
                    struct csn_bytes folded, uint8_t out[CSN_NAME_HASH]);
/* Out: the contact that the address stands for: the same for every customer of the app who has it,
 * another in every other app, and made of the address alone, so that it says nothing of who had it
 * before. */
void csn_contact_id(const struct csn_sessions *sessions, const struct csn_id *app,
                    struct csn_bytes folded, struct csn_id *out);

/* Makes the data key of a new customer and seals it, and the identity where there is one.
 * In: row->id. Out: the hash and sealed parts of the row; *key. */
void csn_customer_key_make(const struct csn_sessions *sessions, const struct csn_id *app,
                           struct csn_bytes identity, struct csn_customer_row *row,
                           struct csn_seal_key *key);

/* Out: *key, to be wiped. Returns: CSN_OK; CSN_NOT_FOUND (destroyed: the customer was erased);
 * CSN_CRYPTO (another master key, or a damaged row). */
CSN_MUST_USE enum csn_status csn_customer_key_open(const struct csn_sessions *sessions,
                                                   const struct csn_id *app,
                                                   const struct csn_customer_row *row,
                                                   struct csn_seal_key *key);

/* Out: the identity, terminated; "" for an anonymous customer. Returns: CSN_OK, CSN_CRYPTO. */
CSN_MUST_USE enum csn_status csn_customer_identity_open(const struct csn_sessions *sessions,
                                                        const struct csn_id *app,
                                                        const struct csn_customer_row *row,
                                                        char out[CSN_IDENTITY_MAX + 1],
                                                        size_t *len);

/* Out: the key for the customer's own store on this device. A claimed identity gets one that is of
 * no use for any other device's or a verified one's store. */
void csn_customer_vault_key(const struct csn_seal_key *key, enum csn_assurance assurance,
                            struct csn_bytes device, uint8_t out[32]);

/* What is known of a customer, sealed under a key made from the customer's own. `kind`: "profile".
 * Appends to `out`. Returns: CSN_OK, CSN_NO_SPACE; CSN_CRYPTO (another master key, another place,
 * or a damaged box). */
CSN_MUST_USE enum csn_status csn_customer_seal(const struct csn_sessions *sessions,
                                               const struct csn_id *app,
                                               const struct csn_customer_row *row, const char *kind,
                                               struct csn_bytes text, struct csn_buffer *out);
CSN_MUST_USE enum csn_status csn_customer_open(const struct csn_sessions *sessions,
                                               const struct csn_id *app,
                                               const struct csn_customer_row *row, const char *kind,
                                               struct csn_bytes sealed, struct csn_buffer *out);

/* What an app says to its customers, sealed under a key of that app and kind. `kind`: "broadcast";
 * `id`: of the thing. Appends to `out`. Returns: CSN_OK, CSN_NO_SPACE; and of opening CSN_CRYPTO
 * (another master key, another place, or a damaged box). */
CSN_MUST_USE enum csn_status csn_content_seal(const struct csn_sessions *sessions, const char *kind,
                                              const struct csn_id *app, const struct csn_id *id,
                                              struct csn_bytes text, struct csn_buffer *out);
CSN_MUST_USE enum csn_status csn_content_open(const struct csn_sessions *sessions, const char *kind,
                                              const struct csn_id *app, const struct csn_id *id,
                                              struct csn_bytes sealed, struct csn_buffer *out);

/* Appends the sealed push address of a device. Returns: CSN_OK, CSN_NO_SPACE. */
CSN_MUST_USE enum csn_status csn_push_seal(const struct csn_sessions *sessions,
                                           const struct csn_id *app, struct csn_bytes device,
                                           struct csn_bytes address, struct csn_buffer *out);

/* Appends the push address: wipe it. Returns: CSN_OK; CSN_CRYPTO (another master key, another
 * device, or a damaged box); CSN_NO_SPACE. */
CSN_MUST_USE enum csn_status csn_push_open(const struct csn_sessions *sessions,
                                           const struct csn_id *app, struct csn_bytes device,
                                           struct csn_bytes sealed, struct csn_buffer *out);

#endif
