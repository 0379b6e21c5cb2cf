/* Gathering decisions in memory until the housekeeper writes them down.
 *
 *   record -> shard of the calling thread (counters exact, rows thinned) -> flush -> one store job
 *
 * Bounds: a shard keeps COUNTERS_MAX different counters and ROWS_MAX rows between two flushes. A
 * new counter beyond that is folded into one without platform and versions, which strangers choose;
 * the counts stay exact. Rows beyond ROWS_MAX are thinned: every other one goes, and the one before
 * it stands for both. The weights of the rows always add up to the decisions they stand for. Whom
 * they were about is a set of its own (decision_visitors.h).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/decisions.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "server/domain/decision_visitors.h"
#include "server/domain/heap.h"
#include "server/domain/management_keys.h"
#include "server/store/decision_rows.h"
#include "server/store/queue.h"

#define SHARDS 8
#define COUNTERS_FIRST 1024 /* places of a new table; a power of two */
#define COUNTERS_FOLD_FROM 16384
#define ROWS_MAX (CSN_DECISION_ROWS_PER_S / SHARDS)
#define HOUR_MS 3600000

struct shard {
    pthread_mutex_t lock;
    struct csn_decision_count *counts; /* open addressing, at most half full; count 0: free */
    size_t capacity, count_count;
    struct csn_decision_row rows[ROWS_MAX];
    size_t row_count;
    uint32_t stride; /* every stride-th decision is kept as a row */
    uint32_t skipped;
    struct csn_visitor_set *visitors;
};

struct csn_decisions {
    struct shard shards[SHARDS];
    pthread_mutex_t flushing; /* one flush at a time */
    struct shard taken;       /* what a flush writes, one shard at a time ... */
    pthread_mutex_t moving;   /* ... and while it comes or goes; held for no store work */
};

static atomic_uint next_shard;
static _Thread_local unsigned own_shard; /* 1 + index; 0: none yet */

static struct shard *
shard_of_thread(struct csn_decisions *d)
{
    if (own_shard == 0)
        own_shard = 1 + atomic_fetch_add(&next_shard, 1) % SHARDS;
    return &d->shards[own_shard - 1];
}

static struct csn_decision_count *
table_new(size_t capacity)
{
    return csn_heap_new(capacity * sizeof(struct csn_decision_count));
}

static void
table_free(struct csn_decision_count *counts, size_t capacity)
{
    csn_heap_free(counts, capacity * sizeof *counts);
}

static bool
make_shard(struct shard *shard)
{
    shard->counts = table_new(COUNTERS_FIRST);
    shard->capacity = COUNTERS_FIRST;
    shard->stride = 1;
    shard->visitors = csn_visitor_set_create();
    pthread_mutex_init(&shard->lock, NULL);
    return shard->counts != NULL && shard->visitors != NULL;
}

static void
unmake_shard(struct shard *shard)
{
    pthread_mutex_destroy(&shard->lock);
    table_free(shard->counts, shard->capacity);
    csn_visitor_set_free(shard->visitors);
}

struct csn_decisions *
csn_decisions_create(void)
{
    struct csn_decisions *d = csn_heap_new(sizeof *d);
    if (d == NULL)
        return NULL;
    pthread_mutex_init(&d->flushing, NULL);
    pthread_mutex_init(&d->moving, NULL);
    bool made = make_shard(&d->taken);
    for (size_t i = 0; i < SHARDS; i++)
        made = make_shard(&d->shards[i]) && made;
    if (made)
        return d;
    csn_decisions_free(d);
    return NULL;
}

void
csn_decisions_free(struct csn_decisions *d)
{
    if (d == NULL)
        return;
    for (size_t i = 0; i < SHARDS; i++)
        unmake_shard(&d->shards[i]);
    unmake_shard(&d->taken);
    pthread_mutex_destroy(&d->flushing);
    pthread_mutex_destroy(&d->moving);
    csn_heap_free(d, sizeof *d);
}

/* --- counters --- */

