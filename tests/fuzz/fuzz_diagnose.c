/* Any bytes as what was presented; and any bytes as header and payload of a token that is signed,
 * rightly or with a disguise of the secret.
 *
 * Input: which policy, how it is signed, then either the text or header '\n' payload. The verdict
 * is the judge's; what is accepted has no fault but sample values; what is refused has a finding
 * that is complete, and names no secret; the budget holds; the same input is explained the same
 * twice.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/crypto.h"
#include "fuzz.h"

#include "countersign/diagnose.h"

#define NOW_MS INT64_C(1767312000000)
#define SECRET "fuzzing-needs-some-secret-of-32-bytes"
#define ARENA_SIZE (1 << 18)

static const char *const policies[] = {
    "{\"preset\":\"generic\",\"issued_within_s\":900}",
    "{\"preset\":\"kustomer\"}",
    "{\"preset\":\"dotdigital\",\"issuer\":\"https://i.test\",\"audience\":\"https://a.test\"}",
    "{\"preset\":\"alchemer\",\"algorithms\":[\"HS256\"],\"identity_number\":true}",
    "{\"algorithms\":[\"HS256\"],\"identity\":[\"/a/b\",\"sub\"],\"equals\":{\"/c/d\":\"e\"}}",
    "{\"preset\":\"zendesk\",\"type\":\"login\"}",
};
#define POLICIES (sizeof policies / sizeof *policies)

static struct csn_policy policy[POLICIES];
static struct csn_diagnosis_key keys[2] = {
    {.key = {.algorithm = CSN_HS256, .state = CSN_KEY_ACTIVE}},
    {.key = {.algorithm = CSN_HS512, .state = CSN_KEY_RETIRED}},
};
static const struct csn_diagnosis_nonce nonces[] = {
    {.nonce = {(const uint8_t *)"n-0S6_WzA2Mj", 12}, .issued_ms = NOW_MS - 2000},
    {.nonce = {(const uint8_t *)"used", 4}, .used = true},
    {.nonce = {(const uint8_t *)"theirs", 6}, .other_device = true},
};
static const struct csn_diagnosis_expectation other = {
    .app = {(const uint8_t *)"other", 5},
    .issuer = {(const uint8_t *)"https://o.test", 14},
    .audience = {(const uint8_t *)"o", 1},
};

static void
begin(void)
{
    static uint8_t memory[262144];
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    struct csn_policy_error error;
    for (size_t i = 0; i < POLICIES; i++)
        MUST(csn_policy_parse(csn_bytes_text(policies[i]), &arena, &policy[i], &error) == CSN_OK);
    static const char *const SECRETS[] = {SECRET, "another-secret-that-has-had-its-day"};
    for (size_t i = 0; i < 2; i++) {
        struct csn_verifier *verifier = NULL;
        struct csn_key_report report;
        keys[i].secret = csn_bytes_text(SECRETS[i]);
        keys[i].label = csn_bytes_text(i == 0 ? "key-1" : "key-2");
        keys[i].key.kid = keys[i].label;
        MUST(csn_verifier_from_secret(keys[i].key.algorithm, keys[i].secret, &verifier, &report) ==
             CSN_OK);
        keys[i].key.verifier = verifier;
    }
}

/* header '\n' payload -> a token. `how`: 1 signed well, 2 with a line end behind the secret, 3 with
 * the other key. */
static struct csn_bytes
sign(struct csn_bytes input, unsigned how)
{
    static uint8_t token[4 * CSN_TOKEN_MAX];
    uint8_t mac[64];
    struct csn_buffer out = csn_buffer_over(token, sizeof token);
    size_t end = csn_bytes_find(input, '\n');
    csn_base64url_append(&out, csn_bytes_slice(input, 0, end));
    csn_buffer_byte(&out, '.');
    csn_base64url_append(&out, csn_bytes_slice(input, end == input.len ? end : end + 1, input.len));
    enum csn_algorithm algorithm = how == 3 ? CSN_HS512 : CSN_HS256;
    csn_hmac(algorithm,
             how == 1   ? keys[0].secret
             : how == 2 ? csn_bytes_text(SECRET "\n")
                        : keys[1].secret,
             csn_buffer_view(&out), mac);
    csn_buffer_byte(&out, '.');
    csn_base64url_append(&out, csn_bytes_of(mac, csn_algorithm_hash_length(algorithm)));
    return csn_buffer_view(&out);
}

