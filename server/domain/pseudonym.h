/* Pseudonyms: how decisions speak of a customer without naming one.
 *
 * A keyed hash under the app's own key: the same customer has the same pseudonym in one app and
 * another in every other app, and nobody without the key can try names.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_PSEUDONYM_H
#define CSN_SERVER_DOMAIN_PSEUDONYM_H

#include "server/domain/app.h"

#define CSN_PSEUDONYM_BYTES 16

/* Out: zero for the empty identity. */
void csn_pseudonym_of(const struct csn_app *app, struct csn_bytes identity,
                      uint8_t out[CSN_PSEUDONYM_BYTES]);

/* The same of a device, by its id; never that of an identity. */
void csn_pseudonym_of_device(const struct csn_app *app, struct csn_bytes device,
                             uint8_t out[CSN_PSEUDONYM_BYTES]);

#endif
