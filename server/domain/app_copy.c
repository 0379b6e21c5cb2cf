/* Copies an app's parsed documents into its own arena: the texts and lists they hold, without the
 * JSON trees they came from, which are several times as large.
 *
 * Invariant: afterwards no view of the copy points into the memory it was parsed with. Every view
 * of csn_policy and csn_enforcement must therefore be named here.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/registry_parts.h"

/* Copies on until the arena is full. */
struct copying {
    struct csn_arena *arena;
    bool full;
};

static struct csn_bytes
text(struct copying *c, struct csn_bytes from)
{
    if (from.ptr == NULL)
        return from;
    struct csn_bytes copy = csn_arena_copy(c->arena, from);
    c->full |= copy.ptr == NULL;
    return copy;
}

static void *
list(struct copying *c, size_t count, size_t size)
{
    void *memory = csn_arena_alloc(c->arena, count * size);
    c->full |= memory == NULL;
    return memory;
}

static void
copy_policy(struct copying *c, const struct csn_policy *from, struct csn_policy *to)
{
    *to = *from;
    for (size_t i = 0; i < from->identity_count; i++)
        to->identity[i] = text(c, from->identity[i]);
    for (size_t i = 0; i < from->required_count; i++)
        to->required[i] = text(c, from->required[i]);
    for (size_t i = 0; i < from->equals_count; i++) {
        to->equals[i].name = text(c, from->equals[i].name);
        to->equals[i].value = text(c, from->equals[i].value);
    }
    to->issuer = text(c, from->issuer);
    to->audience = text(c, from->audience);
    to->type = text(c, from->type);
}

static void
copy_enforcement(struct copying *c, const struct csn_enforcement *from, struct csn_enforcement *to)
{
    *to = *from;
    struct csn_enforcement_version *versions = list(c, from->version_count, sizeof *versions);
    struct csn_enforcement_exemption *exemptions =
        list(c, from->exemption_count, sizeof *exemptions);
    for (size_t i = 0; i < from->version_count && !c->full; i++) {
        versions[i].platform = text(c, from->versions[i].platform);
        versions[i].min_version = text(c, from->versions[i].min_version);
    }
    for (size_t i = 0; i < from->exemption_count && !c->full; i++) {
        exemptions[i].identity = text(c, from->exemptions[i].identity);
        exemptions[i].until_ms = from->exemptions[i].until_ms;
    }
    to->versions = versions;
    to->exemptions = exemptions;
}

enum csn_status
csn_app_copy(const struct csn_app *from, struct csn_arena *arena, struct csn_app *to)
{
    struct copying c = {.arena = arena};
    *to = *from;
    copy_policy(&c, &from->policy, &to->policy);
    copy_enforcement(&c, &from->enforcement, &to->enforcement);
    struct csn_bytes *origins = list(&c, from->origin_count, sizeof *origins);
    for (size_t i = 0; i < from->origin_count && !c.full; i++)
        origins[i] = text(&c, from->origins[i]);
    to->origins = origins;
    to->name = text(&c, from->name);
    to->preset = text(&c, from->preset);
    return c.full ? CSN_NO_SPACE : CSN_OK;
}
