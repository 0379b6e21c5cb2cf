/* A list of entries, and an open-addressed table of where each is in the list: thinning is a walk
 * over the list, and a flush writes the list as it stands. The same for the apps' shares of it;
 * they are looked at where an entry is new, or where something was thinned.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/decision_visitors.h"

#include <string.h>

#include "server/domain/heap.h"

#define PLACES (2 * CSN_VISITOR_SET_MAX) /* a power of two, at most half full */
#define DAY_MS 86400000

/* What of the set is one app's. */
struct share {
    struct csn_id app;
    unsigned count; /* entries */
    unsigned level; /* below it they go */
};

struct csn_visitor_set {
    struct csn_decision_visitor all[CSN_VISITOR_SET_MAX];
    uint16_t places[PLACES]; /* 1 + index into all; 0: free */
    size_t count;
    struct share shares[1 + CSN_VISITOR_SET_MAX]; /* [0]: of all apps beyond that many, together */
    uint16_t share_places[PLACES];                /* index into shares; 0: free */
    size_t share_count;                           /* beside [0] */
    bool thinned;                                 /* a level is not 0 */
};

struct csn_visitor_set *
csn_visitor_set_create(void)
{
    return csn_heap_new(sizeof(struct csn_visitor_set));
}

void
csn_visitor_set_free(struct csn_visitor_set *set)
{
    csn_heap_free(set, sizeof *set);
}

static bool
is_given(const uint8_t hash[16])
{
    uint8_t any = 0;
    for (size_t i = 0; i < 16; i++)
        any |= hash[i];
    return any != 0;
}

static void
copy_text(char *to, const char *from, size_t max)
{
    memcpy(to, from, strnlen(from, max));
}

/* The padding is zeroed, so that two of them compare as bytes. */
bool
csn_visitor_of(const struct csn_decision *d, struct csn_decision_visitor *visitor)
{
    bool by_session = d->mode == CSN_ENFORCE_UNSET && d->key_number == 0;
    bool named = is_given(d->pseudonym);
    if (by_session || (!named && !is_given(d->device)))
        return false;
    memset(visitor, 0, sizeof *visitor);
    struct csn_decision *of = &visitor->of;
    of->at_ms = d->at_ms - d->at_ms % DAY_MS;
    memcpy(of->app.text, d->app.text, CSN_ID_LENGTH);
    of->key_number = d->key_number;
    of->reason = d->reason;
    of->endpoint = d->endpoint;
    of->assurance = d->assurance;
    of->admitted = d->admitted;
    of->percentile = d->percentile;
    memcpy(named ? of->pseudonym : of->device, named ? d->pseudonym : d->device, 16);
    copy_text(of->platform, d->platform, CSN_PLATFORM_MAX);
    copy_text(of->app_version, d->app_version, CSN_VERSION_TEXT_MAX);
    copy_text(of->sdk_version, d->sdk_version, CSN_VERSION_TEXT_MAX);
    visitor->count = 1;
    visitor->first_ms = visitor->last_ms = d->at_ms;
    return true;
}

/* One of the two hashes is zero, and the other as good as random. */
static size_t
hash_of(const struct csn_decision *of)
{
    uint64_t named, device;
    memcpy(&named, of->pseudonym + 8, sizeof named);
    memcpy(&device, of->device + 8, sizeof device);
    uint64_t kind = (uint64_t)of->reason * 64 + (uint64_t)of->endpoint * 8 + of->admitted;
    uint64_t hash = (named ^ device ^ kind) * 0xFF51AFD7ED558CCDu;
    return (size_t)(hash >> 32);
}

/* Returns: where the kind stands in the table, or the free place where it belongs. */
static uint16_t *
place_of(struct csn_visitor_set *set, const struct csn_decision *of)
{
    size_t at = hash_of(of) & (PLACES - 1);
    const uint8_t *bytes = (const uint8_t *)of;
    while (set->places[at] != 0 &&
           memcmp((const uint8_t *)&set->all[set->places[at] - 1].of, bytes, sizeof *of) != 0)
        at = (at + 1) & (PLACES - 1);
    return &set->places[at];
}

/* --- shares --- */

/* Returns: where the app's share stands in the table, or the free place where it belongs. */
static size_t
share_place_of(const struct csn_visitor_set *set, const struct csn_id *app)
{
    uint64_t end; /* ids end at random */
    memcpy(&end, app->text + CSN_ID_LENGTH - sizeof end, sizeof end);
    size_t at = (size_t)(end * 0xFF51AFD7ED558CCDu >> 32) & (PLACES - 1);
    while (set->share_places[at] != 0 &&
           memcmp(set->shares[set->share_places[at]].app.text, app->text, CSN_ID_LENGTH) != 0)
        at = (at + 1) & (PLACES - 1);
    return at;
}

