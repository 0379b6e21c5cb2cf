/* Gathers the claims a policy can look at, in one pass over the payload.
 *
 * The whole document is read strictly, to its end, before anything of it counts. Claims the policy
 * does not mention are passed over. A claim is compared with few names, nearly always by length.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/claims.h"
#include "core/claim_name.h"

static inline void
set(struct csn_claim *claim, const struct csn_json_item *item)
{
    claim->kind = item->kind;
    claim->text = item->text;
}

/* Returns: the value of a name; {0} where it is longer than any name a policy may hold. */
static inline struct csn_bytes
plain_name(const struct csn_json_text *name, uint8_t room[CSN_CLAIM_NAME_MAX])
{
    if (!name->escaped)
        return name->raw;
    struct csn_buffer out = csn_buffer_over(room, CSN_CLAIM_NAME_MAX);
    csn_json_text_append(*name, &out);
    if (out.overflowed)
        return (struct csn_bytes){0};
    return csn_buffer_view(&out);
}

static inline bool
same_name(struct csn_bytes a, struct csn_bytes b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) /* names are short: a call would cost more */
        if (a.ptr[i] != b.ptr[i])
            return false;
    return true;
}

/* Which names a policy asks for, as one word: a bit for the length and first letter of each. Most
 * claims of a token nobody asks for, and most of those are told by one look at it. */
struct filter {
    uint64_t plain;    /* names of members of the payload */
    bool has_pointers; /* some name is a JSON Pointer: members of members count too */
};

static inline uint64_t
filter_bit(struct csn_bytes name)
{
    return UINT64_C(1) << ((name.ptr[0] + 8 * name.len) & 63);
}

static inline void
filter_add(struct filter *filter, struct csn_bytes name)
{
    if (csn_claim_name_is_pointer(name))
        filter->has_pointers = true;
    else if (name.len != 0)
        filter->plain |= filter_bit(name);
}

static struct filter
filter_of(const struct csn_policy *policy)
{
    struct filter filter = {0};
    for (size_t i = 0; i < policy->identity_count; i++)
        filter_add(&filter, policy->identity[i]);
    for (size_t i = 0; i < policy->required_count; i++)
        filter_add(&filter, policy->required[i]);
    for (size_t i = 0; i < policy->equals_count; i++)
        filter_add(&filter, policy->equals[i].name);
    return filter;
}

/* Where an item stands: `name` in the payload where `outer` is NULL, else in its member `outer`. */
struct place {
    const struct csn_json_text *outer;
    struct csn_bytes name;
    const struct csn_json_item *item;
};

/* Returns: the policy's name `wanted` means this place. */
static inline bool
is_meant(struct csn_bytes wanted, const struct place *at)
{
    if (at->outer != NULL)
        return csn_claim_name_leads_to(wanted, *at->outer, at->item->name);
    /* a member that is literally called "/a/b" is not what the pointer /a/b means */
    return same_name(wanted, at->name) && !csn_claim_name_is_pointer(wanted);
}

/* The claims that the policy names. One item may be several of them. */
static inline void
take_named(const struct csn_policy *policy, const struct place *at, struct csn_claims *claims)
{
    const struct csn_json_item *item = at->item;
    for (size_t i = 0; i < policy->identity_count; i++)
        if (is_meant(policy->identity[i], at))
            set(&claims->identity[i], item);
    for (size_t i = 0; i < policy->required_count; i++)
        if (is_meant(policy->required[i], at) && item->kind != CSN_JSON_NULL)
            claims->required |= 1u << i;
    for (size_t i = 0; i < policy->equals_count; i++) {
        if (!is_meant(policy->equals[i].name, at))
            continue;
        claims->equals_present |= 1u << i;
        if (item->kind == CSN_JSON_STRING && csn_json_text_is(item->text, policy->equals[i].value))
            claims->equals_held |= 1u << i;
    }
}

/* `aud`, or one element of it. Once of a wrong type it stays so; once ours it stays ours. */
static void
take_audience(const struct csn_policy *policy, const struct csn_json_item *item,
              struct csn_claims *claims)
{
    if (policy->audience.ptr == NULL || claims->audience == CSN_AUDIENCE_WRONG_TYPE)
        return;
    if (item->kind != CSN_JSON_STRING)
        claims->audience = CSN_AUDIENCE_WRONG_TYPE;
    else if (csn_json_text_is(item->text, policy->audience))
        claims->audience = CSN_AUDIENCE_OURS;
    else if (claims->audience == CSN_AUDIENCE_ABSENT)
        claims->audience = CSN_AUDIENCE_OTHER;
}

