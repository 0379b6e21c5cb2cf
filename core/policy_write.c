/* A policy as a document: every field, in one order, unset ones as null. What this writes,
 * csn_policy_parse reads back as the same policy.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/policy_fields.h"

const char *const csn_nonce_rule_words[] = {
    [CSN_NONCE_RULE_NONE] = "none", [CSN_NONCE_RULE_REQUIRED] = "required"};
const char *const csn_time_unit_words[] = {
    [CSN_TIME_SECONDS] = "seconds", [CSN_TIME_AUTO] = "auto"};
const char *const csn_use_words[] = {
    [CSN_USE_SESSION] = "session", [CSN_USE_EVERY_REQUEST] = "every_request"};

static void
write_algorithms(const struct csn_policy *policy, struct csn_json_writer *w)
{
    csn_json_name(w, "algorithms");
    csn_json_open_array(w);
    for (unsigned i = 1; i < CSN_ALGORITHM_COUNT; i++)
        if ((policy->algorithms & 1u << i) != 0)
            csn_json_text(w, csn_algorithm_name((enum csn_algorithm)i));
    csn_json_close_array(w);
}

static void
write_names(const char *field, const struct csn_bytes *names, size_t count,
            struct csn_json_writer *w)
{
    csn_json_name(w, field);
    csn_json_open_array(w);
    for (size_t i = 0; i < count; i++)
        csn_json_string(w, names[i]);
    csn_json_close_array(w);
}

static void
write_equals(const struct csn_policy *policy, struct csn_json_writer *w)
{
    csn_json_name(w, "equals");
    csn_json_open_object(w);
    for (size_t i = 0; i < policy->equals_count; i++) {
        csn_json_name_bytes(w, policy->equals[i].name);
        csn_json_string(w, policy->equals[i].value);
    }
    csn_json_close_object(w);
}

static void
write_text(const char *field, struct csn_bytes text, struct csn_json_writer *w)
{
    csn_json_name(w, field);
    if (text.ptr == NULL)
        csn_json_null(w);
    else
        csn_json_string(w, text);
}

static void
write_seconds(const char *field, int64_t seconds, struct csn_json_writer *w)
{
    csn_json_name(w, field);
    if (seconds < 0)
        csn_json_null(w);
    else
        csn_json_int(w, seconds);
}

void
csn_policy_write(const struct csn_policy *policy, struct csn_json_writer *w)
{
    csn_json_open_object(w);
    write_algorithms(policy, w);
    write_names("identity", policy->identity, policy->identity_count, w);
    csn_json_member_bool(w, "identity_number", policy->identity_number);
    write_names("required", policy->required, policy->required_count, w);
    write_equals(policy, w);
    write_text("issuer", policy->issuer, w);
    write_text("audience", policy->audience, w);
    write_text("type", policy->type, w);
    csn_json_member_bool(w, "kid_required", policy->kid_required);
    write_seconds("issued_within_s", policy->issued_within_s, w);
    write_seconds("lifetime_max_s", policy->lifetime_max_s, w);
    write_seconds("leeway_s", policy->leeway_s, w);
    csn_json_member_text(w, "time_unit", csn_time_unit_words[policy->time_unit]);
    csn_json_member_text(w, "nonce", csn_nonce_rule_words[policy->nonce]);
    write_seconds("nonce_ttl_s", policy->nonce_ttl_s, w);
    csn_json_member_text(w, "use", csn_use_words[policy->use]);
    write_seconds("session_ttl_s", policy->session_ttl_s, w);
    write_seconds("session_idle_s", policy->session_idle_s, w);
    csn_json_member_bool(w, "missing_is_anonymous", policy->missing_is_anonymous);
    csn_json_member_bool(w, "logout_revokes_token", policy->logout_revokes_token);
    csn_json_close_object(w);
}
