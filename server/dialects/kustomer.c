/* Kustomer: the endpoint that its documents fetch the signing secret from.
 *
 *   GET /v1/auth/customer/settings     Bearer API key with the roles org.admin and org.user
 *
 * The documents print {"attributes":{"secret"}}, the published clients read JSON:API's
 * {"data":{"attributes":{"secret"}}}: the answer has both. Errors are JSON:API's.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/manage.h"
#include "server/api/trail.h"
#include "server/dialects/tables.h"
#include "server/domain/management_vendors.h"

struct settings {
    struct csn_id app;
    struct csn_bytes secret;
};

static void
write_problem(const struct csn_problem *problem, struct csn_json_writer *w)
{
    csn_json_name(w, "errors");
    csn_json_open_array(w);
    csn_json_open_object(w);
    csn_json_member_int(w, "status", problem->status);
    csn_json_member_text(w, "code", problem->name);
    csn_json_member_text(w, "title", problem->detail);
    csn_json_close_object(w);
    csn_json_close_array(w);
}

static void
write_attributes(struct csn_json_writer *w, struct csn_bytes secret)
{
    csn_json_name(w, "attributes");
    csn_json_open_object(w);
    csn_json_member_string(w, "secret", secret);
    csn_json_close_object(w);
}

static enum csn_status
work_settings(struct csn_exchange *x, struct csn_store *store)
{
    struct settings *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    if (m == NULL)
        return CSN_NO_SPACE;
    enum csn_status status =
        csn_management_kustomer_secret(m, &state->app, &state->secret, x->now_ms);
    csn_trail_app(x, state->app);
    return status;
}

static void
answer_settings(struct csn_exchange *x)
{
    const struct settings *state = x->state;
    struct csn_json_writer w = csn_answer_open(x);
    csn_json_name(&w, "data");
    csn_json_open_object(&w);
    csn_json_member_text(&w, "type", "settings");
    csn_answer_id(&w, "id", state->app);
    write_attributes(&w, state->secret);
    csn_json_close_object(&w);
    write_attributes(&w, state->secret);
    csn_answer_close(x, &w, 200);
}

static enum csn_step
get_settings(struct csn_exchange *x)
{
    /* Both roles by name, as the documents ask: one that includes the other does not do. */
    unsigned both = CSN_ROLE_ADMIN | CSN_ROLE_USER;
    if ((x->api_key.roles & both) != both)
        return csn_problem_fault(x, CSN_FAULT_FORBIDDEN,
                                 "The API key needs both roles, org.admin and org.user.");
    x->sensitive = true;
    if (csn_manage_state(x, sizeof(struct settings)) == NULL)
        return CSN_ANSWERED;
    return csn_answer_later(x, work_settings, answer_settings);
}

static const struct csn_route routes[] = {
    {CSN_GET, "/v1/auth/customer/settings", "kustomerGetSettings", CSN_ACCESS_ADMIN,
     .handle = get_settings, .audited = true, .write_problem = write_problem},
};

const struct csn_dialect csn_dialect_kustomer = {routes, sizeof routes / sizeof routes[0]};
