/* Any bytes as a token; and any bytes as header and payload of a token that is truly signed.
 *
 * Input: which policy, then either the token, or (second byte odd) header '\n' payload. What the
 * judge accepts, a slow second reading of the payload must accept too; a verdict does not depend on
 * what the workspace held; nothing unsigned is ever accepted.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/claim_name.h"
#include "core/crypto.h"
#include "fuzz.h"

#include "countersign/token.h"

#define NOW_MS INT64_C(1767312000000)

#define POINTERS                                                                                   \
    "{\"algorithms\":[\"HS256\"],\"identity\":[\"/a/b\",\"sub\"],\"equals\":{\"/c/d\":\"e\"},"     \
    "\"time_unit\":\"auto\"}"

static const char *const policies[] = {
    "{\"preset\":\"generic\"}",
    "{\"preset\":\"kustomer\"}",
    "{\"preset\":\"dotdigital\",\"algorithms\":[\"HS256\"],\"issuer\":\"i\",\"audience\":\"a\"}",
    "{\"preset\":\"alchemer\",\"algorithms\":[\"HS256\"],\"identity_number\":true}",
    POINTERS,
    "{\"preset\":\"zendesk\"}",
};
#define POLICIES (sizeof policies / sizeof *policies)

static struct csn_policy policy[POLICIES];
static struct csn_signer *signer;
static struct csn_key key = {.algorithm = CSN_HS256, .state = CSN_KEY_ACTIVE};

static void
begin(void)
{
    static uint8_t memory[262144];
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    struct csn_bytes secret = csn_bytes_text("fuzzing-needs-some-secret-of-32-bytes");
    struct csn_verifier *verifier = NULL;
    struct csn_key_report report;
    struct csn_policy_error error;
    for (size_t i = 0; i < POLICIES; i++)
        MUST(csn_policy_parse(csn_bytes_text(policies[i]), &arena, &policy[i], &error) == CSN_OK);
    MUST(csn_verifier_from_secret(CSN_HS256, secret, &verifier, &report) == CSN_OK);
    MUST(csn_signer_from_secret(CSN_HS256, secret, &signer, &report) == CSN_OK);
    key.verifier = verifier;
}

/* header '\n' payload -> a signed token. */
static struct csn_bytes
sign(struct csn_bytes input)
{
    static uint8_t token[4 * CSN_TOKEN_MAX], mac[CSN_SIGNATURE_MAX];
    struct csn_buffer out = csn_buffer_over(token, sizeof token);
    struct csn_buffer signature = csn_buffer_over(mac, sizeof mac);
    size_t end = csn_bytes_find(input, '\n');
    csn_base64url_append(&out, csn_bytes_slice(input, 0, end));
    csn_buffer_byte(&out, '.');
    csn_base64url_append(&out, csn_bytes_slice(input, end == input.len ? end : end + 1, input.len));
    MUST(csn_signer_sign(signer, csn_buffer_view(&out), &signature) == CSN_OK);
    csn_buffer_byte(&out, '.');
    csn_base64url_append(&out, csn_buffer_view(&signature));
    return csn_buffer_view(&out);
}

/* The slow reading: what the name, plain or a pointer, leads to in the tree. */
static const struct csn_json_node *
lookup(const struct csn_json_node *root, struct csn_bytes name)
{
    char plain[CSN_CLAIM_NAME_MAX + 1] = {0};
    memcpy(plain, name.ptr, name.len);
    if (plain[0] != '/')
        return csn_json_get(root, plain);
    char *inner = strchr(plain + 1, '/');
    *inner = '\0';
    return csn_json_get(csn_json_get(root, plain + 1), inner + 1);
}

static void
check_accepted(const struct csn_policy *p, const struct csn_verdict *v, struct csn_bytes token)
{
    static uint8_t memory[1 << 21];
    static struct csn_workspace workspace;
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    struct csn_token_parts parts;
    const struct csn_json_node *root = NULL;
    MUST(csn_token_open(token, &workspace, &parts) == CSN_OK);
    MUST(csn_verifier_check(v->key->verifier, parts.signing_input, parts.signature));
    MUST(v->key == &key && v->algorithm == CSN_HS256);
    MUST(v->identity.len > 0 && v->identity.len <= CSN_IDENTITY_MAX);
    MUST(csn_utf8_valid(v->identity) && !csn_text_has_control(v->identity));
    MUST(csn_judge_times(p, v, NOW_MS) == CSN_REASON_ACCEPTED);
    if (csn_json_parse(parts.payload, &arena, &root) == CSN_NO_SPACE)
        return;
    MUST(root != NULL && root->kind == CSN_JSON_OBJECT);
    for (size_t i = 0; i < p->required_count; i++) {
        const struct csn_json_node *claim = lookup(root, p->required[i]);
        MUST(claim != NULL && claim->kind != CSN_JSON_NULL);
    }
    const struct csn_json_node *who = NULL;
    for (size_t i = 0; who == NULL && i < p->identity_count; i++)
        who = lookup(root, p->identity[i]);
    MUST(who != NULL);
    MUST(who->kind == CSN_JSON_NUMBER ? p->identity_number
                                      : csn_bytes_equal(who->text, v->identity));
    for (size_t i = 0; i < p->equals_count; i++)
        MUST(csn_bytes_equal(lookup(root, p->equals[i].name)->text, p->equals[i].value));
    int64_t exp = 0;
    const struct csn_json_node *claim = csn_json_get(root, "exp");
    if (claim != NULL && p->time_unit == CSN_TIME_SECONDS) {
        MUST(csn_json_number(claim->text, 0, &exp) == CSN_OK);
        MUST(exp + p->leeway_s >= NOW_MS / 1000);
    }
}

static void
judge(const struct csn_policy *p, struct csn_bytes token, uint8_t fill, struct csn_verdict *verdict)
{
    static struct csn_workspace workspace;
    struct csn_keyring ring = {.keys = &key, .count = 1};
    struct csn_presentation presented = {.token = token, .nonce_check = CSN_NONCE_DEFER};
    memset(&workspace, fill, sizeof workspace);
    csn_judge(p, &ring, &presented, &workspace, verdict, NOW_MS);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (key.verifier == NULL)
        begin();
    if (size < 2 || size > CSN_TOKEN_MAX + 16)
        return 0;
    const struct csn_policy *p = &policy[data[0] % POLICIES];
    bool is_signed = data[1] % 2 == 1;
    struct csn_bytes token = csn_bytes_of(data + 2, size - 2);
    if (is_signed)
        token = sign(token);
    struct csn_verdict first, second;
    judge(p, token, 0x00, &first);
    judge(p, token, 0xFF, &second);
    MUST(first.reason == second.reason && first.part == second.part && first.key == second.key);
    MUST(first.reason != CSN_UNDECIDED);
    MUST(is_signed || first.key == NULL);
    MUST((first.reason == CSN_REASON_ACCEPTED) == (first.identity.len > 0));
    if (first.reason == CSN_REASON_ACCEPTED)
        check_accepted(p, &second, token);
    return 0;
}
