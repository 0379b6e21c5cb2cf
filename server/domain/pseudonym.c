/* Pseudonyms: HMAC-SHA256, cut to what a decision keeps.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/pseudonym.h"

#include <string.h>

#include "core/crypto.h"

void
csn_pseudonym_of(const struct csn_app *app, struct csn_bytes identity,
                 uint8_t out[CSN_PSEUDONYM_BYTES])
{
    memset(out, 0, CSN_PSEUDONYM_BYTES);
    if (identity.len == 0)
        return;
    uint8_t mac[64];
    struct csn_bytes key = csn_bytes_of(app->pseudonym_key, sizeof app->pseudonym_key);
    csn_hmac(CSN_HS256, key, identity, mac);
    memcpy(out, mac, CSN_PSEUDONYM_BYTES);
}
