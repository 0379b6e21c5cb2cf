/* The forms of the SDK endpoints.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/sdk_form.h"

#include "server/api/answer.h"
#include "server/api/decode.h"
#include "server/api/item_form.h"
#include "server/api/problem.h"
#include "server/api/query.h"
#include "server/api/test_mode.h"
#include "server/domain/revocations.h"

/* --- reading --- */

bool
csn_sdk_device_read(struct csn_exchange *x, const struct csn_json_node *object,
                    struct csn_device_facts *out)
{
    static const struct csn_field fields[] = {
        {"id", CSN_FIELD_TEXT, true, 0, CSN_DEVICE_ID_MAX, offsetof(struct csn_device_facts, id)},
        {"platform", CSN_FIELD_TEXT, false, 0, CSN_PLATFORM_MAX,
         offsetof(struct csn_device_facts, platform)},
        {"app_version", CSN_FIELD_TEXT, false, 0, CSN_VERSION_TEXT_MAX,
         offsetof(struct csn_device_facts, app_version)},
        {"sdk_version", CSN_FIELD_TEXT, false, 0, CSN_VERSION_TEXT_MAX,
         offsetof(struct csn_device_facts, sdk_version)},
    };
    if (!csn_decode_object(x, object, "device.", CSN_FIELDS(fields), out))
        return false;
    for (size_t i = 0; i < out->id.len; i++) {
        if (out->id.ptr[i] > ' ' && out->id.ptr[i] < 0x7F)
            continue;
        csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "device.", csn_bytes_text("id"),
                          "A device id is printable ASCII without spaces.");
        return false;
    }
    return true;
}

/* Returns: the field is absent, or printable ASCII that fits; no spaces in an id. */
static bool
read_field(const struct csn_request *request, const char *name, bool spaces, char *out, size_t cap)
{
    bool twice = false;
    struct csn_bytes value = csn_request_header(request, name, &twice);
    if (twice || value.len >= cap)
        return false;
    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = value.ptr[i];
        if (c < ' ' || c >= 0x7F || (c == ' ' && !spaces))
            return false;
        out[i] = (char)c;
    }
    out[value.len] = '\0';
    return true;
}

bool
csn_sdk_device_fields(struct csn_exchange *x)
{
    struct csn_caller *caller = &x->caller;
    const struct {
        const char *name;
        bool spaces;
        char *out;
        size_t cap;
    } fields[] = {
        {"countersign-device", false, caller->device, sizeof caller->device},
        {"countersign-platform", true, caller->platform, sizeof caller->platform},
        {"countersign-app-version", true, caller->app_version, sizeof caller->app_version},
        {"countersign-sdk-version", true, caller->sdk_version, sizeof caller->sdk_version},
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (read_field(&x->request, fields[i].name, fields[i].spaces, fields[i].out, fields[i].cap))
            continue;
        csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "", csn_bytes_text(fields[i].name),
                          "One field of printable ASCII; an id of 128 characters without spaces, "
                          "the others of 32.");
        return false;
    }
    return true;
}

bool
csn_sdk_identity_field(struct csn_exchange *x)
{
    static const char name[] = "countersign-identity";
    bool twice = false;
    struct csn_bytes field = csn_request_header(&x->request, name, &twice), identity = {0};
    if (field.ptr == NULL && !twice)
        return true;
    bool read = !twice && csn_query_decode(&x->arena, field, false, &identity);
    if (read && identity.len <= CSN_IDENTITY_MAX && csn_decode_is_clean(identity)) {
        x->claimed = identity;
        return true;
    }
    csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "", csn_bytes_text(name),
                      "One identity of 1 to 255 bytes, as percent-encoded UTF-8.");
    return false;
}

bool
csn_sdk_identity_said(struct csn_exchange *x, struct csn_bytes identity)
{
    if (x->claimed.len == 0)
        x->claimed = identity;
    if (identity.len == 0 || csn_bytes_equal(x->claimed, identity))
        return true;
    csn_problem_fault(x, CSN_FAULT_TWO_CREDENTIALS,
                      "Countersign-Identity and `identity` in the body are two identities.");
    return false;
}

struct csn_device_facts
csn_sdk_device_of(const struct csn_caller *caller)
{
    return (struct csn_device_facts){.id = csn_bytes_text(caller->device),
                                     .platform = csn_bytes_text(caller->platform),
                                     .app_version = csn_bytes_text(caller->app_version),
                                     .sdk_version = csn_bytes_text(caller->sdk_version)};
}

static bool
keep(struct csn_arena *arena, struct csn_bytes *view)
{
    if (view->ptr == NULL)
        return true;
    *view = csn_arena_copy(arena, *view);
    return view->ptr != NULL;
}

static bool
is_revoked(const struct csn_exchange *x, struct csn_bytes token)
{
    uint8_t hash[32];
    csn_token_hash(token, hash);
    return x->service->revocations != NULL &&
           csn_is_token_revoked(x->service->revocations, &x->app->id, hash);
}

void
csn_sdk_token_judge(struct csn_exchange *x, struct csn_bytes token,
                    struct csn_bytes expected_identity, struct csn_verdict *verdict)
{
    struct csn_presentation presented = {
        .token = token,
        .expected_identity = expected_identity,
        .nonce_check = CSN_NONCE_DEFER, /* the store consumes it as part of the login */
    };
    csn_judge(&x->app->policy, &x->app->keys, &presented, x->workspace, verdict, x->now_ms);
    if (verdict->reason == CSN_REASON_MISSING) /* to the judge, an empty text is no token */
        *verdict = (struct csn_verdict){.reason = CSN_REASON_MALFORMED, .part = CSN_PART_TOKEN};
    csn_jwks_judged(&x->service->jwks_hints, x->app, verdict->reason);
    if (verdict->reason == CSN_REASON_ACCEPTED && is_revoked(x, token))
        verdict->reason = CSN_REASON_REVOKED;
    if (keep(&x->arena, &verdict->identity) && keep(&x->arena, &verdict->nonce))
        return;
    *verdict = (struct csn_verdict){.reason = CSN_REASON_UNAVAILABLE};
}

