/* Gathers what a diagnosis may try: the app's own keys first, then those of its owner's other apps,
 * then the names of its API keys.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/management_diagnosis.h"

#include <string.h>

#include "server/domain/id.h"
#include "server/domain/management_parts.h"

#define OTHER_APPS_MAX 16
#define CREDENTIALS_MAX 8
/* What is left free for the caller: full arenas make a diagnosis poorer, not impossible. */
#define ARENA_RESERVE (32 * 1024)

struct gathering {
    struct csn_management *m;
    struct csn_diagnosis_material *out;
    const struct csn_app *app; /* whose keys are walked; NULL: it is not in memory */
    struct csn_bytes label;    /* of another app's keys: its name */
    enum csn_key_origin origin;
};

/* --- one key --- */

static struct csn_bytes
keep(struct csn_management *m, struct csn_bytes bytes)
{
    return bytes.ptr == NULL ? bytes : csn_arena_copy(m->arena, bytes);
}

static void
keep_secret(struct csn_management *m, const struct csn_key_row *row, struct csn_bytes text,
            struct csn_diagnosis_key *to)
{
    struct csn_secret secret = {0};
    if (csn_secret_decode(text, row->encoding, &secret) == CSN_OK)
        to->secret = keep(m, csn_secret_view(&secret));
    csn_secret_wipe(&secret);
    if (row->encoding != CSN_ENCODING_UTF8)
        to->secret_text = text;
}

/* The `k` of an oct JWK (RFC 7518 §6.4). */
static void
keep_oct(struct csn_management *m, struct csn_bytes jwk, struct csn_diagnosis_key *to)
{
    const struct csn_json_node *root = NULL;
    struct csn_bytes k = {0};
    if (csn_json_parse(jwk, m->arena, &root) != CSN_OK || !csn_json_get_text(root, "k", &k))
        return;
    struct csn_secret secret = {0};
    if (csn_secret_decode(k, CSN_ENCODING_BASE64URL, &secret) == CSN_OK)
        to->secret = keep(m, csn_secret_view(&secret));
    to->secret_text = k;
    csn_secret_wipe(&secret);
}

static const struct csn_key *
compiled_key(const struct csn_app *app, int64_t number)
{
    for (size_t i = 0; app != NULL && i < app->keys.count; i++) {
        if (app->keys.keys[i].number == number)
            return &app->keys.keys[i];
    }
    return NULL;
}

static enum csn_status
add_key(void *state, const struct csn_key_row *row)
{
    struct gathering *g = state;
    struct csn_management *m = g->m;
    bool full = g->out->key_count == CSN_DIAGNOSIS_KEYS_MAX ||
                m->arena->cap - m->arena->used < ARENA_RESERVE + 2 * row->material.len;
    if (full)
        return CSN_OK;
    struct csn_bytes text;
    enum csn_status status = csn_key_row_open(m, row, &text);
    if (status != CSN_OK)
        return status;
    struct csn_diagnosis_key *to = &g->out->keys[g->out->key_count];
    const struct csn_key *compiled = compiled_key(g->app, row->number);
    to->key = (struct csn_key){.kid = keep(m, row->kid),
                               .algorithm = row->algorithm,
                               .state = row->state,
                               .expires_ms = row->expires_ms,
                               .number = row->number,
                               .verifier = compiled != NULL ? compiled->verifier : NULL};
    to->origin = g->origin;
    to->label = g->label;
    if (to->label.ptr == NULL)
        to->label = row->kid.ptr != NULL ? to->key.kid : keep(m, csn_id_view(&row->id));
    if (row->encoding != CSN_ENCODING_UNSET)
        keep_secret(m, row, text, to);
    else if (csn_algorithm_family(row->algorithm) == CSN_FAMILY_HMAC)
        keep_oct(m, text, to);
    else if (row->source == CSN_SOURCE_PEM || row->source == CSN_SOURCE_GENERATED)
        to->public_pem = text;
    g->out->key_count++;
    return CSN_OK;
}

/* --- apps --- */

