/* Rows become an app: parsed twice, once to learn how much memory it takes and once into exactly
 * that much, so that 100,000 apps cost what they hold and no more.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/panic.h"
#include "server/domain/enforcement.h"
#include "server/domain/heap.h"
#include "server/domain/id.h"
#include "server/domain/registry_parts.h"

struct compiling {
    const struct csn_registry *registry;
    struct csn_app_row row;
    struct csn_app_box *box;
    struct csn_buffer material; /* of the key at hand */
};

/* --- what is parsed into the app's arena --- */

static enum csn_status
copy_text(struct csn_arena *arena, struct csn_bytes text, struct csn_bytes *out)
{
    *out = text;
    if (text.ptr == NULL)
        return CSN_OK;
    *out = csn_arena_copy(arena, text);
    return out->ptr == NULL ? CSN_NO_SPACE : CSN_OK;
}

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
parse_documents(const struct csn_app_row *row, struct csn_arena *arena, struct csn_app *app)
{
    struct csn_policy_error error = {0};
    const char *wrong = "";
    enum csn_status status = csn_policy_parse(row->policy, arena, &app->policy, &error);
    if (status == CSN_OK)
        status = csn_enforcement_parse(row->enforcement, arena, &app->enforcement, &wrong, 0);
    if (status == CSN_OK)
        status = parse_origins(row->origins, arena, app);
    if (status == CSN_OK)
        status = copy_text(arena, row->name, &app->name);
    if (status == CSN_OK)
        status = copy_text(arena, row->preset, &app->preset);
    return status;
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
    struct csn_key_report report;
    status = csn_key_material_load(row->source, row->encoding, row->algorithm,
                                   csn_buffer_view(&c->material), &box->verifiers[at], &report);
    csn_wipe(c->material.ptr, c->material.len);
    if (status != CSN_OK)
        return status;
    struct csn_key *key = &box->keys[at];
    *key = (struct csn_key){
        .algorithm = row->algorithm,
        .state = row->state,
        .expires_ms = row->expires_ms,
        .number = row->number,
        .verifier = box->verifiers[at],
    };
    box->app.keys.count = at + 1;
    return copy_text(&box->arena, row->kid, &key->kid);
}

static enum csn_status
make_session_key(const struct csn_registry *registry, struct csn_app_box *box)
{
    uint8_t secret[32];
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

/* --- the two passes --- */

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

/* Bytes kept for the kids, which are copied while the keys are walked. */
static enum csn_status
add_kid_bytes(void *state, const struct csn_key_row *row)
{
    *(size_t *)state += row->kid.len + 32;
    return CSN_OK;
}

static enum csn_status
measure(struct csn_store *store, const struct csn_app_row *row, struct csn_arena rest,
        size_t *bytes)
{
    struct csn_app measured = {0};
    size_t kids = 0;
    /* From an aligned start, as the box's own memory: allocation then falls the same way. */
    struct csn_arena trial = csn_arena_over(rest.ptr + rest.used, rest.cap - rest.used);
    enum csn_status status = parse_documents(row, &trial, &measured);
    if (status == CSN_OK)
        status = csn_store_key_each(store, row->id, add_kid_bytes, &kids);
    *bytes = trial.used + kids + 64;
    return status;
}

static enum csn_status
fill(struct compiling *c, struct csn_store *store)
{
    struct csn_app_box *box = c->box;
    struct csn_app *app = &box->app;
    app->id = c->row.id;
    app->account = c->row.account;
    app->suspended = c->row.suspended;
    app->has_jwks = c->row.has_jwks;
    app->test_mode_until_ms = c->row.test_mode_until_ms;
    app->generation = (uint64_t)c->row.generation;
    app->keys.keys = box->keys;
    enum csn_status status = parse_documents(&c->row, &box->arena, app);
    if (status == CSN_OK)
        status = csn_store_key_each(store, c->row.id, add_key, c);
    if (status == CSN_OK)
        status = make_session_key(c->registry, box);
    return status;
}

static enum csn_status
compile(const struct csn_registry *registry, struct csn_store *store, struct csn_id id,
        struct csn_arena *scratch, struct csn_app_box **out)
{
    struct compiling c = {.registry = registry};
    enum csn_status status = csn_store_app_get(store, id, scratch, &c.row);
    if (status != CSN_OK)
        return status;
    void *material = csn_arena_alloc(scratch, CSN_KEY_TEXT_MAX);
    CSN_ASSERT(material != NULL);
    c.material = csn_buffer_over(material, CSN_KEY_TEXT_MAX);
    size_t bytes = 0;
    status = measure(store, &c.row, *scratch, &bytes);
    if (status != CSN_OK)
        return status;
    c.box = box_new(bytes);
    if (c.box == NULL)
        return CSN_NO_MEMORY;
    status = fill(&c, store);
    if (status == CSN_OK)
        *out = c.box;
    else
        csn_app_box_release(c.box);
    return status;
}

enum csn_status
csn_app_compile_in(const struct csn_registry *registry, struct csn_store *store, struct csn_id id,
                   struct csn_arena scratch, struct csn_app_box **out)
{
    *out = NULL;
    scratch.used = 0;
    enum csn_status status = compile(registry, store, id, &scratch, out);
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
