/* Names of the model's enumerations: what the API, the log and the dashboard call them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/model.h"

const char *
csn_assurance_name(enum csn_assurance assurance)
{
    switch (assurance) {
    case CSN_ASSURANCE_ANONYMOUS: return "anonymous";
    case CSN_ASSURANCE_CLAIMED: return "claimed";
    case CSN_ASSURANCE_VERIFIED: return "verified";
    case CSN_ASSURANCE_NONE: break;
    }
    return "none";
}

const char *
csn_enforcement_name(enum csn_enforcement_mode mode)
{
    switch (mode) {
    case CSN_ENFORCE_OFF: return "off";
    case CSN_ENFORCE_MONITOR: return "monitor";
    case CSN_ENFORCE_OPTIONAL: return "optional";
    case CSN_ENFORCE_REQUIRED: return "required";
    case CSN_ENFORCE_UNSET: break;
    }
    return "unset";
}

enum csn_enforcement_mode
csn_enforcement_from_name(struct csn_bytes name)
{
    for (enum csn_enforcement_mode mode = CSN_ENFORCE_OFF; mode <= CSN_ENFORCE_REQUIRED; mode++) {
        if (csn_bytes_equal_text(name, csn_enforcement_name(mode)))
            return mode;
    }
    return CSN_ENFORCE_UNSET;
}

const char *
csn_endpoint_name(enum csn_endpoint endpoint)
{
    switch (endpoint) {
    case CSN_ENDPOINT_SESSION_START: return "session_start";
    case CSN_ENDPOINT_SESSION_REFRESH: return "session_refresh";
    case CSN_ENDPOINT_SESSION_END: return "session_end";
    case CSN_ENDPOINT_GATEWAY: return "gateway";
    case CSN_ENDPOINT_SDK: return "sdk";
    case CSN_ENDPOINT_OTHER: break;
    }
    return "other";
}
