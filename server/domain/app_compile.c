/* Rows become an app: parsed with scratch memory, measured by a trial copy, then copied into
 * exactly as much as it takes, so that 100,000 apps cost what they hold and no more.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/panic.h"
#include "server/domain/enforcement.h"
#include "server/domain/heap.h"
#include "server/domain/id.h"
#include "server/domain/registry_parts.h"

struct compiling {
    const struct csn_registry *registry;
    struct csn_app_row row;
    struct csn_app parsed; /* its views point into the scratch memory */
    size_t key_count;
    size_t kid_bytes;
    struct csn_app_box *box;
    struct csn_key *keys;       /* the box's, being filled */
    struct csn_buffer material; /* of the key at hand */
};

/* --- parsing --- */

static enum csn_status
parse_origins(struct csn_bytes json, struct csn_arena *arena, struct csn_app *app)
{
    const struct csn_json_node *root = NULL;
    enum csn_status status = csn_json_parse(json, arena, &root);
    if (status != CSN_OK)
        return status;
    if (root->kind != CSN_JSON_ARRAY || root->count > CSN_ORIGINS_MAX)
        return CSN_INVALID;
    struct csn_bytes *origins = csn_arena_alloc(arena, root->count * sizeof *origins);
    if (origins == NULL)
        return CSN_NO_SPACE;
    size_t count = 0;
    for (const struct csn_json_node *o = root->first; o != NULL; o = o->next)
        origins[count++] = o->text;
    app->origins = origins;
    app->origin_count = count;
    return CSN_OK;
}

/* Times of the enforcement that have passed since it was saved are no mistake: hence now = 0. */
static enum csn_status
parse(const struct csn_app_row *row, struct csn_arena *scratch, struct csn_app *app)
{
    *app = (struct csn_app){
        .id = row->id,
        .account = row->account,
        .name = row->name,
        .preset = row->preset,
        .suspended = row->suspended,
        .has_jwks = row->has_jwks,
        .test_mode_until_ms = row->test_mode_until_ms,
        .evidence_until_ms = row->evidence_until_ms,
        .generation = (uint64_t)row->generation,
    };
    struct csn_policy_error error = {0};
    const char *wrong = "";
    enum csn_status status = csn_policy_parse(row->policy, scratch, &app->policy, &error);
    if (status == CSN_OK)
        status = csn_enforcement_parse(row->enforcement, scratch, &app->enforcement, &wrong, 0);
    return status != CSN_OK ? status : parse_origins(row->origins, scratch, app);
}

/* --- keys --- */

static enum csn_status
add_key(void *state, const struct csn_key_row *row)
{
    struct compiling *c = state;
    struct csn_app_box *box = c->box;
    struct csn_vault_place place = {.kind = "key", .app = row->app, .row = row->id};
    c->material.len = 0;
    enum csn_status status =
        csn_vault_open(c->registry->vault, &place, row->material, &c->material);
    if (status != CSN_OK)
        return status;
    size_t at = box->app.keys.count;
    if (at == c->key_count)
        return CSN_INVALID; /* more of them than a moment ago */
    struct csn_key_report report;
    status = csn_key_material_load(row->source, row->encoding, row->algorithm,
                                   csn_buffer_view(&c->material), &box->verifiers[at], &report);
    csn_wipe(c->material.ptr, c->material.len);
    if (status != CSN_OK)
        return status;
    box->app.keys.count = at + 1;
    c->keys[at] = (struct csn_key){
        .algorithm = row->algorithm,
        .state = row->state,
        .expires_ms = row->expires_ms,
        .number = row->number,
        .verifier = box->verifiers[at],
    };
    if (row->kid.ptr != NULL)
        c->keys[at].kid = csn_arena_copy(&box->arena, row->kid);
    return row->kid.ptr != NULL && c->keys[at].kid.ptr == NULL ? CSN_NO_SPACE : CSN_OK;
}

static enum csn_status
make_session_key(const struct csn_registry *registry, struct csn_app_box *box)
{
    uint8_t secret[32] = {0};
    struct csn_key_report report;
    struct csn_bytes view = csn_bytes_of(secret, sizeof secret);
    csn_vault_derive(registry->vault, "session", &box->app.id, secret);
    enum csn_status status =
        csn_verifier_from_secret(CSN_HS256, view, &box->session_verifier, &report);
    if (status == CSN_OK)
        status = csn_signer_from_secret(CSN_HS256, view, &box->session_signer, &report);
    csn_wipe(secret, sizeof secret);
    if (status != CSN_OK)
        return status;
    box->session_key = (struct csn_key){
        .algorithm = CSN_HS256, .state = CSN_KEY_ACTIVE, .verifier = box->session_verifier};
    box->app.session_keys = (struct csn_keyring){&box->session_key, 1};
    box->app.session_signer = box->session_signer;
    csn_vault_derive(registry->vault, "pseudonym", &box->app.id, box->app.pseudonym_key);
    return CSN_OK;
}

