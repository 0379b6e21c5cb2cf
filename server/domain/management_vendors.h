/* What the management endpoints of two compatible systems need beyond the ordinary operations.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_MANAGEMENT_VENDORS_H
#define CSN_SERVER_DOMAIN_MANAGEMENT_VENDORS_H

#include "server/domain/management.h"

/* Kustomer's `GET /v1/auth/customer/settings`: the secret that signs an app's tokens, generated at
 * the first call. The app is the scope's own, else the account's oldest one made from the preset
 * "kustomer", else its only one. The secret is that of its oldest active HS256 key, as text, which
 * this documented endpoint exists to return.
 * Out: *app, *secret in the arena: wipe it. */
CSN_MUST_USE enum csn_status csn_management_kustomer_secret(struct csn_management *m,
                                                            struct csn_id *app,
                                                            struct csn_bytes *secret,
                                                            int64_t now_ms);

/* Appcues' `{id}` in /v2/accounts/{id}/…: an app of the scope's account with this id; else the one
 * whose policy's issuer it is (several: CSN_CONFLICT; where the scope is one app, no other is
 * asked); else, where it is the account's own id, its oldest app made from the preset "appcues",
 * else its only one. The SDK keys and the enforcement mode of that app are then the ordinary keys
 * and enforcement: keys are made with csn_management_key_create (GENERATED, HS256). Out: *app. */
CSN_MUST_USE enum csn_status csn_management_appcues_app(struct csn_management *m,
                                                        struct csn_bytes id, struct csn_id *app);

/* Appcues' `DELETE …/sdk_keys/{key}`: retires and removes at once, whatever its state. `key` is the
 * key's id or its kid. */
CSN_MUST_USE enum csn_status csn_management_sdk_key_delete(struct csn_management *m,
                                                           struct csn_id app, struct csn_bytes key);

#endif
