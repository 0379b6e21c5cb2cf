/* Diagnosis for an app's owner: what exactly is wrong with a pasted token.
 *
 * The raw secrets are unsealed for this call alone and wiped with the arena. The presented API
 * credential is among what is tried, because signing with it is a common mistake: in its parts and
 * joined in both usual ways; it is shown to nobody. The store says what only it knows: which
 * challenge a nonce is of, and what was revoked; nothing is consumed by asking. The signature
 * checks run in `finish`, so that the store does not wait for them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/diagnose.h"
#include "server/api/credential.h"
#include "server/api/decode.h"
#include "server/api/handlers.h"
#include "server/api/manage.h"
#include "server/api/sdk_form.h"

#define INPUT_MAX ((int64_t)4 * CSN_TOKEN_MAX) /* bytes of what may be pasted */
#define CREDENTIAL_KEYS 4                      /* the secret, the key, "key.secret", "key:secret" */

/* --- what the store is asked --- */

static bool
is_of_token(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

/* Returns: the longest run of a token's characters in what was pasted, without what was left around
 * it. */
static struct csn_bytes
bare_token(struct csn_bytes input)
{
    struct csn_bytes longest = {0};
    for (size_t from = 0; from < input.len; from++) {
        size_t to = from;
        while (to < input.len && is_of_token(input.ptr[to]))
            to++;
        if (to - from > longest.len)
            longest = csn_bytes_slice(input, from, to);
        from = to;
    }
    return longest;
}

/* Out: the claim `nonce`, believed by nobody. The tree it stands in is given back at once. */
static void
read_nonce(struct csn_exchange *x, struct csn_workspace *workspace, struct csn_diagnosing *state)
{
    struct csn_token_parts parts;
    const struct csn_json_node *payload = NULL;
    struct csn_bytes nonce = {0};
    char text[CSN_CLAIM_TEXT_MAX];
    struct csn_arena before = x->arena;
    bool read = csn_token_open(bare_token(state->token), workspace, &parts) == CSN_OK &&
                csn_json_parse(parts.payload, &x->arena, &payload) == CSN_OK &&
                csn_json_get_text(payload, "nonce", &nonce) && nonce.len <= sizeof text;
    struct csn_buffer copy = csn_buffer_over(text, sizeof text);
    if (read)
        csn_buffer_append(&copy, nonce);
    x->arena = before;
    state->question.nonce = csn_arena_copy(&x->arena, csn_buffer_view(&copy));
}

/* Only of a token that verifies is it asked whose it is, and whether it was revoked. */
static void
read_holder(struct csn_exchange *x, struct csn_workspace *workspace, struct csn_diagnosing *state)
{
    struct csn_presentation presented = {.token = state->token, .nonce_check = CSN_NONCE_DEFER};
    struct csn_verdict verdict;
    csn_judge(&x->app->policy, &x->app->keys, &presented, workspace, &verdict, state->at_ms);
    if (verdict.reason != CSN_REASON_ACCEPTED)
        return;
    csn_sdk_token_facts(x, state->token, &verdict, &state->question.token);
    state->question.identity = csn_arena_copy(&x->arena, verdict.identity);
}

void
csn_diagnosing_ask(struct csn_exchange *x, struct csn_workspace *workspace,
                   struct csn_diagnosing *state)
{
    state->question.app = x->app;
    state->question.expected_nonce = state->nonce;
    state->question.device = state->device;
    read_nonce(x, workspace, state);
    read_holder(x, workspace, state);
}

enum csn_status
csn_diagnosing_load(struct csn_exchange *x, struct csn_store *store, struct csn_diagnosing *state)
{
    struct csn_management *m = csn_manage(x, store);
    if (m == NULL)
        return CSN_NO_SPACE;
    enum csn_status status = csn_management_diagnosis_past(
        m, x->service->sessions, &state->question, &state->past, state->at_ms);
    if (status == CSN_OK)
        status = csn_management_diagnosis_load(m, x->app->id, &state->material);
    state->loaded = status == CSN_OK;
    return status;
}

void
csn_diagnosing_drop(struct csn_diagnosing *state)
{
    if (state->loaded)
        csn_management_diagnosis_release(&state->material);
    state->loaded = false;
}

/* --- what is tried --- */

static void
add_credential(struct csn_diagnosis_key *key, struct csn_bytes secret, const char *label)
{
    *key = (struct csn_diagnosis_key){
        .secret = secret, .origin = CSN_ORIGIN_API_CREDENTIAL, .label = csn_bytes_text(label)};
}

/* Returns: the API key as it is printed, or as HTTP Basic joins it, whichever way it came; {0} when
 * the arena is full. */
static struct csn_bytes
joined(struct csn_exchange *x, const struct csn_api_credential *given, uint8_t by)
{
    size_t cap = given->key.len + 1 + given->secret.len;
    void *memory = csn_arena_alloc(&x->arena, cap);
    struct csn_buffer text = csn_buffer_over(memory, memory != NULL ? cap : 0);
    csn_buffer_append(&text, given->key);
    csn_buffer_byte(&text, by);
    csn_buffer_append(&text, given->secret);
    if (text.overflowed)
        return (struct csn_bytes){0};
    return csn_buffer_view(&text);
}

/* Returns: the loaded keys and the presented credential, in one array. */
static struct csn_diagnosis_key *
all_keys(struct csn_exchange *x, const struct csn_diagnosis_material *material,
         const struct csn_api_credential *given, size_t *count)
{
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
    add_credential(&keys[own + 2], joined(x, given, '.'), "the whole API key");
    add_credential(&keys[own + 3], joined(x, given, ':'), "the API key as user:password");
    *count = own + CREDENTIAL_KEYS;
    return keys;
}

/* A nonce that was never given out here is no reason to accept a token that has it. */
static struct csn_bytes
expected_nonce(const struct csn_diagnosing *state)
{
    const struct csn_diagnosis_past *past = &state->past;
    if (!csn_bytes_equal(state->nonce, state->question.nonce))
        return state->nonce;
    for (size_t i = 0; i < past->nonce_count; i++) {
        if (csn_bytes_equal(past->nonces[i].nonce, state->nonce))
            return state->nonce;
    }
    return (struct csn_bytes){0};
}

static enum csn_status
diagnose(struct csn_exchange *x, const struct csn_diagnosing *state, struct csn_diagnosis *out)
{
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
        .expected_nonce = expected_nonce(state),
        .nonces = state->past.nonces,
        .nonce_count = state->past.nonce_count,
        .revoked = state->past.revoked,
        .revoked_customer = state->past.revoked_customer,
    };
    request.keys = all_keys(x, &state->material, &given, &request.key_count);
    struct csn_workspace *workspace = csn_arena_alloc(&x->arena, sizeof *workspace);
    enum csn_status status = CSN_NO_SPACE;
    if (request.keys != NULL && workspace != NULL)
        status = csn_diagnose(&request, workspace, &x->arena, out, state->at_ms);
    csn_secret_wipe(&given.memory);
    return status;
}

