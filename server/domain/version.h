/* Versions of apps and SDKs: dotted numbers. Pure.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_VERSION_H
#define CSN_SERVER_DOMAIN_VERSION_H

#include "countersign/bytes.h"

/* Returns: <0, 0, >0 as dotted version a is before, equal to, after b; missing parts are 0;
 * anything after digits and dots ("3.1.0-beta") is ignored. */
int csn_version_compare(struct csn_bytes a, struct csn_bytes b);

#endif
