/* Erasing a customer: its key is destroyed, and with it everything that was sealed under it,
 * wherever a copy of the database lies that was made afterwards.
 *
 *   erase    in one job: sessions end, devices and push addresses go, identity and key are
 *            overwritten; the same for every anonymous customer that was linked to it, where these
 *            are many in slices by the sweep
 *   sweep    afterwards, in slices: the rows nobody can read any more are deleted
 *   remains  what there still is, counted: the proof that there is nothing
 *
 * Whoever comes back with a good token afterwards is a new customer; one that was revoked before is
 * refused as it was (docs/decisions/0026-what-an-erasure-leaves.md). A backup made before holds
 * the key still (docs/guides/operate.md says how long that may be).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_ERASE_H
#define CSN_SERVER_DOMAIN_ERASE_H

#include "server/domain/app.h"
#include "server/domain/sessions.h"
#include "server/store/erase_rows.h"

#define CSN_ERASED_TOGETHER_MAX 64 /* linked customers named in one answer; all are erased */
#define CSN_ERASED_AT_ONCE_MAX                                                                     \
    256 /* linked customers erased in one transaction; the sweep goes on */

struct csn_erasure {
    struct csn_erasure_row of; /* the customer itself */
    struct csn_erasure_row linked[CSN_ERASED_TOGETHER_MAX];
    size_t linked_count;
    struct csn_remains remains; /* of it and all linked, now */
};

/* Erasing again is CSN_OK and changes nothing. Returns: CSN_OK; CSN_NOT_FOUND; CSN_CONFLICT (it is
 * linked to another customer: erase that one); CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_customer_erase(const struct csn_sessions *sessions,
                                                struct csn_store *store, const struct csn_app *app,
                                                struct csn_id customer, struct csn_erasure *out,
                                                struct csn_revoked_list *revoked, int64_t now_ms);

/* What there is to say of an erasure, counted anew. CSN_NOT_FOUND: it was not erased. */
CSN_MUST_USE enum csn_status csn_customer_erasure(struct csn_store *store, struct csn_id app,
                                                  struct csn_id customer, struct csn_erasure *out);

/* Before a policy by which tokens live longer or shorter: what is left of revocations lasts as
 * long.
 */
CSN_MUST_USE enum csn_status csn_erased_revocations_last(struct csn_store *store, struct csn_id app,
                                                         const struct csn_policy *policy);

#define CSN_ERASURE_SETTLES_MS 5000 /* by then, decisions made before it have been written */

/* Deletes at most `limit` rows of one erased customer of any app, and takes its pseudonym from the
 * decisions; evidence of the app that was kept goes with it. Out: *more: there was one, so call
 * again. */
CSN_MUST_USE enum csn_status csn_erasures_sweep(struct csn_store *store, size_t limit, bool *more,
                                                int64_t now_ms);

#endif