static void
check_text(const char *text, struct csn_bytes input)
{
    MUST(memchr(text, '\0', CSN_FINDING_TEXT_MAX) != NULL);
    size_t len = strlen(text);
    MUST(len > 0 && csn_utf8_valid(csn_bytes_of(text, len)));
    for (size_t i = 0; i < len; i++)
        MUST((uint8_t)text[i] >= ' ' || text[i] == '\n');
    /* A secret is only said where the input said it first. */
    for (size_t i = 0; i < 2; i++) {
        const char *secret = (const char *)keys[i].secret.ptr;
        if (strstr(text, secret) == NULL)
            continue;
        bool given = false;
        for (size_t at = 0; at + keys[i].secret.len <= input.len; at++)
            given = given || memcmp(input.ptr + at, secret, keys[i].secret.len) == 0;
        MUST(given);
    }
}

static void
check(const struct csn_diagnosis *d, struct csn_bytes input)
{
    bool accepted = d->verdict.reason == CSN_REASON_ACCEPTED;
    MUST(d->verdict.reason != CSN_UNDECIDED);
    MUST(d->verdict.key == NULL && d->verdict.identity.ptr == NULL);
    MUST(d->count > 0 && d->count <= CSN_FINDINGS_MAX);
    MUST(d->checks <= CSN_DIAGNOSIS_CHECKS_MAX);
    for (size_t i = 0; i < d->count; i++) {
        const struct csn_finding *f = &d->findings[i];
        MUST(f->code > CSN_FINDING_NONE && f->code < CSN_FINDING_COUNT);
        MUST(f->confidence != CSN_CONFIDENCE_NONE);
        MUST(accepted == (f->code == CSN_FINDING_ACCEPTED) || f->code == CSN_FINDING_PLACEHOLDER);
        check_text(f->seen, input);
        check_text(f->why, input);
        check_text(f->fix, input);
        for (size_t j = 0; j < i; j++)
            MUST(d->findings[j].code != f->code);
    }
}

static enum csn_status
diagnose(const struct csn_policy *p, struct csn_bytes text, uint8_t fill, struct csn_diagnosis *out)
{
    static uint8_t memory[ARENA_SIZE];
    static struct csn_workspace workspace;
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    struct csn_diagnosis_request request = {
        .policy = p,
        .keys = keys,
        .key_count = 2,
        .nonces = nonces,
        .nonce_count = 3,
        .others = &other,
        .other_count = 1,
        .input = text,
    };
    memset(&workspace, fill, sizeof workspace);
    memset(memory, fill, sizeof memory);
    memset(out, fill, sizeof *out);
    return csn_diagnose(&request, &workspace, &arena, out, NOW_MS);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct csn_diagnosis first, second;
    if (keys[0].key.verifier == NULL)
        begin();
    if (size < 2 || size > CSN_TOKEN_MAX + 16)
        return 0;
    const struct csn_policy *p = &policy[data[0] % POLICIES];
    unsigned how = data[1] % 4;
    struct csn_bytes input = csn_bytes_of(data + 2, size - 2);
    struct csn_bytes text = how == 0 ? input : sign(input, how);
    enum csn_status status = diagnose(p, text, 0x00, &first);
    MUST(diagnose(p, text, 0xFF, &second) == status);
    MUST(memcmp(&first, &second, sizeof first) == 0);
    MUST(status == CSN_OK || status == CSN_NO_SPACE);
    MUST(status == CSN_OK || first.count == 0);
    if (status != CSN_OK)
        return 0;
    check(&first, input);
    MUST(how == 1 || first.verdict.reason != CSN_REASON_ACCEPTED);
    return 0;
}