enum csn_status
csn_diagnosing_answer(struct csn_exchange *x, struct csn_diagnosing *state,
                      const struct csn_diagnosis **found)
{
    struct csn_diagnosis *out = csn_arena_alloc(&x->arena, sizeof *out);
    enum csn_status status = out != NULL ? diagnose(x, state, out) : CSN_NO_SPACE;
    csn_diagnosing_drop(state);
    *found = out;
    return status;
}

/* --- a pasted one --- */

static enum csn_status
work_load(struct csn_exchange *x, struct csn_store *store)
{
    return csn_diagnosing_load(x, store, x->state);
}

static void
answer_diagnosis(struct csn_exchange *x)
{
    const struct csn_diagnosis *found = NULL;
    enum csn_status status = csn_diagnosing_answer(x, x->state, &found);
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
    csn_diagnosing_drop(x->state);
    csn_problem_status(x, status);
}

enum csn_step
csn_diagnosis_run(struct csn_exchange *x)
{
    static const struct csn_field fields[] = {
        {"token", CSN_FIELD_RAW, true, 0, INPUT_MAX, offsetof(struct csn_diagnosing, token)},
        {"second", CSN_FIELD_RAW, false, 0, INPUT_MAX, offsetof(struct csn_diagnosing, second)},
        {"identity", CSN_FIELD_TEXT, false, 0, CSN_IDENTITY_MAX,
         offsetof(struct csn_diagnosing, identity)},
        {"nonce", CSN_FIELD_TEXT, false, 0, CSN_CLAIM_TEXT_MAX,
         offsetof(struct csn_diagnosing, nonce)},
        {"device", CSN_FIELD_TEXT, false, 0, CSN_DEVICE_ID_MAX,
         offsetof(struct csn_diagnosing, device)},
    };
    struct csn_diagnosing *state = csn_manage_state(x, sizeof *state);
    x->sensitive = true;
    if (state == NULL || !csn_decode(x, CSN_FIELDS(fields), state))
        return CSN_ANSWERED;
    state->at_ms = x->now_ms;
    csn_diagnosing_ask(x, x->workspace, state);
    x->failed = answer_failed;
    return csn_answer_later(x, work_load, answer_diagnosis);
}
