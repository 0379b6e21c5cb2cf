/* Readies the crypto libraries. Every function of crypto/ that loads or makes a key does so itself,
 * so a program that never calls this works; calling it at start merely moves the cost there.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CRYPTO_INIT_H
#define CSN_CRYPTO_INIT_H

#include "countersign/status.h"

/* May be called from any thread, any number of times.
 * Returns: CSN_OK; CSN_CRYPTO when a library cannot run here (no source of randomness). */
CSN_MUST_USE enum csn_status csn_crypto_init(void);

#endif
