/* Makes a key of an app: from a secret, a PEM, a JWK, or new. Which one is told by the one member
 * of `secret`, `pem`, `jwk`, `generate` that the body has. What was generated is in this answer and
 * in no later one.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/decode.h"
#include "server/api/handlers.h"
#include "server/api/key_form.h"
#include "server/api/manage.h"
#include "server/api/trail.h"

struct body {
    struct csn_bytes secret, pem, algorithm, kid, encoding, state;
    const struct csn_json_node *jwk;
    bool generate;
    int64_t rsa_bits, expires_ms;
};

struct creation {
    struct body body;
    struct csn_key_request request;
    struct csn_key_made made;
};

static const struct csn_field fields[] = {
    {"secret", CSN_FIELD_LINES, false, 0, 4 * CSN_SECRET_MAX, offsetof(struct body, secret)},
    {"encoding", CSN_FIELD_TEXT, false, 0, 16, offsetof(struct body, encoding)},
    {"pem", CSN_FIELD_LINES, false, 0, CSN_KEY_TEXT_MAX, offsetof(struct body, pem)},
    {"jwk", CSN_FIELD_OBJECT, false, 0, 0, offsetof(struct body, jwk)},
    {"generate", CSN_FIELD_BOOL, false, 0, 0, offsetof(struct body, generate)},
    {"rsa_bits", CSN_FIELD_INT, false, CSN_RSA_BITS_MIN, CSN_RSA_BITS_MAX,
     offsetof(struct body, rsa_bits)},
    {"algorithm", CSN_FIELD_TEXT, false, 0, 16, offsetof(struct body, algorithm)},
    {"kid", CSN_FIELD_TEXT, false, 0, CSN_KID_MAX, offsetof(struct body, kid)},
    {"state", CSN_FIELD_TEXT, false, 0, 16, offsetof(struct body, state)},
    {"expires_at", CSN_FIELD_TIME, false, 0, 0, offsetof(struct body, expires_ms)},
};

static bool
refuse(struct csn_exchange *x, const char *field, const char *detail)
{
    csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "", csn_bytes_text(field), detail);
    return false;
}

static bool
read_source(struct csn_exchange *x, const struct body *body, struct csn_key_request *request)
{
    int given = (body->secret.len > 0) + (body->pem.len > 0) + (body->jwk != NULL) + body->generate;
    if (given != 1) {
        csn_problem_fault(x, CSN_FAULT_REQUEST_INVALID,
                          "Give exactly one of secret, pem, jwk, and generate = true.");
        return false;
    }
    request->source = CSN_SOURCE_GENERATED;
    request->text = body->secret.len > 0 ? body->secret : body->pem;
    if (body->secret.len > 0)
        request->source = CSN_SOURCE_SECRET;
    if (body->pem.len > 0)
        request->source = CSN_SOURCE_PEM;
    if (body->jwk == NULL)
        return true;
    request->source = CSN_SOURCE_JWK;
    return csn_manage_json(x, body->jwk, &request->text);
}

/* An absent name is unset; a present one must be known. */
static bool
read_names(struct csn_exchange *x, const struct body *body, struct csn_key_request *request)
{
    request->algorithm = csn_algorithm_from_name(body->algorithm);
    if (body->algorithm.len > 0 && request->algorithm == CSN_ALGORITHM_UNSET)
        return refuse(x, "algorithm", "The algorithm is not one this server knows.");
    request->encoding = csn_encoding_from_name(body->encoding);
    if (body->encoding.len > 0 && request->encoding == CSN_ENCODING_UNSET)
        return refuse(x, "encoding", "An encoding is utf8, base64, base64url or hex.");
    request->state = csn_key_state_from_name(body->state);
    if (body->state.len > 0 && request->state == CSN_KEY_STATE_UNSET)
        return refuse(x, "state", "A new key is standby or active.");
    return true;
}

static enum csn_status
work_create(struct csn_exchange *x, struct csn_store *store)
{
    struct creation *state = x->state;
    struct csn_management *m = csn_manage(x, store);
    if (m == NULL)
        return CSN_NO_SPACE;
    enum csn_status status =
        csn_management_key_create(m, x->app->id, &state->request, &state->made, x->now_ms);
    csn_trail_target(x, state->made.info.id);
    return status;
}

static void
answer_created(struct csn_exchange *x)
{
    const struct csn_key_made *made = &((const struct creation *)x->state)->made;
    struct csn_json_writer w = csn_answer_open(x);
    csn_key_form_write(&w, &made->info);
    if (made->secret_text.len > 0)
        csn_json_member_string(&w, "secret", made->secret_text);
    if (made->private_pem.len > 0)
        csn_json_member_string(&w, "private_pem", made->private_pem);
    if (made->public_pem.len > 0)
        csn_json_member_string(&w, "public_pem", made->public_pem);
    if (made->public_jwk.len > 0) {
        csn_json_name(&w, "public_jwk");
        csn_json_raw(&w, made->public_jwk);
    }
    csn_answer_close(x, &w, 201);
}

enum csn_step
csn_keys_create(struct csn_exchange *x)
{
    struct creation *state = csn_manage_state(x, sizeof *state);
    x->sensitive = true;
    if (state == NULL || !csn_decode(x, CSN_FIELDS(fields), &state->body))
        return CSN_ANSWERED;
    const struct body *body = &state->body;
    struct csn_key_request *request = &state->request;
    if (!read_source(x, body, request) || !read_names(x, body, request))
        return CSN_ANSWERED;
    request->has_kid = body->kid.len > 0;
    request->kid = body->kid;
    request->rsa_bits = (unsigned)body->rsa_bits;
    request->expires_ms = body->expires_ms;
    return csn_answer_later(x, work_create, answer_created);
}
