/* Transfers: a few documents fetched at a time, each bounded in time and size.
 *
 * https only, or http to a loopback address (csn_url_is_valid says which); certificates are
 * checked; no redirect is followed, no cookie or .netrc is used. One thread, except `wake`.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_JWKS_FETCH_H
#define CSN_SERVER_JWKS_FETCH_H

#include "server/domain/model.h"

#define CSN_FETCHES_MAX 8 /* at a time */
#define CSN_FETCH_TIMEOUT_MS 10000

struct csn_fetcher;

/* timeout_ms 0: CSN_FETCH_TIMEOUT_MS. Borrows `ca`, PEM of authorities trusted beside the system's;
 * NULL: none. Returns: CSN_OK, CSN_NO_MEMORY. */
CSN_MUST_USE enum csn_status csn_fetcher_create(int64_t timeout_ms, const char *ca,
                                                struct csn_fetcher **out);
void csn_fetcher_free(struct csn_fetcher *fetcher); /* breaks off what runs; accepts NULL */

/* Begins to fetch a valid URL for `app`. Copies both. Returns: CSN_OK; CSN_CONFLICT (one for this
 * app runs already); CSN_NO_SPACE (CSN_FETCHES_MAX run); CSN_NO_MEMORY. */
CSN_MUST_USE enum csn_status csn_fetcher_begin(struct csn_fetcher *fetcher, struct csn_id app,
                                               struct csn_bytes url);
bool csn_fetcher_is_busy(const struct csn_fetcher *fetcher, const struct csn_id *app);
size_t csn_fetcher_free_slots(const struct csn_fetcher *fetcher);

/* Lets transfers go on for at most `timeout_ms`, less when one ends or somebody wakes it. */
void csn_fetcher_wait(struct csn_fetcher *fetcher, int64_t timeout_ms);
void csn_fetcher_wake(struct csn_fetcher *fetcher); /* any thread */

/* One that has ended. Views hold until csn_fetcher_forget. */
struct csn_fetch_result {
    struct csn_id app;
    struct csn_bytes url;
    struct csn_bytes document; /* {0}: it failed */
    const char *error;         /* static sentence, without anything of the URL */
    void *slot;
};
bool csn_fetcher_next(struct csn_fetcher *fetcher, struct csn_fetch_result *out);
void csn_fetcher_forget(struct csn_fetcher *fetcher, const struct csn_fetch_result *result);

#endif
