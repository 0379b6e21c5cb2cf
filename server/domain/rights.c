/* The assurance table. See rights.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/rights.h"

bool
csn_may(enum csn_assurance assurance, enum csn_right right)
{
    switch (right) {
    case CSN_RIGHT_APPEND:
    case CSN_RIGHT_PUSH:
    case CSN_RIGHT_RECEIVE: return assurance >= CSN_ASSURANCE_ANONYMOUS;
    case CSN_RIGHT_PROFILE: return assurance == CSN_ASSURANCE_VERIFIED;
    default: return false;
    }
}

enum csn_view
csn_view_of(enum csn_assurance assurance)
{
    switch (assurance) {
    case CSN_ASSURANCE_ANONYMOUS:
    case CSN_ASSURANCE_VERIFIED: return CSN_VIEW_LOG;
    case CSN_ASSURANCE_CLAIMED: return CSN_VIEW_CLAIM;
    default: return CSN_VIEW_NOTHING;
    }
}

bool
csn_is_unverified(enum csn_assurance assurance)
{
    return assurance != CSN_ASSURANCE_VERIFIED;
}
