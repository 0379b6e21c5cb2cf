/* A repeated token: what the verified-token cache saves.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_BENCH_VERIFY_AGAIN_H
#define CSN_BENCH_VERIFY_AGAIN_H

#include "bench/verify/subject.h"

/* One at a time. Returns: false when memory is out. */
bool csn_again_open(const struct csn_subject *s);
void csn_again_close(void);

/* Judges the subject's token `count` times as the bearer of a request. Returns: it held every time.
 */
bool csn_run_again(const struct csn_subject *s, unsigned count);

#endif
