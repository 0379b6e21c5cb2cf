/* Sealing of bodies. See log_seal.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/log_seal.h"

#include "base/panic.h"
#include "server/domain/id.h"

/* kind NUL app origin id: the ids before the last have one length, so no two items are alike. */
#define PLACE_MAX (8 + 2 * CSN_ID_LENGTH + CSN_ITEM_ID_MAX)

static struct csn_bytes
place(uint8_t memory[PLACE_MAX], const struct csn_item_key *key, struct csn_bytes id)
{
    struct csn_buffer out = csn_buffer_over(memory, PLACE_MAX);
    csn_buffer_text(&out, "item");
    csn_buffer_byte(&out, 0);
    csn_buffer_append(&out, csn_id_view(&key->app));
    csn_buffer_append(&out, csn_id_view(&key->origin));
    csn_buffer_append(&out, id);
    CSN_ASSERT(!out.overflowed);
    return csn_buffer_view(&out);
}

enum csn_status
csn_item_key_open(const struct csn_sessions *sessions, struct csn_id app,
                  const struct csn_customer_row *row, struct csn_item_key *out)
{
    *out = (struct csn_item_key){.app = app, .origin = row->id};
    if (row->key_sealed_len == 0)
        return CSN_NOT_FOUND;
    struct csn_seal_key data;
    enum csn_status status = csn_customer_key_open(sessions, &app, row, &data);
    if (status == CSN_OK)
        csn_kdf_derive(&data, "items", (struct csn_bytes){0}, &out->key);
    csn_wipe(&data, sizeof data);
    return status;
}

enum csn_status
csn_item_seal(const struct csn_random *random, const struct csn_item_key *key, struct csn_bytes id,
              struct csn_bytes body, struct csn_buffer *out)
{
    uint8_t memory[PLACE_MAX], nonce[CSN_SEAL_NONCE_LENGTH];
    csn_random_fill(random, nonce, sizeof nonce);
    return csn_seal(&key->key, place(memory, key, id), body, nonce, out);
}

enum csn_status
csn_item_open(const struct csn_item_key *key, struct csn_bytes id, struct csn_bytes sealed,
              struct csn_buffer *out)
{
    uint8_t memory[PLACE_MAX];
    if (id.len > CSN_ITEM_ID_MAX)
        return CSN_CRYPTO;
    enum csn_status status = csn_unseal(&key->key, place(memory, key, id), sealed, out);
    return status == CSN_INVALID ? CSN_CRYPTO : status;
}
