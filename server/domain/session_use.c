/* Sessions in use: does it go on, it is used, it was not used for too long. See customers.h.
 *
 *   login, refresh ──► idle = now + session_idle_s ──► used: again, once it gains a step
 *                                                  └─► not used: over for every call that asks the
 *                                                      store at once, for the others within the
 *                                                      housekeeper's minute
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "server/domain/customers.h"
#include "server/domain/session_bind.h"
#include "server/domain/session_grant.h"

/* Out: *row, *reason. */
static enum csn_status
ask(struct csn_store *store, struct csn_id app, struct csn_id session, struct csn_session_row *row,
    enum csn_reason *reason, int64_t now_ms)
{
    *reason = CSN_REASON_REVOKED;
    enum csn_status status = csn_store_session_get(store, app, session, row);
    if (status == CSN_NOT_FOUND)
        return CSN_OK;
    if (status == CSN_OK && row->ended_ms == 0)
        *reason = csn_session_is_over(row, now_ms) ? CSN_REASON_EXPIRED : CSN_REASON_ACCEPTED;
    return status;
}

enum csn_status
csn_session_is_live(struct csn_store *store, struct csn_id app, struct csn_id session,
                    enum csn_reason *reason, int64_t now_ms)
{
    struct csn_session_row row = {0};
    return ask(store, app, session, &row, reason, now_ms);
}

/* What use gains less than is not written. A session that is used whenever the rest of its idle
 * time has passed goes on: three quarters of a short one, all but a minute of a long one. */
static int64_t
step_of(int64_t session_idle_s)
{
    int64_t quarter_ms = session_idle_s * 1000 / 4;
    return quarter_ms < CSN_SEEN_STEP_MS ? quarter_ms : CSN_SEEN_STEP_MS;
}

enum csn_status
csn_session_use(struct csn_store *store, const struct csn_app *app, struct csn_id session,
                enum csn_reason *reason, int64_t now_ms)
{
    struct csn_session_row row = {0};
    enum csn_status status = ask(store, app->id, session, &row, reason, now_ms);
    if (status != CSN_OK || *reason != CSN_REASON_ACCEPTED)
        return status;
    int64_t idle_ms = csn_grant_idle(app->policy.session_idle_s, now_ms);
    int64_t step_ms = step_of(app->policy.session_idle_s);
    if (idle_ms == 0 || (row.idle_ms != 0 && idle_ms - row.idle_ms < step_ms))
        return CSN_OK;
    return csn_store_session_used(store, app->id, session, idle_ms);
}

/* --- idling out --- */

static enum csn_status
end_one(struct csn_store *store, struct csn_idled_list *out, struct csn_id app,
        struct csn_id session, int64_t now_ms)
{
    size_t before = out->revoked.count;
    enum csn_status status = csn_store_session_release(store, app, session);
    if (status == CSN_OK)
        status = csn_bind_end_session(store, app, session, &out->revoked, now_ms);
    for (size_t i = before; i < out->revoked.count; i++)
        out->apps[i] = app;
    return status;
}

enum csn_status
csn_sessions_idle_out(struct csn_store *store, struct csn_idled_list *out, int64_t now_ms)
{
    static_assert(CSN_IDLED_MAX <= CSN_REVOKED_MAX, "each ends one session");
    out->revoked.count = 0;
    for (int ended = 0; ended < CSN_IDLED_MAX; ended++) {
        struct csn_id app, session;
        enum csn_status status = csn_store_session_idled(store, now_ms, &app, &session);
        if (status == CSN_NOT_FOUND)
            return CSN_OK;
        if (status == CSN_OK)
            status = end_one(store, out, app, session, now_ms);
        if (status != CSN_OK)
            return status;
    }
    return CSN_OK;
}
