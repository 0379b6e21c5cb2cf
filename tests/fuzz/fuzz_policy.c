/* Any bytes as a policy document. What is read is written and read again the same; what is refused
 * has a reason and leaves a policy that accepts nothing.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/claim_name.h"
#include "countersign/policy.h"
#include "fuzz.h"

static uint8_t memory[2][262144], text[2][65536];

static struct csn_bytes
write_policy(const struct csn_policy *policy, uint8_t *into, size_t cap)
{
    struct csn_buffer out = csn_buffer_over(into, cap);
    struct csn_json_writer w = csn_json_writer_over(&out);
    csn_policy_write(policy, &w);
    MUST(!out.overflowed);
    return csn_buffer_view(&out);
}

static void
check_policy(const struct csn_policy *policy)
{
    const uint32_t hmac = 1u << CSN_HS256 | 1u << CSN_HS384 | 1u << CSN_HS512;
    MUST(policy->algorithms != 0 && policy->algorithms < 1u << CSN_ALGORITHM_COUNT);
    MUST((policy->algorithms & 1u << CSN_ALGORITHM_UNSET) == 0);
    MUST((policy->algorithms & hmac) == 0 || (policy->algorithms & ~hmac) == 0);
    MUST(policy->identity_count >= 1 && policy->identity_count <= CSN_POLICY_IDENTITY_MAX);
    MUST(policy->required_count <= CSN_POLICY_REQUIRED_MAX);
    MUST(policy->equals_count <= CSN_POLICY_EQUALS_MAX);
    for (size_t i = 0; i < policy->identity_count; i++)
        MUST(csn_claim_name_valid(policy->identity[i]));
    MUST(policy->leeway_s >= 0 && policy->leeway_s <= CSN_POLICY_LEEWAY_MAX_S);
    MUST(policy->issued_within_s != 0 && policy->issued_within_s <= CSN_POLICY_SECONDS_MAX);
    MUST(policy->lifetime_max_s != 0 && policy->lifetime_max_s <= CSN_POLICY_SECONDS_MAX);
    MUST(policy->session_ttl_s >= CSN_POLICY_SESSION_MIN_S && policy->nonce_ttl_s > 0);
}

static void
check_round_trip(const struct csn_policy *policy)
{
    struct csn_policy again;
    struct csn_policy_error error;
    struct csn_arena arena = csn_arena_over(memory[1], sizeof memory[1]);
    struct csn_bytes once = write_policy(policy, text[0], sizeof text[0]);
    if (once.len > CSN_POLICY_JSON_MAX) /* escapes can make it longer than it came */
        return;
    MUST(csn_policy_parse(once, &arena, &again, &error) == CSN_OK);
    MUST(csn_bytes_equal(once, write_policy(&again, text[1], sizeof text[1])));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct csn_policy empty;
    struct csn_policy policy;
    struct csn_policy_error error;
    struct csn_arena arena = csn_arena_over(memory[0], sizeof memory[0]);
    enum csn_status status = csn_policy_parse(csn_bytes_of(data, size), &arena, &policy, &error);
    MUST(status == CSN_OK || status == CSN_INVALID || status == CSN_NO_SPACE);
    if (status == CSN_OK) {
        check_policy(&policy);
        check_round_trip(&policy);
        return 0;
    }
    MUST(memcmp(&policy, &empty, sizeof policy) == 0);
    MUST(memchr(error.field, 0, sizeof error.field) != NULL);
    MUST(csn_utf8_valid(csn_bytes_text(error.field)));
    MUST(status != CSN_INVALID || error.sentence[0] != '\0');
    return 0;
}
