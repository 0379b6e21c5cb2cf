/* What the rows of webhooks and push keys have sealed. See webhooks.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/webhook_seal.h"

#include <string.h>

#include "server/domain/vault.h"
#include "server/domain/webhooks.h"

static struct csn_vault_place
place_of(const char *kind, struct csn_id app, struct csn_id row)
{
    return (struct csn_vault_place){.kind = kind, .app = app, .row = row};
}

enum csn_status
csn_webhook_seal(struct csn_management *m, const char *kind, struct csn_id app, struct csn_id row,
                 struct csn_bytes text, struct csn_bytes *out)
{
    size_t cap = text.len + CSN_VAULT_OVERHEAD;
    void *memory = csn_management_alloc(m, cap);
    if (memory == NULL)
        return CSN_NO_SPACE;
    struct csn_buffer sealed = csn_buffer_over(memory, cap);
    struct csn_vault_place place = place_of(kind, app, row);
    enum csn_status status = csn_vault_seal(m->registry->vault, m->random, &place, text, &sealed);
    *out = csn_buffer_view(&sealed);
    return status;
}

enum csn_status
csn_webhook_open_url(const struct csn_vault *vault, struct csn_id app,
                     const struct csn_webhook_row *row, struct csn_arena *arena, const char **url)
{
    *url = "";
    void *memory = csn_arena_alloc(arena, CSN_URL_MAX + 1);
    if (memory == NULL)
        return CSN_NO_SPACE;
    struct csn_buffer out = csn_buffer_over(memory, CSN_URL_MAX + 1);
    struct csn_vault_place place = place_of(CSN_SEALED_WEBHOOK_URL, app, row->id);
    enum csn_status status = csn_vault_open(vault, &place, row->url, &out);
    if (status == CSN_OK)
        *url = csn_buffer_terminate(&out);
    return status;
}

static enum csn_status
open_exactly(const struct csn_vault *vault, const struct csn_vault_place *place,
             struct csn_bytes sealed, uint8_t *out, size_t len)
{
    struct csn_buffer text = csn_buffer_over(out, len);
    enum csn_status status = csn_vault_open(vault, place, sealed, &text);
    if (status == CSN_OK && text.len == len)
        return CSN_OK;
    csn_wipe(out, len);
    return status == CSN_OK || status == CSN_NO_SPACE ? CSN_CRYPTO : status;
}

enum csn_status
csn_webhook_open_secrets(const struct csn_vault *vault, struct csn_id app,
                         const struct csn_webhook_row *row,
                         uint8_t secrets[2][CSN_WEBHOOK_SECRET_LENGTH], size_t *count,
                         int64_t now_ms)
{
    struct csn_vault_place place = place_of(CSN_SEALED_WEBHOOK_SECRET, app, row->id);
    bool both = row->previous.len > 0 && now_ms < row->previous_until_ms;
    *count = both ? 2 : 1;
    enum csn_status status =
        open_exactly(vault, &place, row->secret, secrets[0], CSN_WEBHOOK_SECRET_LENGTH);
    if (status == CSN_OK && both)
        status = open_exactly(vault, &place, row->previous, secrets[1], CSN_WEBHOOK_SECRET_LENGTH);
    return status;
}

enum csn_status
csn_push_key_open(const struct csn_vault *vault, struct csn_id app,
                  const struct csn_push_key_row *row, struct csn_p256_pair *out)
{
    struct csn_vault_place place = place_of(CSN_SEALED_PUSH_KEY, app, (struct csn_id){0});
    memcpy(out->public_key, row->public_key, sizeof out->public_key);
    return open_exactly(vault, &place, row->private_key, out->private_key, sizeof out->private_key);
}
