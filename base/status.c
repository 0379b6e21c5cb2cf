/* Names of the statuses, for logs and tests. Nothing branches on a name.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "countersign/status.h"

const char *
csn_status_name(enum csn_status status)
{
    switch (status) {
    case CSN_OK: return "ok";
    case CSN_INVALID: return "invalid";
    case CSN_TOO_LARGE: return "too_large";
    case CSN_NO_SPACE: return "no_space";
    case CSN_NO_MEMORY: return "no_memory";
    case CSN_NOT_FOUND: return "not_found";
    case CSN_CONFLICT: return "conflict";
    case CSN_UNSUPPORTED: return "unsupported";
    case CSN_UNAVAILABLE: return "unavailable";
    case CSN_IO: return "io";
    case CSN_CRYPTO: return "crypto";
    case CSN_STATUS_UNSET: break;
    }
    return "unset";
}
