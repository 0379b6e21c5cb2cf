/* A policy document becomes a policy: a table of fields, each with its reader, then the rules that
 * bind fields to each other. A field nobody knows refuses, so that a misspelled rule is never a
 * rule that silently does not hold.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/claim_name.h"
#include "core/policy_fields.h"

/* A document under way. Readers return false after naming what is wrong. */
struct reading {
    struct csn_policy *policy;
    const char *sentence;
};

static bool
wrong(struct reading *r, const char *sentence)
{
    r->sentence = sentence;
    return false;
}

/* --- values --- */

static bool
read_bool(struct reading *r, const struct csn_json_node *value, bool *out)
{
    if (value->kind != CSN_JSON_TRUE && value->kind != CSN_JSON_FALSE)
        return wrong(r, "must be true or false");
    *out = value->kind == CSN_JSON_TRUE;
    return true;
}

/* A text that stands for itself, or null: unset. */
static bool
read_text(struct reading *r, const struct csn_json_node *value, struct csn_bytes *out)
{
    *out = (struct csn_bytes){0};
    if (value->kind == CSN_JSON_NULL)
        return true;
    if (value->kind != CSN_JSON_STRING || value->text.len == 0 ||
        value->text.len > CSN_CLAIM_TEXT_MAX)
        return wrong(r, "must be a text of 1 to 255 bytes, or null");
    *out = value->text;
    return true;
}

/* Out of `min`..`max` refuses with `sentence`. */
static bool
read_seconds(struct reading *r, const struct csn_json_node *value, int64_t min, int64_t max,
             const char *sentence, int64_t *out)
{
    int64_t seconds = 0;
    if (value->kind != CSN_JSON_NUMBER || csn_json_integer(value->text, &seconds) != CSN_OK ||
        seconds < min || seconds > max)
        return wrong(r, sentence);
    *out = seconds;
    return true;
}

static bool
read_optional_seconds(struct reading *r, const struct csn_json_node *value, int64_t *out)
{
    *out = CSN_POLICY_UNSET_S;
    if (value->kind == CSN_JSON_NULL)
        return true;
    return read_seconds(r, value, 1, CSN_POLICY_SECONDS_MAX,
                        "must be whole seconds from 1 to 315360000 (ten years), or null", out);
}

/* Returns: which of `words` it is, or -1. */
static int
read_choice(const struct csn_json_node *value, const char *const words[CSN_POLICY_CHOICES_MAX])
{
    if (value->kind != CSN_JSON_STRING)
        return -1;
    for (int i = 0; i < CSN_POLICY_CHOICES_MAX; i++)
        if (csn_bytes_equal_text(value->text, words[i]))
            return i;
    return -1;
}

static bool
holds_name(const struct csn_bytes *names, size_t count, struct csn_bytes name)
{
    for (size_t i = 0; i < count; i++)
        if (csn_bytes_equal(names[i], name))
            return true;
    return false;
}

#define NAME_RULE                                                                                  \
    "must name claims by 1 to 64 bytes each, none twice; one that starts with '/' is a JSON "      \
    "Pointer of two steps"

static bool
read_names(struct reading *r, const struct csn_json_node *value, size_t max,
           struct csn_bytes *names, size_t *count)
{
    *count = 0;
    if (value->kind != CSN_JSON_ARRAY)
        return wrong(r, "must be a list of names of claims");
    if (value->count > max)
        return wrong(r, "lists more claims than are allowed");
    for (const struct csn_json_node *n = value->first; n != NULL; n = n->next) {
        if (n->kind != CSN_JSON_STRING || !csn_claim_name_valid(n->text) ||
            holds_name(names, *count, n->text))
            return wrong(r, NAME_RULE);
        names[(*count)++] = n->text;
    }
    return true;
}

/* --- fields --- */

static bool
read_algorithms(struct reading *r, const struct csn_json_node *value)
{
    r->policy->algorithms = 0;
    if (value->kind != CSN_JSON_ARRAY || value->count == 0)
        return wrong(r, "must be a non-empty list of algorithms, such as [\"HS256\"]");
    for (const struct csn_json_node *n = value->first; n != NULL; n = n->next) {
        enum csn_algorithm algorithm =
            n->kind == CSN_JSON_STRING ? csn_algorithm_from_name(n->text) : CSN_ALGORITHM_UNSET;
        if (algorithm == CSN_ALGORITHM_UNSET)
            return wrong(r, "lists an algorithm that is not known here");
        if ((r->policy->algorithms & 1u << algorithm) != 0)
            return wrong(r, "lists an algorithm twice");
        r->policy->algorithms |= 1u << algorithm;
    }
    return true;
}

static bool
read_identity(struct reading *r, const struct csn_json_node *value)
{
    if (value->kind == CSN_JSON_ARRAY && value->count == 0)
        return wrong(r, "must name at least one claim");
    return read_names(r, value, CSN_POLICY_IDENTITY_MAX, r->policy->identity,
                      &r->policy->identity_count);
}

