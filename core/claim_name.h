/* Names of claims: plain ones, and JSON Pointers of two steps such as "/identity/external_id".
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CORE_CLAIM_NAME_H
#define CSN_CORE_CLAIM_NAME_H

#include "countersign/json.h"

/* Returns: `name` may stand in a policy: 1..CSN_CLAIM_NAME_MAX bytes of UTF-8 without control
 * characters and, where it starts with '/', exactly two steps with sound escapes (RFC 6901 §3). */
bool csn_claim_name_valid(struct csn_bytes name);

static inline bool
csn_claim_name_is_pointer(struct csn_bytes name)
{
    return name.len != 0 && name.ptr[0] == '/';
}

/* Returns: the pointer `name` leads to member `inner` of the top-level member `outer`. */
bool csn_claim_name_leads_to(struct csn_bytes name, struct csn_json_text outer,
                             struct csn_json_text inner);

/* Returns: `text`, valid UTF-8, holds a control character: C0, DEL or C1 (U+0080..U+009F). */
bool csn_text_has_control(struct csn_bytes text);

#endif
