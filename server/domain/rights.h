/* What a session may do: the assurance table of the server, in one place.
 *
 *                           anonymous           claimed                     verified
 *   append                  its own log         the log, marked unverified  the log
 *   read                    its own log         what was sent to it as such the log
 *   profile, other devices  no                  no                          yes
 *   experiences, pushes     its own device      its own device              yes
 *
 * An anonymous customer has one device at a time, so its own log is its device's log. A claim is
 * what anybody can make, so nothing that others wrote is ever shown to one, nor what its device was
 * sent while somebody verified was logged in there.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_RIGHTS_H
#define CSN_SERVER_DOMAIN_RIGHTS_H

#include "server/domain/model.h"

enum csn_right {
    CSN_RIGHT_UNSET = 0, /* nobody has it */
    CSN_RIGHT_APPEND,
    CSN_RIGHT_PROFILE, /* read and change it */
    CSN_RIGHT_PUSH,    /* give the device a push address */
    CSN_RIGHT_RECEIVE, /* what is sent to the device: experiences, pushes, broadcasts */
};

/* Returns: a session of this assurance has the right. */
bool csn_may(enum csn_assurance assurance, enum csn_right right);

/* How much of a customer's log somebody sees. Zero sees nothing. */
enum csn_view {
    CSN_VIEW_NOTHING = 0,
    CSN_VIEW_CLAIM, /* what was sent to that one device while it was a claim's */
    CSN_VIEW_LOG,   /* everything but notes */
    CSN_VIEW_OWNER, /* the app's owner: notes too. No session has it */
};

/* Returns: what a session of this assurance sees; never CSN_VIEW_OWNER. */
enum csn_view csn_view_of(enum csn_assurance assurance);

/* Returns: what is appended under this assurance is marked as unverified. */
bool csn_is_unverified(enum csn_assurance assurance);

#endif
