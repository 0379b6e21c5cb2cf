/* Dry runs, the counting; what a policy makes of one decision is in dry_run_policy.c.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/dry_run.h"

#include <string.h>

#include "server/domain/dry_run_parts.h"
#include "server/domain/enforcement.h"
#include "server/domain/pseudonym.h"

struct running {
    const struct csn_app *app;
    const struct csn_enforcement *enforcement; /* one of the two */
    const struct csn_policy *policy;
    uint8_t exempt[CSN_EXEMPTIONS_MAX][CSN_PSEUDONYM_BYTES];
    struct csn_dry_run *out;
};

const char *
csn_change_kind_name(enum csn_change_kind kind)
{
    static const char *const names[] = {"none", "refused", "admitted", "possible", "unknown"};
    return (size_t)kind < sizeof names / sizeof names[0] ? names[kind] : names[0];
}

/* --- counting --- */

static bool
is_named(const uint8_t hash[16])
{
    uint8_t any = 0;
    for (size_t i = 0; i < 16; i++)
        any |= hash[i];
    return any != 0;
}

static unsigned
level_of(const uint8_t visitor[16])
{
    struct csn_decision_visitor v = {0};
    memcpy(v.of.pseudonym, visitor, 16);
    return csn_visitor_level(&v);
}

static void
thin(struct csn_dry_run_visitors *set)
{
    size_t kept = 0;
    set->level++;
    for (size_t i = 0; i < set->count; i++) {
        if (level_of(set->all[i]) >= set->level)
            memmove(set->all[kept++], set->all[i], 16);
    }
    set->count = kept;
}

static void
add_visitor(struct csn_dry_run_visitors *set, const struct csn_decision *d)
{
    const uint8_t *visitor = is_named(d->pseudonym) ? d->pseudonym : d->device;
    if (!is_named(visitor))
        return;
    for (size_t i = 0; i < set->count; i++) {
        if (memcmp(set->all[i], visitor, 16) == 0)
            return;
    }
    while (level_of(visitor) >= set->level) {
        if (set->count < CSN_DRY_RUN_VISITORS_MAX) {
            memcpy(set->all[set->count++], visitor, 16);
            return;
        }
        thin(set);
    }
}

static void
add_group(struct csn_dry_run *out, const struct csn_dry_run_group *group)
{
    for (size_t i = 0; i < out->group_count; i++) {
        struct csn_dry_run_group *known = &out->groups[i];
        if (known->kind == group->kind && known->was == group->was &&
            known->becomes == group->becomes && strcmp(known->platform, group->platform) == 0 &&
            strcmp(known->app_version, group->app_version) == 0) {
            known->requests += group->requests;
            return;
        }
    }
    if (out->group_count < CSN_DRY_RUN_GROUPS_MAX)
        out->groups[out->group_count++] = *group;
    else
        out->more_groups = true;
}

static void
count(struct csn_dry_run *out, const struct csn_decision_row *row, enum csn_change_kind kind,
      enum csn_reason becomes)
{
    const struct csn_decision *d = &row->decision;
    out->looked_at += row->weight;
    out->changed[kind] += row->weight;
    if (kind == CSN_CHANGE_NONE)
        return;
    if (kind == CSN_CHANGE_REFUSED)
        add_visitor(&out->refused, d);
    if (kind == CSN_CHANGE_ADMITTED)
        add_visitor(&out->admitted, d);
    struct csn_dry_run_group group = {
        .kind = kind, .was = d->reason, .becomes = becomes, .requests = row->weight};
    memcpy(group.platform, d->platform, sizeof group.platform);
    memcpy(group.app_version, d->app_version, sizeof group.app_version);
    add_group(out, &group);
}

/* --- enforcement --- */

static bool
is_exempt(const struct running *r, const struct csn_decision *d)
{
    for (size_t i = 0; i < r->enforcement->exemption_count && is_named(d->pseudonym); i++) {
        if (memcmp(r->exempt[i], d->pseudonym, CSN_PSEUDONYM_BYTES) == 0)
            return true;
    }
    return false;
}

static void
replay_enforcement(struct running *r, const struct csn_decision_row *row)
{
    const struct csn_decision *d = &row->decision;
    if (d->mode == CSN_ENFORCE_UNSET)
        return;
    struct csn_enforcement_replay replay = {
        .reason = d->reason,
        .named = is_named(d->pseudonym),
        .missing_is_anonymous = r->app->policy.missing_is_anonymous,
        .percentile = d->percentile,
        .exempt = is_exempt(r, d),
        .device = {.platform = csn_bytes_text(d->platform),
                   .app_version = csn_bytes_text(d->app_version)},
    };
    bool admitted = csn_enforcement_admits(r->enforcement, &replay, d->admitted);
    bool token_came =
        d->reason != CSN_REASON_MISSING && d->reason != CSN_REASON_ENFORCEMENT_MISSING;
    enum csn_change_kind kind = CSN_CHANGE_NONE;
    if (admitted != d->admitted)
        kind = admitted ? CSN_CHANGE_ADMITTED : CSN_CHANGE_REFUSED;
    enum csn_reason refused_as = token_came ? d->reason : CSN_REASON_ENFORCEMENT_MISSING;
    count(r->out, row, kind, admitted ? CSN_REASON_ACCEPTED : refused_as);
}

/* --- policy --- */

static void
replay_policy(struct running *r, const struct csn_decision_row *row)
{
    if ((row->decision.facts & CSN_FACT_TOKEN) == 0)
        return;
    enum csn_reason becomes = CSN_UNDECIDED;
    enum csn_change_kind kind =
        csn_dry_run_judge(&r->app->policy, r->policy, &row->decision, &becomes);
    count(r->out, row, kind, becomes);
}

/* --- both --- */

static void
each_row(void *state, const struct csn_decision_row *row)
{
    struct running *r = state;
    r->out->rows++;
    r->out->sampled = r->out->sampled || row->weight > 1;
    if (r->enforcement != NULL)
        replay_enforcement(r, row);
    else
        replay_policy(r, row);
}

static enum csn_status
run(struct csn_store *store, struct running *r, int64_t since_ms, int64_t until_ms)
{
    return csn_store_decisions_each(store, r->app->id, since_ms, until_ms, CSN_DRY_RUN_ROWS_MAX,
                                    each_row, r, &r->out->more_rows);
}

enum csn_status
csn_dry_run_enforcement(struct csn_store *store, const struct csn_app *app,
                        const struct csn_enforcement *proposed, int64_t since_ms, int64_t until_ms,
                        struct csn_dry_run *out)
{
    memset(out, 0, sizeof *out);
    struct running r = {.app = app, .enforcement = proposed, .out = out};
    for (size_t i = 0; i < proposed->exemption_count && i < CSN_EXEMPTIONS_MAX; i++)
        csn_pseudonym_of(app, proposed->exemptions[i].identity, r.exempt[i]);
    if (proposed->until_ms != 0 || proposed->exemption_count > 0)
        out->notes[out->note_count++] = "Until when the mode or an exemption lasts is not looked "
                                        "at: both are taken as in force.";
    return run(store, &r, since_ms, until_ms);
}

enum csn_status
csn_dry_run_policy(struct csn_store *store, const struct csn_app *app,
                   const struct csn_policy *proposed, int64_t since_ms, int64_t until_ms,
                   struct csn_dry_run *out)
{
    memset(out, 0, sizeof *out);
    struct running r = {.app = app, .policy = proposed, .out = out};
    csn_dry_run_notes(&app->policy, proposed, out);
    return run(store, &r, since_ms, until_ms);
}