/* --- the box --- */

static struct csn_app_box *
box_new(size_t memory)
{
    struct csn_app_box *box = csn_heap_new(sizeof *box + memory);
    if (box == NULL)
        return NULL;
    box->size = sizeof *box + memory;
    box->arena = csn_arena_over(box->memory, memory);
    atomic_init(&box->references, 1);
    return box;
}

#define ALIGNMENT_SLACK 16 /* what one allocation of an arena may take besides its size */

static enum csn_status
count_key(void *state, const struct csn_key_row *row)
{
    struct compiling *c = state;
    c->key_count++;
    c->kid_bytes += row->kid.len + 1 + ALIGNMENT_SLACK;
    return CSN_OK;
}

/* Out: *bytes the app and its keys take in the box. */
static enum csn_status
measure(struct compiling *c, struct csn_store *store, const struct csn_arena *scratch,
        size_t *bytes)
{
    struct csn_app copy;
    struct csn_arena trial =
        csn_arena_over(scratch->ptr + scratch->used, scratch->cap - scratch->used);
    enum csn_status status = csn_app_copy(&c->parsed, &trial, &copy);
    if (status == CSN_OK)
        status = csn_store_key_each(store, c->row.id, count_key, c);
    size_t per_key = sizeof(struct csn_key) + sizeof(struct csn_verifier *);
    *bytes = trial.used + c->kid_bytes + c->key_count * per_key + 4 * ALIGNMENT_SLACK;
    return status;
}

static enum csn_status
fill(struct compiling *c, struct csn_store *store)
{
    struct csn_app_box *box = c->box;
    enum csn_status status = csn_app_copy(&c->parsed, &box->arena, &box->app);
    if (status != CSN_OK)
        return status;
    c->keys = csn_arena_alloc(&box->arena, c->key_count * sizeof *c->keys);
    box->verifiers = csn_arena_alloc(&box->arena, c->key_count * sizeof(struct csn_verifier *));
    if (c->keys == NULL || box->verifiers == NULL)
        return CSN_NO_SPACE;
    box->app.keys.keys = c->keys;
    status = csn_store_key_each(store, c->row.id, add_key, c);
    return status != CSN_OK ? status : make_session_key(c->registry, box);
}

static enum csn_status
compile(struct compiling *c, struct csn_store *store, struct csn_id id, struct csn_arena *scratch)
{
    enum csn_status status = csn_store_app_get(store, id, scratch, &c->row);
    if (status == CSN_OK)
        status = parse(&c->row, scratch, &c->parsed);
    if (status != CSN_OK)
        return status;
    void *material = csn_arena_alloc(scratch, CSN_KEY_TEXT_MAX);
    if (material == NULL)
        return CSN_NO_SPACE;
    c->material = csn_buffer_over(material, CSN_KEY_TEXT_MAX);
    size_t bytes = 0;
    status = measure(c, store, scratch, &bytes);
    if (status != CSN_OK)
        return status;
    c->box = box_new(bytes);
    if (c->box == NULL)
        return CSN_NO_MEMORY;
    status = fill(c, store);
    if (status != CSN_OK)
        csn_app_box_release(c->box);
    return status;
}

enum csn_status
csn_app_compile_in(const struct csn_registry *registry, struct csn_store *store, struct csn_id id,
                   struct csn_arena scratch, struct csn_app_box **out)
{
    *out = NULL;
    scratch.used = 0;
    struct compiling c = {.registry = registry};
    enum csn_status status = compile(&c, store, id, &scratch);
    if (status == CSN_OK)
        *out = c.box;
    return status == CSN_NO_SPACE ? CSN_INVALID : status;
}

enum csn_status
csn_app_compile(const struct csn_registry *registry, struct csn_store *store, struct csn_id id,
                struct csn_app_box **out)
{
    *out = NULL;
    void *memory = csn_heap_new(CSN_APP_SCRATCH);
    if (memory == NULL)
        return CSN_NO_MEMORY;
    struct csn_arena scratch = csn_arena_over(memory, CSN_APP_SCRATCH);
    enum csn_status status = csn_app_compile_in(registry, store, id, scratch, out);
    csn_heap_free(memory, CSN_APP_SCRATCH);
    return status;
}
