/* From a parcel to the request that carries it. No network, no store.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_OUTBOX_COMPOSE_H
#define CSN_SERVER_OUTBOX_COMPOSE_H

#include "server/domain/outbox.h"

#define CSN_LETTER_HEADERS_MAX 8

/* A request. Everything lies in the arena it was composed in. */
struct csn_letter {
    const char *url;
    const char *headers[CSN_LETTER_HEADERS_MAX]; /* "name: value" */
    size_t header_count;
    struct csn_bytes body;
};

/* Returns: CSN_OK; CSN_NO_SPACE (the arena); CSN_INVALID, CSN_CRYPTO (it cannot be sent, ever);
 * CSN_NO_MEMORY. */
CSN_MUST_USE enum csn_status csn_letter_compose(const struct csn_parcel *parcel,
                                                const struct csn_random *random,
                                                struct csn_arena *arena, struct csn_letter *out,
                                                int64_t now_ms);

/* Appends "v1," and the signature, as the Standard Webhooks specification (1.0) writes it:
 * HMAC-SHA256 of id "." timestamp "." payload. `arena`: scratch. Returns: CSN_OK, CSN_NO_SPACE. */
CSN_MUST_USE enum csn_status csn_webhook_sign(struct csn_bytes secret, struct csn_bytes id,
                                              int64_t timestamp_s, struct csn_bytes payload,
                                              struct csn_arena *arena, struct csn_buffer *out);

#endif
