/* Composing. See compose.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/outbox/compose.h"

#include "base/base64.h"
#include "base/panic.h"
#include "core/crypto.h"
#include "server/domain/id.h"

#define HEADER_MAX 256        /* bytes of most */
#define VAPID_HEADER_MAX 4608 /* a token whose audience is an origin, and a public key */

/* Returns: a buffer of the arena with `name` and ": " in it; of no room when the arena is full. */
static struct csn_buffer
open_header(struct csn_arena *arena, const char *name, size_t cap)
{
    void *memory = csn_arena_alloc(arena, cap);
    struct csn_buffer out = csn_buffer_over(memory, memory != NULL ? cap : 0);
    csn_buffer_text(&out, name);
    csn_buffer_text(&out, ": ");
    return out;
}

static enum csn_status
close_header(struct csn_letter *letter, struct csn_buffer *text)
{
    CSN_ASSERT(letter->header_count < CSN_LETTER_HEADERS_MAX);
    const char *line = csn_buffer_terminate(text);
    if (text->overflowed)
        return CSN_NO_SPACE;
    letter->headers[letter->header_count++] = line;
    return CSN_OK;
}

static enum csn_status
add_text(struct csn_letter *letter, struct csn_arena *arena, const char *name,
         struct csn_bytes value)
{
    struct csn_buffer text = open_header(arena, name, HEADER_MAX);
    csn_buffer_append(&text, value);
    return close_header(letter, &text);
}

static enum csn_status
add_int(struct csn_letter *letter, struct csn_arena *arena, const char *name, int64_t value)
{
    struct csn_buffer text = open_header(arena, name, HEADER_MAX);
    csn_buffer_int(&text, value);
    return close_header(letter, &text);
}

/* --- a webhook --- */

enum csn_status
csn_webhook_sign(struct csn_bytes secret, struct csn_bytes id, int64_t timestamp_s,
                 struct csn_bytes payload, struct csn_arena *arena, struct csn_buffer *out)
{
    struct csn_arena scratch = *arena;
    size_t cap = id.len + payload.len + 32;
    void *memory = csn_arena_alloc(&scratch, cap);
    if (memory == NULL)
        return CSN_NO_SPACE;
    struct csn_buffer signed_text = csn_buffer_over(memory, cap);
    csn_buffer_append(&signed_text, id);
    csn_buffer_byte(&signed_text, '.');
    csn_buffer_int(&signed_text, timestamp_s);
    csn_buffer_byte(&signed_text, '.');
    csn_buffer_append(&signed_text, payload);
    uint8_t mac[64];
    csn_hmac(CSN_HS256, secret, csn_buffer_view(&signed_text), mac);
    csn_buffer_text(out, "v1,");
    csn_base64_append(out, csn_bytes_of(mac, 32));
    csn_wipe(memory, cap);
    return out->overflowed ? CSN_NO_SPACE : CSN_OK;
}

/* Each secret in force signs: a receiver that has either accepts (specification, "Secret
 * rotation").
 */
static enum csn_status
add_signatures(struct csn_letter *letter, const struct csn_parcel *parcel, struct csn_arena *arena,
               int64_t timestamp_s)
{
    struct csn_buffer text = open_header(arena, "webhook-signature", HEADER_MAX);
    for (size_t i = 0; i < parcel->secret_count; i++) {
        struct csn_bytes secret = csn_bytes_of(parcel->secrets[i], sizeof parcel->secrets[i]);
        if (i > 0)
            csn_buffer_byte(&text, ' ');
        enum csn_status status = csn_webhook_sign(secret, csn_id_view(&parcel->id), timestamp_s,
                                                  parcel->payload, arena, &text);
        if (status != CSN_OK)
            return status;
    }
    return close_header(letter, &text);
}

static enum csn_status
compose_webhook(const struct csn_parcel *parcel, struct csn_arena *arena, struct csn_letter *out,
                int64_t now_ms)
{
    out->body = parcel->payload;
    enum csn_status status =
        add_text(out, arena, "content-type", csn_bytes_text("application/json"));
    if (status == CSN_OK)
        status = add_text(out, arena, "webhook-id", csn_id_view(&parcel->id));
    if (status == CSN_OK)
        status = add_int(out, arena, "webhook-timestamp", now_ms / 1000);
    return status == CSN_OK ? add_signatures(out, parcel, arena, now_ms / 1000) : status;
}

/* --- Web Push --- */

static enum csn_status
encrypt(const struct csn_parcel *parcel, const struct csn_random *random, struct csn_arena *arena,
        struct csn_letter *out)
{
    void *memory = csn_arena_alloc(arena, CSN_WEBPUSH_RECORD);
    if (memory == NULL)
        return CSN_NO_SPACE;
    struct csn_buffer body = csn_buffer_over(memory, CSN_WEBPUSH_RECORD);
    struct csn_webpush_fresh fresh;
    csn_random_fill(random, fresh.salt, sizeof fresh.salt);
    enum csn_status status = csn_p256_make(random, &fresh.pair);
    if (status == CSN_OK)
        status = csn_webpush_encrypt(&parcel->keys, &fresh, parcel->payload, &body);
    out->body = csn_buffer_view(&body);
    csn_wipe(&fresh, sizeof fresh);
    return status;
}

static enum csn_status
add_vapid(struct csn_letter *letter, const struct csn_parcel *parcel, struct csn_arena *arena,
          int64_t now_ms)
{
    struct csn_vapid vapid = {.pair = &parcel->pair, .subject = parcel->subject};
    struct csn_bytes audience = csn_url_origin(csn_bytes_text(parcel->url));
    struct csn_buffer text = open_header(arena, "authorization", VAPID_HEADER_MAX);
    enum csn_status status = csn_vapid_append(&vapid, audience, &text, now_ms);
    return status == CSN_OK ? close_header(letter, &text) : status;
}

/* The delivery's id is its topic too (RFC 8030 §5.4): where one that was sent twice still waits at
 * the push service, the second takes the place of the first. */
static enum csn_status
compose_web_push(const struct csn_parcel *parcel, const struct csn_random *random,
                 struct csn_arena *arena, struct csn_letter *out, int64_t now_ms)
{
    int64_t left_ms = parcel->until_ms - now_ms;
    enum csn_status status = encrypt(parcel, random, arena, out);
    if (status == CSN_OK)
        status = add_text(out, arena, "content-type", csn_bytes_text("application/octet-stream"));
    if (status == CSN_OK)
        status = add_text(out, arena, "content-encoding", csn_bytes_text("aes128gcm"));
    if (status == CSN_OK)
        status = add_int(out, arena, "ttl", left_ms > 0 ? left_ms / 1000 : 0);
    if (status == CSN_OK)
        status = add_text(out, arena, "urgency", csn_bytes_text("normal"));
    if (status == CSN_OK)
        status = add_text(out, arena, "topic", csn_id_view(&parcel->id));
    return status == CSN_OK ? add_vapid(out, parcel, arena, now_ms) : status;
}

enum csn_status
csn_letter_compose(const struct csn_parcel *parcel, const struct csn_random *random,
                   struct csn_arena *arena, struct csn_letter *out, int64_t now_ms)
{
    *out = (struct csn_letter){.url = parcel->url};
    switch (parcel->carrier) {
    case CSN_CARRIER_WEBHOOK: return compose_webhook(parcel, arena, out, now_ms);
    case CSN_CARRIER_WEB_PUSH: return compose_web_push(parcel, random, arena, out, now_ms);
    default: return CSN_INVALID;
    }
}
