/* Readies the crypto libraries.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/init.h"

#include <openssl/crypto.h>
#include <sodium.h>

enum csn_status
csn_crypto_init(void)
{
    /* 0: what OpenSSL would do by itself at its first use; it never prompts, never reads a key. */
    if (OPENSSL_init_crypto(0, NULL) != 1)
        return CSN_CRYPTO;
    return sodium_init() < 0 ? CSN_CRYPTO : CSN_OK;
}