/* Everything countable, with all padding zero so that it compares as bytes. */
static void
countable_of(const struct csn_decision *from, struct csn_decision *out)
{
    memset(out, 0, sizeof *out);
    out->at_ms = from->at_ms - from->at_ms % HOUR_MS;
    memcpy(out->app.text, from->app.text, CSN_ID_LENGTH);
    out->key_number = from->key_number;
    out->algorithm = from->algorithm;
    out->reason = from->reason;
    out->endpoint = from->endpoint;
    out->assurance = from->assurance;
    out->mode = from->mode;
    out->admitted = from->admitted;
    memcpy(out->platform, from->platform, strnlen(from->platform, CSN_PLATFORM_MAX));
    memcpy(out->app_version, from->app_version, strnlen(from->app_version, CSN_VERSION_TEXT_MAX));
    memcpy(out->sdk_version, from->sdk_version, strnlen(from->sdk_version, CSN_VERSION_TEXT_MAX));
}

static size_t
hash_of(const struct csn_decision *countable)
{
    const uint8_t *bytes = (const uint8_t *)countable;
    uint64_t hash = 0x9E3779B97F4A7C15u;
    for (size_t at = 0; at + 8 <= sizeof *countable; at += 8) {
        uint64_t word;
        memcpy(&word, bytes + at, sizeof word);
        hash = (hash ^ word) * 0xFF51AFD7ED558CCDu;
        hash ^= hash >> 32;
    }
    return (size_t)hash;
}

/* The padding is zero on both sides: countable_of. */
static bool
is_same_kind(const struct csn_decision *one, const struct csn_decision *other)
{
    const uint8_t *bytes = (const uint8_t *)one;
    return memcmp(bytes, (const uint8_t *)other, sizeof *one) == 0;
}

/* Returns: the counter of this kind, or the free place where it belongs. */
static struct csn_decision_count *
place_of(struct csn_decision_count *counts, size_t capacity, const struct csn_decision *countable)
{
    size_t at = hash_of(countable) & (capacity - 1);
    while (counts[at].count != 0 && !is_same_kind(&counts[at].of, countable))
        at = (at + 1) & (capacity - 1);
    return &counts[at];
}

static struct csn_decision_count *
counter_of(struct shard *shard, const struct csn_decision *countable)
{
    return place_of(shard->counts, shard->capacity, countable);
}

/* Keeps the table at most half full. Returns: false when memory is out and it is nearly full. */
static bool
make_room(struct shard *shard)
{
    if (shard->count_count * 2 < shard->capacity)
        return true;
    struct csn_decision_count *wider = table_new(shard->capacity * 2);
    if (wider == NULL)
        return shard->count_count + 1 < shard->capacity;
    for (size_t i = 0; i < shard->capacity; i++) {
        if (shard->counts[i].count != 0)
            *place_of(wider, shard->capacity * 2, &shard->counts[i].of) = shard->counts[i];
    }
    table_free(shard->counts, shard->capacity);
    shard->counts = wider;
    shard->capacity *= 2;
    return true;
}

static void
forget_versions(struct csn_decision *countable)
{
    memset(countable->platform, 0, sizeof countable->platform);
    memset(countable->app_version, 0, sizeof countable->app_version);
    memset(countable->sdk_version, 0, sizeof countable->sdk_version);
}

static int64_t
later_of(int64_t a_ms, int64_t b_ms)
{
    return a_ms > b_ms ? a_ms : b_ms;
}

void
csn_key_touch_raise(struct csn_key_touch *use, const struct csn_key_touch *other)
{
    use->number = other->number;
    use->used_ms = later_of(use->used_ms, other->used_ms);
    use->ends_ms = later_of(use->ends_ms, other->ends_ms);
    use->endless_ms = later_of(use->endless_ms, other->endless_ms);
}

static struct csn_key_touch
touch_of(const struct csn_decision *d)
{
    return (struct csn_key_touch){.number = d->key_number,
                                  .used_ms = d->at_ms,
                                  .ends_ms = d->expires_ms,
                                  .endless_ms = d->expires_ms == 0 ? d->at_ms : 0};
}

/* Returns: false only when memory is out: then this one is not counted. */
static bool
count(struct shard *shard, struct csn_decision *countable, const struct csn_decision_count *more)
{
    struct csn_decision_count *counter = counter_of(shard, countable);
    if (counter->count == 0 && shard->count_count >= COUNTERS_FOLD_FROM)
        forget_versions(countable);
    if (counter->count == 0 && !make_room(shard))
        return false;
    counter = counter_of(shard, countable);
    shard->count_count += counter->count == 0;
    if (counter->count == 0 || counter->first_ms > more->first_ms)
        counter->first_ms = more->first_ms;
    if (counter->latest_ms < more->latest_ms)
        counter->latest_ms = more->latest_ms;
    csn_key_touch_raise(&counter->tokens, &more->tokens);
    counter->of = *countable;
    counter->count += more->count;
    return true;
}

