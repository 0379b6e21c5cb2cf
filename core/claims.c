/* Gathers the claims a policy can look at, in one pass over the payload.
 *
 * The whole document is read strictly, to its end, before anything of it counts. Claims the policy
 * does not mention are passed over. A claim is compared with few names, nearly always by length.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/claims.h"
#include "core/claim_name.h"
#include "core/text.h"

/* Where an item stands: a member of the payload, or of the member `outer`. */
struct place {
    const struct csn_json_text *outer; /* NULL: top level */
    const struct csn_json_item *item;
};

static bool
stands_at(const struct place *place, struct csn_bytes wanted)
{
    const struct csn_json_text *name = &place->item->name;
    if (place->outer != NULL)
        return csn_claim_name_leads_to(wanted, *place->outer, *name);
    /* a member that is literally called "/a/b" is not what the pointer /a/b means */
    return csn_text_is(name, wanted.ptr, wanted.len) && !csn_claim_name_is_pointer(wanted);
}

static void
set(struct csn_claim *claim, const struct csn_json_item *item)
{
    claim->kind = item->kind;
    claim->text = item->text;
}

/* The claims that the policy names. One item may be several of them. */
static void
take_named(const struct csn_policy *policy, const struct place *place, struct csn_claims *claims)
{
    const struct csn_json_item *item = place->item;
    for (size_t i = 0; i < policy->identity_count; i++)
        if (stands_at(place, policy->identity[i]))
            set(&claims->identity[i], item);
    for (size_t i = 0; i < policy->required_count; i++)
        if (stands_at(place, policy->required[i]) && item->kind != CSN_JSON_NULL)
            claims->required |= 1u << i;
    for (size_t i = 0; i < policy->equals_count; i++) {
        if (!stands_at(place, policy->equals[i].name))
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

/* The registered claims (RFC 7519 §4.1) and the nonce. Returns: `item` opens the array `aud`. */
static bool
take_registered(const struct csn_policy *policy, const struct csn_json_item *item,
                struct csn_claims *claims)
{
    const struct csn_json_text *name = &item->name;
    if (csn_text_is_word(name, "exp"))
        set(&claims->expires, item);
    else if (csn_text_is_word(name, "iat"))
        set(&claims->issued_at, item);
    else if (csn_text_is_word(name, "nbf"))
        set(&claims->not_before, item);
    else if (csn_text_is_word(name, "iss"))
        set(&claims->issuer, item);
    else if (csn_text_is_word(name, "nonce"))
        set(&claims->nonce, item);
    else if (csn_text_is_word(name, "aud")) {
        if (item->kind == CSN_JSON_ARRAY) {
            claims->audience = CSN_AUDIENCE_OTHER; /* until an element says otherwise */
            return true;
        }
        take_audience(policy, item, claims);
    }
    return false;
}

bool
csn_claims_read(const struct csn_policy *policy, struct csn_bytes payload,
                struct csn_json_names *names, struct csn_claims *claims)
{
    *claims = (struct csn_claims){0};
    struct csn_json_reader reader;
    struct csn_json_item item;
    struct csn_json_text outer = {0}; /* name of the latest top-level member */
    bool in_audience = false;         /* and it is `aud`, an array */
    csn_json_reader_init(&reader, payload, names);
    if (csn_json_next(&reader, &item) != CSN_JSON_OBJECT)
        return false;
    for (;;) {
        enum csn_json_kind kind = csn_json_next(&reader, &item);
        if (kind == CSN_JSON_INVALID || kind == CSN_JSON_END)
            return kind == CSN_JSON_END;
        if (kind == CSN_JSON_CLOSE || item.depth > 2)
            continue;
        if (item.depth == 1) {
            outer = item.name;
            in_audience = take_registered(policy, &item, claims);
            take_named(policy, &(struct place){.item = &item}, claims);
        } else if (item.named) {
            take_named(policy, &(struct place){.outer = &outer, .item = &item}, claims);
        } else if (in_audience) {
            take_audience(policy, &item, claims);
        }
    }
}