void
csn_sdk_token_facts(const struct csn_exchange *x, struct csn_bytes token,
                    const struct csn_verdict *verdict, struct csn_token_facts *out)
{
    *out = (struct csn_token_facts){.given = true};
    csn_token_hash(token, out->hash);
    out->issued_ms = verdict->has_issued_at ? verdict->issued_at_ms : 0;
    out->expires_ms = verdict->has_expires_at ? verdict->expires_at_ms : 0;
    out->key_number = verdict->key != NULL ? verdict->key->number : 0;
    if (x->app->policy.nonce == CSN_NONCE_RULE_REQUIRED)
        out->nonce = verdict->nonce;
}

/* --- writing --- */

void
csn_sdk_customer_write(struct csn_json_writer *w, struct csn_id id, struct csn_bytes identity,
                       enum csn_assurance assurance)
{
    csn_json_name(w, "customer");
    csn_json_open_object(w);
    csn_answer_id(w, "id", id);
    csn_answer_text(w, "identity", identity);
    csn_json_member_text(w, "assurance", csn_assurance_name(assurance));
    csn_json_close_object(w);
}

void
csn_sdk_vault_write(struct csn_json_writer *w, const uint8_t vault_key[32])
{
    char memory[64];
    struct csn_buffer text = csn_buffer_over(memory, sizeof memory);
    csn_base64url_append(&text, csn_bytes_of(vault_key, 32));
    csn_json_member_string(w, "vault_key", csn_buffer_view(&text));
    csn_wipe(memory, sizeof memory);
}

static void
write_session(struct csn_json_writer *w, const struct csn_session_outcome *outcome,
              struct csn_bytes token)
{
    csn_json_name(w, "session");
    csn_json_open_object(w);
    csn_answer_id(w, "id", outcome->claims.session);
    csn_json_member_string(w, "token", token);
    csn_answer_time(w, "expires_at", outcome->claims.expires_ms);
    csn_json_member_int(w, "generation", outcome->claims.generation);
    csn_answer_text(w, "logout_secret", csn_bytes_text(outcome->logout_secret));
    csn_json_close_object(w);
}

static void
write_linked(struct csn_json_writer *w, const struct csn_session_outcome *outcome)
{
    csn_json_name(w, "linked");
    if (csn_id_is_none(&outcome->linked)) {
        csn_json_null(w);
        return;
    }
    csn_json_open_object(w);
    csn_answer_id(w, "customer", outcome->linked);
    csn_json_member_int(w, "items", outcome->linked_items);
    csn_json_close_object(w);
}

void
csn_sdk_refused_write(struct csn_json_writer *w, enum csn_reason reason)
{
    csn_json_name(w, "refused");
    csn_json_open_object(w);
    csn_json_member_text(w, "reason", csn_reason_name(reason));
    csn_json_member_text(w, "action", csn_action_name(csn_reason_action(reason)));
    csn_json_close_object(w);
}

/* What test mode speaks of: the proof that came, or that none did. */
static enum csn_reason
proof_of(const struct csn_exchange *x)
{
    bool unproven = x->caller.verdict.reason == CSN_REASON_ACCEPTED &&
                    x->caller.assurance != CSN_ASSURANCE_VERIFIED;
    return unproven ? CSN_REASON_MISSING : x->caller.verdict.reason;
}

void
csn_sdk_told_write(const struct csn_exchange *x, struct csn_json_writer *w)
{
    if (x->enforced.tell)
        csn_sdk_refused_write(w, x->enforced.reason);
    csn_test_mode_write(x, proof_of(x), w);
}

enum csn_step
csn_sdk_session_answer(struct csn_exchange *x, int status, const struct csn_sdk_session *session)
{
    const struct csn_session_outcome *outcome = session->outcome;
    uint8_t *memory = csn_arena_alloc(&x->arena, CSN_SESSION_TOKEN_MAX);
    struct csn_buffer token = csn_buffer_over(memory, memory != NULL ? CSN_SESSION_TOKEN_MAX : 0);
    struct csn_session_claims claims = outcome->claims;
    claims.platform = session->device.platform;
    claims.app_version = session->device.app_version;
    claims.sdk_version = session->device.sdk_version;
    enum csn_status minted = csn_session_token_mint(x->app, &claims, &token);
    if (minted != CSN_OK)
        return csn_problem_status(x, minted);
    struct csn_json_writer w = csn_answer_open(x);
    write_session(&w, outcome, csn_buffer_view(&token));
    csn_sdk_customer_write(&w, outcome->claims.customer, outcome->claims.identity,
                           outcome->claims.assurance);
    csn_sdk_vault_write(&w, outcome->vault_key);
    csn_cursor_member(&w, (struct csn_cursor){.seq = outcome->cursor});
    write_linked(&w, outcome);
    if (session->tell)
        csn_sdk_refused_write(&w, session->reason);
    csn_test_mode_write(x, session->reason, &w);
    csn_answer_time(&w, "server_time", x->now_ms);
    return csn_answer_close(x, &w, status);
}
