/* The JOSE header of a token: what of it is looked at, and nothing else.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CORE_HEADER_H
#define CSN_CORE_HEADER_H

#include "countersign/token.h"

struct csn_header {
    enum csn_algorithm algorithm; /* unset: a name this server does not know */
    bool has_kid, has_type;
    bool type_is_text;          /* `typ` is a string */
    struct csn_bytes kid, type; /* values; borrow the document or `scratch` */
};

/* Reads a strict JSON object with an `alg` string, at most CSN_KID_MAX bytes of `kid` string, and
 * none of `crit`, `b64`, `zip`, `cty`. Every other member (`jku`, `jwk`, `x5u`, ...) is ignored:
 * no token names its own key. Returns: well formed. Source: RFC 7515 §4.1, RFC 8725 §3.10. */
bool csn_header_read(struct csn_bytes json, struct csn_json_names *names,
                     struct csn_buffer *scratch, struct csn_header *header);

#endif
