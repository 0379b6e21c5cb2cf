/* Readiness: the sums of the store, put together and compared. No SQL.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/readiness.h"

#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "server/domain/enforcement.h"
#include "server/domain/version.h"

void
csn_readiness_days(int64_t *since_ms, int64_t *until_ms)
{
    *since_ms -= *since_ms % CSN_DAY_MS;
    *until_ms += (CSN_DAY_MS - *until_ms % CSN_DAY_MS) % CSN_DAY_MS;
}

int64_t
csn_permille(int64_t part, int64_t whole)
{
    if (whole <= 0 || part <= 0)
        return 0;
    return part > INT64_MAX / 1000 ? part / (whole / 1000 + 1) : part * 1000 / whole;
}

/* --- estimating --- */

/* Returns: 1000 / sqrt(n), rounded up: a relative standard error in permille. */
static int64_t
error_of(int64_t n)
{
    int64_t permille = 1;
    while (permille < 1000 && permille * permille * n < 1000000)
        permille++;
    return n > 0 ? permille : 1000;
}

static void
scale_sum(struct csn_readiness_sum *sum, int64_t level)
{
    sum->customers <<= level;
    sum->devices <<= level;
}

static void
scale(struct csn_readiness *r, int64_t level, int64_t level_before)
{
    r->exact = level == 0 && level_before == 0;
    r->error_permille = level == 0 ? 0 : error_of(r->now.sampled);
    scale_sum(&r->now, level);
    scale_sum(&r->before, level_before);
    for (size_t i = 0; i < r->day_count; i++) {
        r->days[i].customers <<= level;
        r->days[i].devices <<= level;
    }
    for (size_t i = 0; i < r->group_count; i++) {
        r->groups[i].customers <<= level;
        r->groups[i].devices <<= level;
    }
    for (size_t i = 0; i < r->version_count; i++) {
        r->versions[i].customers <<= level;
        r->versions[i].devices <<= level;
    }
}

/* --- reading --- */

static enum csn_status
read_sum(struct csn_store *store, struct csn_readiness_filter *filter,
         struct csn_readiness_sum *sum)
{
    enum csn_status status = csn_store_readiness_level(store, filter->app, filter->since_ms,
                                                       filter->until_ms, &filter->level);
    return status == CSN_OK ? csn_store_readiness_sum(store, filter, sum) : status;
}

static int
by_platform_and_version(const void *one, const void *other)
{
    const struct csn_readiness_version *a = one, *b = other;
    int order = strcmp(a->platform, b->platform);
    if (order == 0) /* nothing compares as version 0, and no version is less */
        order = csn_version_compare(csn_bytes_text(a->app_version), csn_bytes_text(b->app_version));
    return order != 0 ? order : strcmp(a->app_version, b->app_version);
}

static enum csn_status
read_parts(struct csn_store *store, const struct csn_readiness_filter *filter,
           struct csn_readiness *out)
{
    enum csn_status status = csn_store_readiness_days(store, filter, out->days, out->day_count);
    if (status == CSN_OK)
        status = csn_store_readiness_groups(store, filter, out->before_ms, out->groups,
                                            CSN_READINESS_GROUPS_MAX, &out->group_count,
                                            &out->more_groups);
    if (status == CSN_OK)
        status =
            csn_store_readiness_versions(store, filter, out->versions, CSN_READINESS_VERSIONS_MAX,
                                         &out->version_count, &out->more_versions);
    if (status == CSN_OK)
        qsort(out->versions, out->version_count, sizeof out->versions[0], by_platform_and_version);
    return status;
}

enum csn_status
csn_readiness_read(struct csn_store *store, const struct csn_app *app, int64_t since_ms,
                   int64_t until_ms, struct csn_readiness *out)
{
    csn_readiness_days(&since_ms, &until_ms);
    int64_t days = (until_ms - since_ms) / CSN_DAY_MS;
    CSN_ASSERT(days >= 1 && days <= CSN_READINESS_DAYS_MAX);
    memset(out, 0, sizeof *out);
    out->since_ms = since_ms;
    out->until_ms = until_ms;
    out->before_ms = since_ms - (until_ms - since_ms);
    out->day_count = (size_t)days;
    for (size_t i = 0; i < out->day_count; i++)
        out->days[i].day_ms = since_ms + (int64_t)i * CSN_DAY_MS;
    struct csn_readiness_filter before = {.app = app->id,
                                          .since_ms = out->before_ms,
                                          .until_ms = since_ms,
                                          .missing_is_anonymous = app->policy.missing_is_anonymous};
    struct csn_readiness_filter now = before;
    now.since_ms = since_ms;
    now.until_ms = until_ms;
    enum csn_status status = read_sum(store, &before, &out->before);
    if (status == CSN_OK)
        status = read_sum(store, &now, &out->now);
    if (status == CSN_OK)
        status = read_parts(store, &now, out);
    if (status == CSN_OK)
        scale(out, now.level, before.level);
    return status;
}

/* --- minimum version --- */

/* Returns: the two are one to a rule that says "from this version on". */
static bool
is_same_version(const struct csn_readiness_version *a, const struct csn_readiness_version *b)
{
    return a->app_version[0] != '\0' && b->app_version[0] != '\0' &&
           csn_version_compare(csn_bytes_text(a->app_version), csn_bytes_text(b->app_version)) == 0;
}

struct csn_readiness_minimum
csn_readiness_minimum_of(const struct csn_readiness_version *versions, size_t count,
                         int64_t permille)
{
    struct csn_readiness_minimum best = {0};
    int64_t requests = 0, refused = 0, all = 0;
    for (size_t i = 0; i < count; i++)
        all += versions[i].refused;
    /* From the newest down; an unknown version is below all. */
    for (size_t i = count; i > 0 && versions[i - 1].app_version[0] != '\0'; i--) {
        requests += versions[i - 1].requests;
        refused += versions[i - 1].refused;
        bool begins = i == 1 || !is_same_version(&versions[i - 1], &versions[i - 2]);
        if (begins && refused * 1000 <= permille * requests)
            best =
                (struct csn_readiness_minimum){&versions[i - 1], requests, refused, all - refused};
    }
    return best;
}