static enum csn_status
add_app(struct gathering *g, struct csn_id id)
{
    g->app = csn_registry_app(g->m->registry, csn_id_view(&id));
    g->label = (struct csn_bytes){0};
    if (g->app != NULL) {
        g->out->held[g->out->held_count++] = g->app;
        if (g->origin == CSN_ORIGIN_OTHER_APP)
            g->label = g->app->name; /* held until the release, so it may be borrowed */
    }
    return csn_store_key_each(g->m->store, id, add_key, g);
}

static enum csn_status
add_other(struct gathering *g, struct csn_id id)
{
    enum csn_status status = add_app(g, id);
    if (status != CSN_OK || g->app == NULL)
        return status;
    g->out->others[g->out->other_count++] = (struct csn_diagnosis_expectation){
        g->app->name, g->app->policy.issuer, g->app->policy.audience};
    return CSN_OK;
}

static enum csn_status
add_others(struct gathering *g, struct csn_id own)
{
    struct csn_id ids[OTHER_APPS_MAX + 1];
    size_t count = 0;
    enum csn_status status = csn_store_app_ids(g->m->store, g->m->scope.account, (struct csn_id){0},
                                               ids, OTHER_APPS_MAX + 1, &count);
    size_t added = 0;
    for (size_t i = 0; i < count && status == CSN_OK && added < OTHER_APPS_MAX; i++) {
        if (csn_id_equal(&ids[i], &own))
            continue;
        status = add_other(g, ids[i]);
        added++;
    }
    return status;
}

/* --- API keys: of these only the public name is known --- */

static enum csn_status
add_credentials(struct gathering *g)
{
    struct csn_management *m = g->m;
    struct csn_api_key_row *rows = csn_management_alloc(m, CREDENTIALS_MAX * sizeof *rows);
    if (rows == NULL)
        return CSN_NO_SPACE;
    struct csn_api_key_filter filter = {
        .account = m->scope.account, .app = m->scope.app, .limit = CREDENTIALS_MAX};
    size_t count = 0;
    enum csn_status status = csn_store_api_key_list(m->store, &filter, m->arena, rows, &count);
    for (size_t i = 0; i < count && g->out->key_count < CSN_DIAGNOSIS_KEYS_MAX; i++) {
        g->out->keys[g->out->key_count++] = (struct csn_diagnosis_key){
            .secret = csn_bytes_text(rows[i].key),
            .origin = CSN_ORIGIN_API_CREDENTIAL,
            .label = rows[i].name,
        };
    }
    return status;
}

enum csn_status
csn_management_diagnosis_load(struct csn_management *m, struct csn_id app,
                              struct csn_diagnosis_material *out)
{
    *out = (struct csn_diagnosis_material){0};
    struct csn_app_row row;
    enum csn_status status = csn_management_find_app(m, app, &row);
    if (status != CSN_OK)
        return status;
    out->keys = csn_management_alloc(m, CSN_DIAGNOSIS_KEYS_MAX * sizeof *out->keys);
    out->others = csn_management_alloc(m, OTHER_APPS_MAX * sizeof *out->others);
    out->held = csn_management_alloc(m, (OTHER_APPS_MAX + 1) * sizeof(void *));
    if (out->keys == NULL || out->others == NULL || out->held == NULL)
        return CSN_NO_SPACE;
    struct gathering g = {.m = m, .out = out, .origin = CSN_ORIGIN_OWN};
    status = add_app(&g, app);
    g.origin = CSN_ORIGIN_OTHER_APP;
    /* A key of one app learns nothing of the account's others. */
    if (status == CSN_OK && csn_id_is_none(&m->scope.app))
        status = add_others(&g, app);
    if (status == CSN_OK)
        status = add_credentials(&g);
    if (status != CSN_OK)
        csn_management_diagnosis_release(out);
    return status;
}

void
csn_management_diagnosis_release(struct csn_diagnosis_material *material)
{
    for (size_t i = 0; i < material->held_count; i++)
        csn_app_release(material->held[i]);
    *material = (struct csn_diagnosis_material){0};
}
