/* Test mode: for a while, an app's SDK may print why its calls succeed or fail.
 *
 * The three sentences are those that SDK developers know from Appcues' documents, with our name in
 * front. NNNN is the reason's number in reason.def, in four digits.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_TEST_MODE_H
#define CSN_SERVER_API_TEST_MODE_H

#include "server/api/exchange.h"

/* Writes the member "test_mode" when the exchange's app is in test mode, else nothing. */
void csn_test_mode_write(const struct csn_exchange *x, enum csn_reason reason,
                         struct csn_json_writer *w);

#endif