/* --- rows --- */

static void
thin(struct shard *shard)
{
    size_t kept = 0;
    for (size_t i = 0; i < shard->row_count; i += 2) {
        uint32_t neighbours = i + 1 < shard->row_count ? shard->rows[i + 1].weight : 0;
        shard->rows[kept] = shard->rows[i];
        shard->rows[kept++].weight += neighbours;
    }
    shard->row_count = kept;
}

static void
keep_row(struct shard *shard, const struct csn_decision *decision)
{
    if (++shard->skipped < shard->stride)
        return;
    struct csn_decision_row row = {.decision = *decision, .weight = shard->skipped};
    shard->skipped = 0;
    if (shard->row_count == ROWS_MAX) {
        thin(shard);
        shard->stride *= 2;
    }
    shard->rows[shard->row_count++] = row;
}

void
csn_decisions_record(struct csn_decisions *d, const struct csn_decision *decision)
{
    struct csn_decision countable;
    struct csn_decision_visitor visitor;
    struct csn_decision_count one = {.count = 1,
                                     .first_ms = decision->at_ms,
                                     .latest_ms = decision->at_ms,
                                     .tokens = touch_of(decision)};
    countable_of(decision, &countable);
    bool has_visitor = csn_visitor_of(decision, &visitor);
    struct shard *shard = shard_of_thread(d);
    pthread_mutex_lock(&shard->lock);
    bool counted = count(shard, &countable, &one);
    if (counted)
        keep_row(shard, decision);
    if (counted && has_visitor)
        csn_visitor_set_add(shard->visitors, &visitor);
    pthread_mutex_unlock(&shard->lock);
}

/* --- flushing --- */

struct flush {
    struct csn_job job;
    const struct csn_decision_batch *batch;
};

/* The keys that verified something, each once or a few times: the store keeps the latest. */
static size_t
touches_of(const struct csn_decision_batch *batch, struct csn_key_touch *touches)
{
    size_t touched = 0;
    for (size_t i = 0; i < batch->count_count; i++) {
        const struct csn_decision_count *c = &batch->counts[i];
        if (c->of.key_number != 0 && c->of.reason == CSN_REASON_ACCEPTED)
            touches[touched++] = c->tokens;
    }
    return touched;
}

static enum csn_status
run_flush(struct csn_job *job, struct csn_store *store)
{
    const struct csn_decision_batch *batch = ((struct flush *)job)->batch;
    enum csn_status status = csn_store_decisions_add(store, batch);
    if (status != CSN_OK)
        return status;
    size_t size = (batch->count_count + 1) * sizeof(struct csn_key_touch);
    struct csn_key_touch *touches = csn_heap_new(size);
    if (touches == NULL)
        return CSN_NO_MEMORY;
    status = csn_management_touch_keys(store, touches, touches_of(batch, touches));
    csn_heap_free(touches, size);
    return status;
}

/* Exchanges the tables, so that the lock is held for a moment only. In: `to` is empty. */
static void
take(struct shard *from, struct shard *to)
{
    struct csn_decision_count *emptied = to->counts;
    struct csn_visitor_set *no_visitors = to->visitors;
    size_t capacity = to->capacity;
    pthread_mutex_lock(&from->lock);
    to->visitors = from->visitors;
    from->visitors = no_visitors;
    memcpy(to->rows, from->rows, from->row_count * sizeof to->rows[0]);
    to->counts = from->counts;
    to->capacity = from->capacity;
    to->count_count = from->count_count;
    to->row_count = from->row_count;
    if (to->row_count > 0) /* the last one stands for those passed over since */
        to->rows[to->row_count - 1].weight += from->skipped;
    from->counts = emptied;
    from->capacity = capacity;
    from->count_count = from->row_count = 0;
    from->stride = 1;
    from->skipped = 0;
    pthread_mutex_unlock(&from->lock);
}