static bool
read_required(struct reading *r, const struct csn_json_node *value)
{
    r->policy->required_count = 0;
    if (value->kind == CSN_JSON_NULL)
        return true;
    return read_names(r, value, CSN_POLICY_REQUIRED_MAX, r->policy->required,
                      &r->policy->required_count);
}

static bool
read_equals(struct reading *r, const struct csn_json_node *value)
{
    struct csn_policy *policy = r->policy;
    policy->equals_count = 0;
    if (value->kind == CSN_JSON_NULL)
        return true;
    if (value->kind != CSN_JSON_OBJECT || value->count > CSN_POLICY_EQUALS_MAX)
        return wrong(r, "must be an object of at most 4 claims and their texts");
    for (const struct csn_json_node *n = value->first; n != NULL; n = n->next) {
        if (!csn_claim_name_valid(n->name))
            return wrong(r, NAME_RULE);
        if (n->kind != CSN_JSON_STRING || n->text.len > CSN_CLAIM_TEXT_MAX)
            return wrong(r, "must give each claim a text of at most 255 bytes");
        policy->equals[policy->equals_count++] =
            (struct csn_claim_equals){.name = n->name, .value = n->text};
    }
    return true;
}

static bool
read_nonce(struct reading *r, const struct csn_json_node *value)
{
    int choice = read_choice(value, csn_nonce_rule_words);
    if (choice < 0)
        return wrong(r, "must be \"none\" or \"required\"");
    r->policy->nonce = (enum csn_nonce_rule)choice;
    return true;
}

static bool
read_time_unit(struct reading *r, const struct csn_json_node *value)
{
    int choice = read_choice(value, csn_time_unit_words);
    if (choice < 0)
        return wrong(r, "must be \"seconds\" or \"auto\"");
    r->policy->time_unit = (enum csn_time_unit)choice;
    return true;
}

static bool
read_use(struct reading *r, const struct csn_json_node *value)
{
    int choice = read_choice(value, csn_use_words);
    if (choice < 0)
        return wrong(r, "must be \"session\" or \"every_request\"");
    r->policy->use = (enum csn_use)choice;
    return true;
}

static bool
read_leeway(struct reading *r, const struct csn_json_node *value)
{
    return read_seconds(r, value, 0, CSN_POLICY_LEEWAY_MAX_S, "must be whole seconds from 0 to 600",
                        &r->policy->leeway_s);
}

static bool
read_session_ttl(struct reading *r, const struct csn_json_node *value)
{
    return read_seconds(r, value, CSN_POLICY_SESSION_MIN_S, CSN_POLICY_SECONDS_MAX,
                        "must be whole seconds from 60 to 315360000 (ten years)",
                        &r->policy->session_ttl_s);
}

static bool
read_session_idle(struct reading *r, const struct csn_json_node *value)
{
    return read_seconds(r, value, 0, CSN_POLICY_SECONDS_MAX,
                        "must be whole seconds from 0 (never) to 315360000 (ten years)",
                        &r->policy->session_idle_s);
}

static bool
read_nonce_ttl(struct reading *r, const struct csn_json_node *value)
{
    return read_seconds(r, value, 1, CSN_POLICY_NONCE_TTL_MAX_S,
                        "must be whole seconds from 1 to 86400", &r->policy->nonce_ttl_s);
}

/* The fields that are no more than a place and a type. */
#define SIMPLE(field, reader)                                                                      \
    static bool field_##field(struct reading *r, const struct csn_json_node *value)                \
    {                                                                                              \
        return reader(r, value, &r->policy->field);                                                \
    }
SIMPLE(issuer, read_text)
SIMPLE(audience, read_text)
SIMPLE(type, read_text)
SIMPLE(issued_within_s, read_optional_seconds)
SIMPLE(lifetime_max_s, read_optional_seconds)
SIMPLE(kid_required, read_bool)
SIMPLE(identity_number, read_bool)
SIMPLE(logout_revokes_token, read_bool)
SIMPLE(missing_is_anonymous, read_bool)
#undef SIMPLE

/* `preset` was followed before any field was read. */
static bool
read_nothing(struct reading *r, const struct csn_json_node *value)
{
    (void)r;
    (void)value;
    return true;
}

static const struct {
    const char *name;
    bool (*read)(struct reading *, const struct csn_json_node *);
} fields[] = {
    {"preset", read_nothing},
    {"algorithms", read_algorithms},
    {"identity", read_identity},
    {"identity_number", field_identity_number},
    {"required", read_required},
    {"equals", read_equals},
    {"issuer", field_issuer},
    {"audience", field_audience},
    {"type", field_type},
    {"kid_required", field_kid_required},
    {"issued_within_s", field_issued_within_s},
    {"lifetime_max_s", field_lifetime_max_s},
    {"leeway_s", read_leeway},
    {"time_unit", read_time_unit},
    {"nonce", read_nonce},
    {"nonce_ttl_s", read_nonce_ttl},
    {"use", read_use},
    {"session_ttl_s", read_session_ttl},
    {"session_idle_s", read_session_idle},
    {"missing_is_anonymous", field_missing_is_anonymous},
    {"logout_revokes_token", field_logout_revokes_token},
};

/* --- the whole --- */

