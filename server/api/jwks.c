/* Where an app's keys are fetched from. The fetch itself happens elsewhere, as
 * soon as the address is durable.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/decode.h"
#include "server/api/handlers.h"
#include "server/api/manage.h"
#include "server/domain/management_jwks.h"

struct jwks {
    struct csn_bytes url; /* {0}: forget it */
    struct csn_bytes algorithm_name;
    enum csn_algorithm algorithm;
};

static enum csn_status
work_set(struct csn_exchange *x, struct csn_store *store)
{
    const struct jwks *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    if (m == NULL)
        return CSN_NO_SPACE;
    return csn_management_jwks_set(m, x->app->id, state->url, state->algorithm, x->now_ms);
}

/* Durable by now, so whoever fetches finds it. */
static enum csn_status
tell_fetcher(struct csn_exchange *x)
{
    csn_jwks_named(&x->service->jwks_hints, x->app->id);
    return CSN_OK;
}

static void
answer_named(struct csn_exchange *x)
{
    csn_answer_empty(x, 204);
}

static void
answer_forgotten(struct csn_exchange *x)
{
    csn_answer_empty(x, 204);
}

enum csn_step
csn_jwks_put(struct csn_exchange *x)
{
    static const struct csn_field fields[] = {
        {"url", CSN_FIELD_TEXT, true, 0, CSN_JWKS_URL_MAX, offsetof(struct jwks, url)},
        {"algorithm", CSN_FIELD_TEXT, false, 0, 16, offsetof(struct jwks, algorithm_name)},
    };
    struct jwks *state = csn_manage_state(x, sizeof *state);
    if (state == NULL || !csn_decode(x, CSN_FIELDS(fields), state))
        return CSN_ANSWERED;
    state->algorithm = csn_algorithm_from_name(state->algorithm_name);
    if (state->algorithm_name.len > 0 && state->algorithm == CSN_ALGORITHM_UNSET)
        return csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "", csn_bytes_text("algorithm"), NULL);
    x->after = tell_fetcher;
    return csn_answer_later(x, work_set, answer_named);
}

enum csn_step
csn_jwks_delete(struct csn_exchange *x)
{
    if (csn_manage_state(x, sizeof(struct jwks)) == NULL)
        return CSN_ANSWERED;
    return csn_answer_later(x, work_set, answer_forgotten);
}
