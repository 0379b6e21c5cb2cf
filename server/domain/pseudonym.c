/* Pseudonyms: HMAC-SHA256, cut to what a decision keeps.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/pseudonym.h"

#include <string.h>

#include "core/crypto.h"

static void
hash(const struct csn_app *app, struct csn_bytes text, uint8_t out[CSN_PSEUDONYM_BYTES])
{
    uint8_t mac[64];
    struct csn_bytes key = csn_bytes_of(app->pseudonym_key, sizeof app->pseudonym_key);
    csn_hmac(CSN_HS256, key, text, mac);
    memcpy(out, mac, CSN_PSEUDONYM_BYTES);
}

void
csn_pseudonym_of(const struct csn_app *app, struct csn_bytes identity,
                 uint8_t out[CSN_PSEUDONYM_BYTES])
{
    memset(out, 0, CSN_PSEUDONYM_BYTES);
    if (identity.len > 0)
        hash(app, identity, out);
}

void
csn_pseudonym_of_device(const struct csn_app *app, struct csn_bytes device,
                        uint8_t out[CSN_PSEUDONYM_BYTES])
{
    char memory[CSN_DEVICE_ID_MAX + 16];
    struct csn_buffer text = csn_buffer_over(memory, sizeof memory);
    /* Such a character is in no identity. */
    csn_buffer_text(&text, "\1device\1");
    csn_buffer_append(&text, device);
    memset(out, 0, CSN_PSEUDONYM_BYTES);
    if (device.len > 0 && !text.overflowed)
        hash(app, csn_buffer_view(&text), out);
}
