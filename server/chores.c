/* See chores.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/chores.h"

#include <assert.h>

#include "server/domain/customers.h"
#include "server/domain/erase.h"
#include "server/domain/idempotency.h"
#include "server/domain/outbox.h"
#include "server/store/broadcast_rows.h"
#include "server/store/removal_rows.h"

#define APPS_WALKED_MAX 32   /* of one slice */
#define REMOVED_ROWS_MAX 500 /* of one slice: an item may have 32 KiB */

enum ending {
    NOTHING_LEFT = 0,
    FULL,       /* as many went as may go in one slice: there may be more */
    ON_THE_WAY, /* less did, and the walk is not at its end */
};

struct slice {
    struct csn_job job; /* first */
    enum csn_status (*run)(struct slice *slice, struct csn_store *store);
    int64_t now_ms;
    enum ending ending;
    /* Where the walks are. They move on only when what the slice did is durable. */
    struct csn_log_walk logs;
    struct csn_retention_walk decisions;
    struct csn_idled_list idled; /* to be told once it is durable */
};

static enum ending
ending_of(uint64_t gone)
{
    return gone >= CSN_CHORE_ROWS_MAX ? FULL : NOTHING_LEFT;
}

/* --- what is over --- */

static enum csn_status
drop_sessions(struct slice *slice, struct csn_store *store)
{
    uint64_t gone = 0;
    enum csn_status status =
        csn_sessions_housekeep(store, CSN_CHORE_ROWS_MAX, &gone, slice->now_ms);
    slice->ending = ending_of(gone);
    return status;
}

static enum csn_status
end_idle_sessions(struct slice *slice, struct csn_store *store)
{
    enum csn_status status = csn_sessions_idle_out(store, &slice->idled, slice->now_ms);
    slice->ending = slice->idled.revoked.count >= CSN_IDLED_MAX ? FULL : NOTHING_LEFT;
    return status;
}

static enum csn_status
drop_broadcasts(struct slice *slice, struct csn_store *store)
{
    uint64_t gone = 0;
    enum csn_status status =
        csn_store_purge_broadcasts(store, slice->now_ms, CSN_CHORE_ROWS_MAX, &gone);
    slice->ending = ending_of(gone);
    return status;
}

static enum csn_status
drop_deliveries(struct slice *slice, struct csn_store *store)
{
    uint64_t gone = 0;
    enum csn_status status = csn_store_purge_deliveries(store, slice->now_ms - CSN_DELIVERY_KEPT_MS,
                                                        CSN_CHORE_ROWS_MAX, &gone);
    slice->ending = ending_of(gone);
    return status;
}

/* One webhook a slice: whether there is another, the next one sees. */
static enum csn_status
drop_removed_webhooks(struct slice *slice, struct csn_store *store)
{
    uint64_t gone = 0;
    enum csn_status status = csn_store_purge_removed_webhooks(store, CSN_CHORE_ROWS_MAX, &gone);
    slice->ending = gone > 0 ? FULL : NOTHING_LEFT;
    return status;
}

static enum csn_status
drop_answers(struct slice *slice, struct csn_store *store)
{
    uint64_t gone = 0;
    enum csn_status status = csn_idempotency_purge(store, CSN_CHORE_ROWS_MAX, &gone, slice->now_ms);
    slice->ending = ending_of(gone);
    return status;
}

/* --- what was kept as long as it may be --- */

static enum csn_status
drop_evidence(struct slice *slice, struct csn_store *store)
{
    size_t gone = 0;
    enum csn_status status = csn_store_evidence_purge(store, slice->now_ms - CSN_EVIDENCE_KEPT_MS,
                                                      CSN_CHORE_ROWS_MAX, &gone);
    slice->ending = ending_of(gone);
    return status;
}

static enum csn_status
drop_decisions(struct slice *slice, struct csn_store *store)
{
    size_t gone = 0;
    enum csn_status status = csn_store_decisions_retain(store, &slice->decisions, APPS_WALKED_MAX,
                                                        CSN_CHORE_ROWS_MAX, &gone, slice->now_ms);
    slice->ending = ending_of(gone);
    if (slice->ending != FULL && !slice->decisions.ended)
        slice->ending = ON_THE_WAY;
    return status;
}

