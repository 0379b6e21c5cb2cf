/* libcountersign: everything it promises, in one include.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef COUNTERSIGN_COUNTERSIGN_H
#define COUNTERSIGN_COUNTERSIGN_H

#include "countersign/diagnose.h"

#define CSN_VERSION "0.1.0"

#endif