/* Three letters as one number: the registered names are told apart in one step. */
#define WORD3(a, b, c) ((uint32_t)(a) << 16 | (uint32_t)(b) << 8 | (uint32_t)(c))

static inline uint32_t
word3(struct csn_bytes name)
{
    return WORD3(name.ptr[0], name.ptr[1], name.ptr[2]);
}

/* The registered claims (RFC 7519 §4.1) and the nonce. Returns: `item` opens the array `aud`. */
static inline bool
take_registered(const struct csn_policy *policy, struct csn_bytes name,
                const struct csn_json_item *item, struct csn_claims *claims)
{
    if (name.len == 5 && __builtin_memcmp(name.ptr, "nonce", 5) == 0)
        set(&claims->nonce, item);
    if (name.len != 3)
        return false;
    switch (word3(name)) {
    case WORD3('e', 'x', 'p'): set(&claims->expires, item); break;
    case WORD3('i', 'a', 't'): set(&claims->issued_at, item); break;
    case WORD3('n', 'b', 'f'): set(&claims->not_before, item); break;
    case WORD3('i', 's', 's'): set(&claims->issuer, item); break;
    case WORD3('a', 'u', 'd'):
        if (item->kind != CSN_JSON_ARRAY) {
            take_audience(policy, item, claims);
            break;
        }
        claims->audience = CSN_AUDIENCE_OTHER; /* until an element says otherwise */
        return true;
    default: break;
    }
    return false;
}

/* Every claim that is looked at later becomes absent; the rest of the struct is never read. */
static inline void
forget_all(const struct csn_policy *policy, struct csn_claims *claims)
{
    claims->issuer.kind = CSN_JSON_INVALID;
    claims->expires.kind = CSN_JSON_INVALID;
    claims->not_before.kind = CSN_JSON_INVALID;
    claims->issued_at.kind = CSN_JSON_INVALID;
    claims->nonce.kind = CSN_JSON_INVALID;
    for (size_t i = 0; i < policy->identity_count; i++)
        claims->identity[i].kind = CSN_JSON_INVALID;
    claims->audience = CSN_AUDIENCE_ABSENT;
    claims->required = 0;
    claims->equals_present = 0;
    claims->equals_held = 0;
}

/* The walk over the payload: what is asked for, and where we are. */
struct walk {
    const struct csn_policy *policy;
    struct csn_claims *claims;
    struct filter filter;
    struct csn_json_text outer; /* name of the latest member of the payload */
    bool in_audience;           /* and it is `aud`, an array */
};

static inline void
take_member(struct walk *walk, const struct csn_json_item *item)
{
    uint8_t room[CSN_CLAIM_NAME_MAX];
    struct csn_bytes name = plain_name(&item->name, room);
    walk->in_audience = false;
    if (walk->filter.has_pointers)
        walk->outer = item->name;
    if (name.len == 0)
        return;
    walk->in_audience = take_registered(walk->policy, name, item, walk->claims);
    if ((walk->filter.plain & filter_bit(name)) != 0)
        take_named(walk->policy, &(struct place){.name = name, .item = item}, walk->claims);
}

static inline void
take_inner(struct walk *walk, const struct csn_json_item *item)
{
    struct place at = {.outer = &walk->outer, .item = item};
    if (item->named && walk->filter.has_pointers)
        take_named(walk->policy, &at, walk->claims);
    if (!item->named && walk->in_audience)
        take_audience(walk->policy, item, walk->claims);
}

bool
csn_claims_read(const struct csn_policy *policy, struct csn_bytes payload,
                struct csn_json_names *names, struct csn_claims *claims)
{
    struct csn_json_reader reader;
    struct csn_json_item item;
    struct walk walk = {.policy = policy, .claims = claims, .filter = filter_of(policy)};
    forget_all(policy, claims);
    csn_json_reader_init(&reader, payload, names);
    if (csn_json_next(&reader, &item) != CSN_JSON_OBJECT)
        return false;
    for (;;) {
        enum csn_json_kind kind = csn_json_next(&reader, &item);
        if (kind == CSN_JSON_INVALID || kind == CSN_JSON_END)
            return kind == CSN_JSON_END;
        if (kind == CSN_JSON_CLOSE)
            continue;
        if (item.depth == 1)
            take_member(&walk, &item);
        else if (item.depth == 2)
            take_inner(&walk, &item);
    }
}
