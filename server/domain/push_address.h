/* Push addresses: where a device can be reached when it asks for nothing.
 *
 *   {"web_push": {"endpoint", "p256dh", "auth"}}              RFC 8030; keys as RFC 8291 §3.1 has
 * them
 *   {"fcm": {"package", "registration_id"}}
 *   {"apns": {"bundle_id", "environment", "token"}}           environment: production, sandbox
 *
 * Pure: the form alone is judged. An address is a secret of its device: who has it can send there.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_PUSH_ADDRESS_H
#define CSN_SERVER_DOMAIN_PUSH_ADDRESS_H

#include "countersign/json.h"
#include "server/domain/url.h"

#define CSN_PUSH_ADDRESS_MAX 4096         /* bytes of one address as it is sealed */
#define CSN_PUSH_ENDPOINT_MAX CSN_URL_MAX /* bytes of a Web Push endpoint */
#define CSN_PUSH_TOKEN_MAX 2048           /* bytes of a registration id; an APNs token is shorter */
#define CSN_PUSH_NAME_MAX 255             /* bytes of a package or bundle id */

/* Stored: append only. */
enum csn_push_kind {
    CSN_PUSH_NONE = 0,
    CSN_PUSH_WEB,
    CSN_PUSH_FCM,
    CSN_PUSH_APNS,
};
const char *csn_push_kind_name(enum csn_push_kind kind); /* "web_push"; "none" for NONE */

struct csn_push_address {
    enum csn_push_kind kind;
    struct csn_bytes target; /* what tells it from every other of its kind: endpoint, token */
    struct csn_bytes json;   /* the whole, as it is sealed */
};

/* What is wrong with one. */
struct csn_push_fault {
    const char *prefix;    /* static: "web_push." or "" */
    struct csn_bytes name; /* borrows the object, or static */
    const char *sentence;  /* static */
};

/* Reads an object of exactly one of the forms above. Out: *out, its views borrowing `object` and
 * `json` (CSN_PUSH_ADDRESS_MAX); else *fault. Returns: it is one. */
bool csn_push_address_read(const struct csn_json_node *object, struct csn_buffer *json,
                           struct csn_push_address *out, struct csn_push_fault *fault);

#endif
