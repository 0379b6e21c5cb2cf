/* Evidence: the failing token itself, kept for its app's owner to have it explained.
 *
 * Only where the owner turned it on, until a time that always comes; sealed before anything else is
 * done with it, bound to app and row; at most CSN_EVIDENCE_PER_REASON of an app and reason; dropped
 * after CSN_EVIDENCE_KEPT_MS. It is never given out: what comes of it is a diagnosis.
 *
 * `keep` seals and puts it on a short list; the housekeeper writes the list down each second. A
 * full list keeps no more: of many failures alike a few are enough.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_EVIDENCE_H
#define CSN_SERVER_DOMAIN_EVIDENCE_H

#include "server/domain/decisions.h"
#include "server/store/evidence_rows.h"

#define CSN_EVIDENCE_MAX_MS (7 * 86400000LL)  /* how far ahead evidence_until may lie */
#define CSN_EVIDENCE_KEPT_MS (7 * 86400000LL) /* how long a kept token stays */
#define CSN_EVIDENCE_PENDING_MAX 16           /* between two flushes, of the whole server */

struct csn_evidence;
struct csn_random;
struct csn_queue;

/* What was presented. Views need to live only for the call. */
struct csn_presented {
    struct csn_bytes token;
    struct csn_bytes identity; /* {0} none */
    struct csn_bytes device;   /* {0} unknown */
};

/* Borrows `random` until the free. Returns: CSN_OK, CSN_NO_MEMORY, CSN_CRYPTO. */
CSN_MUST_USE enum csn_status csn_evidence_create(const uint8_t instance_key[32],
                                                 const struct csn_random *random,
                                                 struct csn_evidence **out);
void csn_evidence_free(struct csn_evidence *evidence); /* wipes; accepts NULL */

/* Keeps what was presented, if the app asks for it and the decision was no. Any thread. */
void csn_evidence_keep(struct csn_evidence *evidence, const struct csn_app *app,
                       const struct csn_decision *decision, const struct csn_presented *presented);

/* Writes down what was kept, and waits. On failure it is forgotten: it is evidence, not the count.
 */
CSN_MUST_USE enum csn_status csn_evidence_flush(struct csn_evidence *evidence,
                                                struct csn_queue *queue);

/* Opens a row. Out: *presented, in the arena: wipe it. Returns: CSN_OK, CSN_NO_SPACE, CSN_CRYPTO.
 */
CSN_MUST_USE enum csn_status csn_evidence_open(const struct csn_evidence *evidence,
                                               const struct csn_evidence_row *row,
                                               struct csn_arena *arena,
                                               struct csn_presented *presented);

#endif
