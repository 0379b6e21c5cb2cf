/* What the SDK endpoints share: how a device is read, and how a session is answered.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_SDK_FORM_H
#define CSN_SERVER_API_SDK_FORM_H

#include "server/api/exchange.h"
#include "server/domain/sessions.h"

/* Reads {"id", "platform"?, "app_version"?, "sdk_version"?}. Returns: false after it answered a
 * problem. */
bool csn_sdk_device_read(struct csn_exchange *x, const struct csn_json_node *object,
                         struct csn_device_facts *out);

/* Reads the same from the fields Countersign-Device, -Platform, -App-Version and -SDK-Version into
 * x->caller, for calls that have no body for it. Returns: false after it answered a problem. */
bool csn_sdk_device_fields(struct csn_exchange *x);

/* Reads Countersign-Identity, whom the call is for by its own word, into x->claimed: an identity as
 * percent-encoded UTF-8, as csn_gateway_verify writes one. Returns: false after it answered a
 * problem. */
bool csn_sdk_identity_field(struct csn_exchange *x);

/* The body may say it too, and both must say the same. Out: x->claimed. Returns: false after it
 * answered two_credentials. */
bool csn_sdk_identity_said(struct csn_exchange *x, struct csn_bytes identity);

/* Returns: what is known of the caller's device. Borrows x->caller. */
struct csn_device_facts csn_sdk_device_of(const struct csn_caller *caller);

/* What a started or refreshed session is answered with. */
struct csn_sdk_session {
    const struct csn_session_outcome *outcome;
    struct csn_device_facts device; /* what decisions of later calls say of it */
    enum csn_reason reason;         /* of the token: what test mode speaks of */
    bool tell;                      /* monitor mode: admitted, and told what was wrong */
};
enum csn_step csn_sdk_session_answer(struct csn_exchange *x, int status,
                                     const struct csn_sdk_session *session);

/* Writes "customer": {id, identity, assurance}. */
void csn_sdk_customer_write(struct csn_json_writer *w, struct csn_id id, struct csn_bytes identity,
                            enum csn_assurance assurance);

/* Writes "refused": {reason, action}: what monitor mode tells of a token that it lets pass. */
void csn_sdk_refused_write(struct csn_json_writer *w, enum csn_reason reason);

/* Writes what an answer to an SDK tells beside what was asked: "refused" in monitor mode, and
 * "test_mode" in test mode. */
void csn_sdk_told_write(const struct csn_exchange *x, struct csn_json_writer *w);

/* Writes a key as base64url. */
void csn_sdk_vault_write(struct csn_json_writer *w, const uint8_t vault_key[32]);

/* What a judged token contributes to the store's operation. */
void csn_sdk_token_facts(const struct csn_exchange *x, struct csn_bytes token,
                         const struct csn_verdict *verdict, struct csn_token_facts *out);

/* Judges a customer's token for a login or refresh: identity as expected, nonce to be consumed by
 * the store, revocation asked. An empty token is malformed. Identity and nonce of the verdict are
 * copied into the arena. */
void csn_sdk_token_judge(struct csn_exchange *x, struct csn_bytes token,
                         struct csn_bytes expected_identity, struct csn_verdict *verdict);

#endif