/* A C text of at most CSN_CLAIM_NAME_MAX bytes, cut at a character's edge. */
static void
name_field(struct csn_policy_error *error, struct csn_bytes name)
{
    size_t len = name.len < CSN_CLAIM_NAME_MAX ? name.len : CSN_CLAIM_NAME_MAX;
    while (len < name.len && (name.ptr[len] & 0xC0) == 0x80)
        len--;
    for (size_t i = 0; i < len; i++)
        error->field[i] = (char)name.ptr[i];
    error->field[len] = '\0';
}

static enum csn_status
refuse(struct csn_policy_error *error, struct csn_bytes field, const char *sentence)
{
    name_field(error, field);
    error->sentence = sentence;
    return CSN_INVALID;
}

static enum csn_status
read_fields(const struct csn_json_node *root, struct csn_policy *policy,
            struct csn_policy_error *error)
{
    struct reading r = {.policy = policy};
    for (const struct csn_json_node *n = root->first; n != NULL; n = n->next) {
        size_t i = 0;
        while (i < sizeof fields / sizeof *fields && !csn_bytes_equal_text(n->name, fields[i].name))
            i++;
        error->unknown = i == sizeof fields / sizeof *fields;
        if (error->unknown)
            return refuse(error, n->name, "is not a field of a policy");
        if (!fields[i].read(&r, n))
            return refuse(error, n->name, r.sentence);
    }
    return CSN_OK;
}

/* Rules between fields. */
static enum csn_status
check_whole(const struct csn_policy *policy, struct csn_policy_error *error)
{
    const uint32_t hmac = 1u << CSN_HS256 | 1u << CSN_HS384 | 1u << CSN_HS512;
    if (policy->algorithms == 0)
        return refuse(error, csn_bytes_text("algorithms"), "must name what the app accepts");
    /* RFC 8725 §2.1, §3.1: where both are allowed, a public key can be tried as a secret */
    if ((policy->algorithms & hmac) != 0 && (policy->algorithms & ~hmac) != 0)
        return refuse(error, csn_bytes_text("algorithms"),
                      "must not mix shared secrets (HS*) with public keys (RS*, PS*, ES*, EdDSA)");
    if (policy->nonce == CSN_NONCE_RULE_REQUIRED && policy->use == CSN_USE_EVERY_REQUEST)
        return refuse(error, csn_bytes_text("nonce"),
                      "cannot be required with use \"every_request\": it is good for one request");
    return CSN_OK;
}

static const struct csn_policy defaults = {
    .identity = {{(const uint8_t *)"sub", 3}},
    .identity_count = 1,
    .issued_within_s = CSN_POLICY_UNSET_S,
    .lifetime_max_s = CSN_POLICY_UNSET_S,
    .leeway_s = CSN_POLICY_LEEWAY_S,
    .session_ttl_s = CSN_POLICY_SESSION_TTL_S,
    .nonce_ttl_s = CSN_POLICY_NONCE_TTL_S,
};

/* Out: *policy as the preset that `root` names, or as the defaults. */
static enum csn_status
start_from(const struct csn_json_node *root, struct csn_arena *arena, struct csn_policy *policy,
           struct csn_policy_error *error)
{
    *policy = defaults;
    const struct csn_json_node *named = csn_json_get(root, "preset");
    if (named == NULL || named->kind == CSN_JSON_NULL)
        return CSN_OK;
    const struct csn_preset *preset =
        named->kind == CSN_JSON_STRING ? csn_preset_find(named->text) : NULL;
    if (preset == NULL)
        return refuse(error, named->name, "is not the name of a preset");
    const struct csn_json_node *base = NULL;
    enum csn_status status = csn_json_parse(csn_bytes_text(preset->json), arena, &base);
    if (status != CSN_OK)
        return status;
    return read_fields(base, policy, error);
}

static enum csn_status
parse(struct csn_bytes json, struct csn_arena *arena, struct csn_policy *policy,
      struct csn_policy_error *error)
{
    const struct csn_json_node *root = NULL;
    if (json.len > CSN_POLICY_JSON_MAX)
        return refuse(error, (struct csn_bytes){0}, "The document is longer than 8,192 bytes.");
    enum csn_status status = csn_json_parse(json, arena, &root);
    if (status == CSN_INVALID || (status == CSN_OK && root->kind != CSN_JSON_OBJECT))
        return refuse(error, (struct csn_bytes){0}, "The document is not a strict JSON object.");
    if (status == CSN_OK)
        status = start_from(root, arena, policy, error);
    if (status == CSN_OK)
        status = read_fields(root, policy, error);
    if (status == CSN_OK)
        status = check_whole(policy, error);
    return status;
}

enum csn_status
csn_policy_parse(struct csn_bytes json, struct csn_arena *arena, struct csn_policy *out,
                 struct csn_policy_error *error)
{
    *out = (struct csn_policy){0};
    *error = (struct csn_policy_error){.sentence = ""};
    struct csn_policy policy;
    enum csn_status status = parse(json, arena, &policy, error);
    if (status == CSN_OK)
        *out = policy;
    return status;
}