/* The older rows go before those recorded since, thinned until both fit. */
static void
give_rows_back(struct shard *to, struct shard *from)
{
    while (from->row_count + to->row_count > ROWS_MAX)
        thin(from->row_count > to->row_count ? from : to);
    memmove(&to->rows[from->row_count], to->rows, to->row_count * sizeof to->rows[0]);
    memcpy(to->rows, from->rows, from->row_count * sizeof to->rows[0]);
    to->row_count += from->row_count;
}

/* Puts back what could not be written. */
static void
give_back(struct shard *to, struct shard *from)
{
    pthread_mutex_lock(&to->lock);
    for (size_t i = 0; i < from->count_count; i++)
        (void)count(to, &from->counts[i].of, &from->counts[i]);
    give_rows_back(to, from);
    csn_visitor_set_merge(to->visitors, from->visitors);
    pthread_mutex_unlock(&to->lock);
}

/* Moves the used counters to the front, so that they are a list. */
static size_t
compact(struct shard *shard)
{
    size_t used = 0;
    for (size_t i = 0; i < shard->capacity; i++) {
        if (shard->counts[i].count == 0)
            continue;
        struct csn_decision_count *c = &shard->counts[used++];
        *c = shard->counts[i];
        c->visitor_level = csn_visitor_set_level(shard->visitors, &c->of.app);
    }
    return used;
}

/* Returns: what is to be written. Whoever asks meanwhile (csn_decisions_last_uses) finds it either
 * here or there. */
static struct csn_decision_batch
begin_flush(struct csn_decisions *d, struct shard *shard)
{
    pthread_mutex_lock(&d->moving);
    take(shard, &d->taken);
    size_t count = compact(&d->taken);
    pthread_mutex_unlock(&d->moving);
    return (struct csn_decision_batch){
        .counts = d->taken.counts,
        .count_count = count,
        .rows = d->taken.rows,
        .row_count = d->taken.row_count,
        .visitors = csn_visitor_set_all(d->taken.visitors),
        .visitor_count = csn_visitor_set_count(d->taken.visitors),
    };
}

static void
end_flush(struct csn_decisions *d, struct shard *shard, enum csn_status status)
{
    pthread_mutex_lock(&d->moving);
    if (status != CSN_OK)
        give_back(shard, &d->taken);
    memset(d->taken.counts, 0, d->taken.capacity * sizeof d->taken.counts[0]);
    d->taken.count_count = d->taken.row_count = 0;
    csn_visitor_set_clear(d->taken.visitors);
    pthread_mutex_unlock(&d->moving);
}

static enum csn_status
flush_shard(struct csn_decisions *d, struct shard *shard, struct csn_queue *queue)
{
    struct csn_decision_batch batch = begin_flush(d, shard);
    enum csn_status status = CSN_OK;
    struct flush flush = {.job = {.run = run_flush}, .batch = &batch};
    if (batch.count_count > 0)
        status = csn_queue_run(queue, &flush.job);
    end_flush(d, shard, status);
    return status;
}

enum csn_status
csn_decisions_flush(struct csn_decisions *d, struct csn_queue *queue)
{
    pthread_mutex_lock(&d->flushing);
    enum csn_status worst = CSN_OK;
    for (size_t i = 0; i < SHARDS; i++) {
        enum csn_status status = flush_shard(d, &d->shards[i], queue);
        if (status != CSN_OK)
            worst = status;
    }
    pthread_mutex_unlock(&d->flushing);
    return worst;
}

/* --- last uses --- */

static void
raise_uses(struct csn_key_touch *uses, size_t use_count, const struct shard *shard)
{
    for (size_t i = 0; i < shard->capacity; i++) {
        const struct csn_decision_count *c = &shard->counts[i];
        if (c->count == 0 || c->of.key_number == 0 || c->of.reason != CSN_REASON_ACCEPTED)
            continue;
        for (size_t k = 0; k < use_count; k++) {
            if (uses[k].number == c->of.key_number)
                csn_key_touch_raise(&uses[k], &c->tokens);
        }
    }
}

void
csn_decisions_last_uses(struct csn_decisions *d, struct csn_key_touch *uses, size_t count)
{
    pthread_mutex_lock(&d->moving);
    raise_uses(uses, count, &d->taken);
    for (size_t i = 0; i < SHARDS; i++) {
        pthread_mutex_lock(&d->shards[i].lock);
        raise_uses(uses, count, &d->shards[i]);
        pthread_mutex_unlock(&d->shards[i].lock);
    }
    pthread_mutex_unlock(&d->moving);
}
