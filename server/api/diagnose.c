/* Diagnosis for an app's owner: what exactly is wrong with a pasted token.
 *
 * The raw secrets are unsealed for this call alone and wiped with the arena. The presented API
 * credential is among what is tried, because signing with it is a common mistake; it is tried as it
 * came, and shown to nobody. The signature checks run in `finish`, so that the store does not wait
 * for them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/credential.h"
#include "server/api/decode.h"
#include "server/api/handlers.h"
#include "server/api/manage.h"
#include "server/domain/management_diagnosis.h"

#define INPUT_MAX ((int64_t)4 * CSN_TOKEN_MAX) /* bytes of what may be pasted */
#define CREDENTIAL_KEYS 2                      /* the secret, and "key.secret" */

struct diagnosis {
    struct csn_bytes token, second, identity, nonce;
    struct csn_diagnosis_material material;
    bool loaded;
};

static enum csn_status
work_load(struct csn_exchange *x, struct csn_store *store)
{
    struct diagnosis *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    if (m == NULL)
        return CSN_NO_SPACE;
    enum csn_status status = csn_management_diagnosis_load(m, x->app->id, &state->material);
    state->loaded = status == CSN_OK;
    return status;
}

static void
add_credential(struct csn_diagnosis_key *key, struct csn_bytes secret, const char *label)
{
    *key = (struct csn_diagnosis_key){
        .secret = secret, .origin = CSN_ORIGIN_API_CREDENTIAL, .label = csn_bytes_text(label)};
}

/* Returns: the loaded keys and the presented credential, in one array. */
static struct csn_diagnosis_key *
all_keys(struct csn_exchange *x, const struct csn_api_credential *given, size_t *count)
{
    const struct csn_diagnosis_material *material = &((const struct diagnosis *)x->state)->material;
    size_t own = material->key_count;
    if (own > CSN_DIAGNOSIS_KEYS_MAX - CREDENTIAL_KEYS)
        own = CSN_DIAGNOSIS_KEYS_MAX - CREDENTIAL_KEYS;
    struct csn_diagnosis_key *keys =
        csn_arena_alloc(&x->arena, (own + CREDENTIAL_KEYS) * sizeof *keys);
    if (keys == NULL)
        return NULL;
    for (size_t i = 0; i < own; i++)
        keys[i] = material->keys[i];
    add_credential(&keys[own], given->secret, "the secret of the API key");
    add_credential(&keys[own + 1], given->key, "the public part of the API key");
    *count = own + CREDENTIAL_KEYS;
    return keys;
}

static enum csn_status
diagnose(struct csn_exchange *x, struct csn_diagnosis *out)
{
    const struct diagnosis *state = x->state;
    struct csn_api_credential given;
    if (!csn_credential_api_key(x, &given))
        return CSN_INVALID;
    struct csn_diagnosis_request request = {
        .policy = &x->app->policy,
        .others = state->material.others,
        .other_count = state->material.other_count,
        .input = state->token,
        .second = state->second,
        .expected_identity = state->identity,
        .expected_nonce = state->nonce,
    };
    request.keys = all_keys(x, &given, &request.key_count);
    struct csn_workspace *workspace = csn_arena_alloc(&x->arena, sizeof *workspace);
    enum csn_status status = CSN_NO_SPACE;
    if (request.keys != NULL && workspace != NULL)
        status = csn_diagnose(&request, workspace, &x->arena, out, x->now_ms);
    csn_secret_wipe(&given.memory);
    return status;
}

static void
answer_diagnosis(struct csn_exchange *x)
{
    struct csn_diagnosis *found = csn_arena_alloc(&x->arena, sizeof *found);
    enum csn_status status = found != NULL ? diagnose(x, found) : CSN_NO_SPACE;
    csn_management_diagnosis_release(&((struct diagnosis *)x->state)->material);
    if (status != CSN_OK) {
        csn_problem_status(x, status);
        return;
    }
    struct csn_json_writer w = csn_answer_begin(x);
    csn_diagnosis_write(found, &w);
    csn_answer_end(x, 200, "application/json");
}

/* The load held, the commit did not: what was borrowed goes back all the same. */
static void
answer_failed(struct csn_exchange *x, enum csn_status status)
{
    struct diagnosis *state = x->state;
    if (state->loaded)
        csn_management_diagnosis_release(&state->material);
    csn_problem_status(x, status);
}

enum csn_step
csn_diagnosis_run(struct csn_exchange *x)
{
    static const struct csn_field fields[] = {
        {"token", CSN_FIELD_LINES, true, 0, INPUT_MAX, offsetof(struct diagnosis, token)},
        {"second", CSN_FIELD_LINES, false, 0, INPUT_MAX, offsetof(struct diagnosis, second)},
        {"identity", CSN_FIELD_TEXT, false, 0, CSN_IDENTITY_MAX,
         offsetof(struct diagnosis, identity)},
        {"nonce", CSN_FIELD_TEXT, false, 0, CSN_CLAIM_TEXT_MAX, offsetof(struct diagnosis, nonce)},
    };
    struct diagnosis *state = csn_manage_state(x, sizeof *state);
    x->sensitive = true;
    if (state == NULL || !csn_decode(x, CSN_FIELDS(fields), state))
        return CSN_ANSWERED;
    x->failed = answer_failed;
    return csn_answer_later(x, work_load, answer_diagnosis);
}
