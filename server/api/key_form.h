/* How a key looks in an answer: the same in lists, alone, and when it was just made.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_KEY_FORM_H
#define CSN_SERVER_API_KEY_FORM_H

#include "server/domain/management_keys.h"

/* Writes the members of a key; no secret is among them. */
void csn_key_form_write(struct csn_json_writer *w, const struct csn_key_info *key);

#endif