/* Returns: the app's own share; it gets one, as long as there are any. */
static struct share *
share_of(struct csn_visitor_set *set, const struct csn_id *app)
{
    uint16_t *place = &set->share_places[share_place_of(set, app)];
    if (*place == 0 && set->share_count < CSN_VISITOR_SET_MAX) {
        *place = (uint16_t)++set->share_count;
        set->shares[*place] = (struct share){.app = *app};
    }
    return &set->shares[*place];
}

unsigned
csn_visitor_set_level(const struct csn_visitor_set *set, const struct csn_id *app)
{
    return set->thinned ? set->shares[set->share_places[share_place_of(set, app)]].level : 0;
}

/* --- thinning --- */

/* Drops whatever is below its app's level. */
static void
drop_lower(struct csn_visitor_set *set)
{
    memset(set->places, 0, sizeof set->places);
    for (size_t i = 0; i <= set->share_count; i++)
        set->shares[i].count = 0;
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++) {
        struct share *share = share_of(set, &set->all[i].of.app);
        if (csn_visitor_level(&set->all[i]) < share->level)
            continue;
        share->count++;
        memmove(&set->all[kept++], &set->all[i], sizeof set->all[i]);
        *place_of(set, &set->all[kept - 1].of) = (uint16_t)kept;
    }
    set->count = kept;
}

/* Drops the lower half of the visitors of the app that has most, of all that have as many: none,
 * where they are few and each has many kinds. */
static void
thin(struct csn_visitor_set *set)
{
    unsigned most = 0;
    for (size_t i = 0; i <= set->share_count; i++)
        most = most > set->shares[i].count ? most : set->shares[i].count;
    for (size_t i = 0; i <= set->share_count; i++)
        set->shares[i].level += set->shares[i].count == most;
    set->thinned = true;
    drop_lower(set);
}

void
csn_visitor_set_add(struct csn_visitor_set *set, const struct csn_decision_visitor *visitor)
{
    while (csn_visitor_level(visitor) >= csn_visitor_set_level(set, &visitor->of.app)) {
        uint16_t *place = place_of(set, &visitor->of);
        if (*place != 0) {
            struct csn_decision_visitor *known = &set->all[*place - 1];
            known->count += visitor->count;
            known->first_ms =
                known->first_ms < visitor->first_ms ? known->first_ms : visitor->first_ms;
            known->last_ms = known->last_ms > visitor->last_ms ? known->last_ms : visitor->last_ms;
            return;
        }
        if (set->count < CSN_VISITOR_SET_MAX) {
            memcpy(&set->all[set->count++], visitor, sizeof *visitor);
            *place = (uint16_t)set->count;
            share_of(set, &visitor->of.app)->count++;
            return;
        }
        thin(set);
    }
}

static void
raise_level(struct share *share, unsigned level)
{
    share->level = share->level > level ? share->level : level;
}

/* What one of two sets has dropped of an app is missing in both together. */
static void
raise_levels(struct csn_visitor_set *to, const struct csn_visitor_set *from)
{
    for (size_t i = 1; i <= from->share_count; i++)
        raise_level(share_of(to, &from->shares[i].app), from->shares[i].level);
    for (size_t i = 0; i <= to->share_count; i++)
        raise_level(&to->shares[i], csn_visitor_set_level(from, &to->shares[i].app));
    to->thinned = true;
    drop_lower(to);
}

void
csn_visitor_set_merge(struct csn_visitor_set *to, const struct csn_visitor_set *from)
{
    if (from->thinned)
        raise_levels(to, from);
    for (size_t i = 0; i < from->count; i++)
        csn_visitor_set_add(to, &from->all[i]);
}

void
csn_visitor_set_clear(struct csn_visitor_set *set)
{
    memset(set->places, 0, sizeof set->places);
    memset(set->share_places, 0, sizeof set->share_places);
    set->shares[0] = (struct share){0};
    set->count = set->share_count = 0;
    set->thinned = false;
}

const struct csn_decision_visitor *
csn_visitor_set_all(const struct csn_visitor_set *set)
{
    return set->all;
}

size_t
csn_visitor_set_count(const struct csn_visitor_set *set)
{
    return set->count;
}