static enum csn_status
drop_items(struct slice *slice, struct csn_store *store)
{
    enum csn_status status = csn_log_purge(store, &slice->logs, slice->now_ms);
    slice->ending = slice->logs.purged >= CSN_ITEMS_PURGED_MAX ? FULL
                    : slice->logs.ended                        ? NOTHING_LEFT
                                                               : ON_THE_WAY;
    return status;
}

/* --- what was erased, and what was removed with its app --- */

static enum csn_status
sweep_erased(struct slice *slice, struct csn_store *store)
{
    bool more = false;
    enum csn_status status = csn_erasures_sweep(store, CSN_CHORE_ROWS_MAX, &more, slice->now_ms);
    slice->ending = more ? FULL : NOTHING_LEFT;
    return status;
}

/* How far it has come, the store knows. */
static enum csn_status
sweep_removed(struct slice *slice, struct csn_store *store)
{
    bool more = false;
    enum csn_status status =
        csn_store_removed_app_sweep(store, REMOVED_ROWS_MAX, &more, slice->now_ms);
    slice->ending = more ? FULL : NOTHING_LEFT;
    return status;
}

static enum csn_status (*const chores_of[])(struct slice *slice, struct csn_store *store) = {
    drop_sessions, end_idle_sessions, drop_broadcasts, drop_deliveries, drop_removed_webhooks,
    drop_answers,  drop_evidence,     drop_decisions,  drop_items,      sweep_erased,
    sweep_removed,
};
#define CHORES (sizeof chores_of / sizeof chores_of[0])
static_assert(CHORES <= CSN_CHORES_MAX, "each has its place");

/* --- a slice --- */

static enum csn_status
run_slice(struct csn_job *job, struct csn_store *store)
{
    struct slice *slice = (struct slice *)job;
    return slice->run(slice, store);
}

/* Calls that ask no store hear of it from memory. What memory cannot be told now, it is told at the
 * next start; the store refuses it already. */
static void
tell_idled(const struct csn_idled_list *idled, struct csn_service *service,
           const struct csn_log *log)
{
    for (size_t i = 0; i < idled->revoked.count; i++) {
        const struct csn_revoked *ended = &idled->revoked.items[i];
        if (csn_revoke_session(service->revocations, idled->apps[i], ended->session,
                               ended->expires_ms) != CSN_OK)
            csn_log_error(log, "idle_session_not_told", idled->apps[i].text);
    }
}

/* Returns: the chore is due still. */
static bool
do_slice(struct csn_chores *chores, size_t chore, struct csn_service *service,
         const struct csn_log *log, int64_t now_ms)
{
    struct slice slice = {.job = {.run = run_slice},
                          .run = chores_of[chore],
                          .now_ms = now_ms,
                          .logs = chores->logs,
                          .decisions = chores->decisions};
    if (csn_queue_run(service->queue, &slice.job) != CSN_OK)
        return false;
    chores->logs = slice.logs;
    chores->decisions = slice.decisions;
    tell_idled(&slice.idled, service, log);
    if (slice.ending == ON_THE_WAY)
        return ++chores->walks[chore] < CSN_CHORE_WALKS_MAX;
    return slice.ending == FULL;
}

void
csn_chores_begin(struct csn_chores *chores)
{
    for (size_t i = 0; i < CHORES; i++) {
        chores->due[i] = true;
        chores->walks[i] = 0;
    }
}

bool
csn_chores_slice(struct csn_chores *chores, struct csn_service *service, const struct csn_log *log,
                 int64_t now_ms)
{
    for (size_t turn = 0; turn < CHORES; turn++) {
        size_t chore = chores->next;
        chores->next = (chore + 1) % CHORES;
        if (!chores->due[chore])
            continue;
        chores->due[chore] = do_slice(chores, chore, service, log, now_ms);
        return true;
    }
    return false;
}
