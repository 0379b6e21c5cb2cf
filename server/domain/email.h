/* E-mail addresses: which texts are one, and when two are the same. Pure.
 *
 *   local "@" domain   at most CSN_EMAIL_MAX bytes, no spaces, no comments, no quoted local part
 *   local              1..64 bytes: the atoms of RFC 5322 §3.2.3 joined by single dots; UTF-8 too
 *                      (RFC 6532 §3.2)
 *   domain             1..253 bytes: two labels or more, each 1..63 letters, digits and inner
 * hyphens (RFC 1035 §2.3.1); a name in another script in its ASCII form (xn--)
 *
 * Two are the same when they are equal with ASCII letters folded. A mail system may tell "Ann@"
 * from "ann@"; people do not. Nothing else is folded: dots and +tags are the mail system's own
 * business.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_EMAIL_H
#define CSN_SERVER_DOMAIN_EMAIL_H

#include "countersign/bytes.h"

#define CSN_EMAIL_MAX 254 /* bytes: RFC 5321 §4.5.3.1.3, without the angle brackets */

/* Returns: the text is an address. */
bool csn_email_valid(struct csn_bytes text);

/* Out: the valid address as it is compared, in `memory`. Returns: a view of it. */
struct csn_bytes csn_email_fold(struct csn_bytes email, uint8_t memory[CSN_EMAIL_MAX]);

#endif
