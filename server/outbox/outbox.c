/* The thread that sends. See outbox.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/outbox/outbox.h"

#include <pthread.h>
#include <stdatomic.h>

#include "server/domain/heap.h"
#include "server/domain/id.h"
#include "server/domain/spread.h"
#include "server/outbound/outbound.h"
#include "server/outbox/send.h"
#include "server/outbox/shares.h"

#define STORE_DOWN_WAIT_MS 1000 /* the store did not answer: no sooner than this again */
#define HOST_BUSY_MS 1000    /* what goes to a host that has enough to do steps aside so long … */
#define HOST_SILENT_MS 15000 /* … or, to a device, when that does not answer */
#define LANES_MAX 512        /* gone by in one round; the next look goes on behind them */
#define TRIED_MAX 8          /* deliveries of a lane opened in a round until one can be sent */
#define ASIDES_MAX 64
#define SLOT_BYTES (256 * 1024) /* a payload, what it is made of, and what it is signed over */

/* One delivery under way. */
struct slot {
    bool used;
    bool ended; /* `sent` says what came of it */
    struct csn_parcel parcel;
    struct csn_sent sent;
    struct csn_arena arena; /* over `memory`: wiped when the slot is free again */
    uint8_t memory[SLOT_BYTES];
};

/* A webhook that had no room: its lane is not looked at until then. In memory, so that a hundred
 * thousand deliveries step aside without being touched. */
struct aside {
    struct csn_id app, webhook;
    int64_t until_ms;
};

struct csn_sender {
    struct csn_sender_options options;
    struct csn_post *post;
    pthread_t thread;
    atomic_bool stop;
    int64_t counted_ms; /* when it last counted what waits */
    struct csn_spread_turn turn;
    struct csn_delivery_lane lane; /* whose turn was the last */
    struct csn_shares shares;
    struct aside asides[ASIDES_MAX];
    size_t aside_next;
    struct slot slots[CSN_SENDS_MAX];
};

static void
free_slot(struct slot *slot)
{
    csn_wipe(slot->memory, slot->arena.used);
    csn_wipe(&slot->parcel, sizeof slot->parcel);
    slot->arena = csn_arena_over(slot->memory, sizeof slot->memory);
    slot->used = slot->ended = false;
}

static void
release(struct csn_sender *sender, size_t at, enum csn_outcome outcome)
{
    csn_shares_give_back(&sender->shares, at, outcome);
    free_slot(&sender->slots[at]);
}

static struct csn_outbox
outbox_of(struct csn_sender *sender, struct csn_store *store, struct slot *slot)
{
    return (struct csn_outbox){.sessions = sender->options.sessions,
                               .registry = sender->options.registry,
                               .store = store,
                               .arena = &slot->arena};
}

/* One job of this thread; `job` first, so that the queue hands it back. */
struct work {
    struct csn_job job;
    struct csn_sender *sender;
    int64_t now_ms;
    bool stepped;      /* of look: something was sent, or stepped aside */
    struct slot *slot; /* of note */
};

/* --- spread --- */

static enum csn_status
spread_step(struct csn_job *job, struct csn_store *store)
{
    struct work *work = (struct work *)job;
    return csn_spread_step(store, &work->sender->turn, work->now_ms);
}

/* Before each look: a slice of a broadcast, so that there is enough to send and never much more. */
static enum csn_status
spread(struct csn_sender *sender)
{
    struct work work = {.job = {.run = spread_step},
                        .sender = sender,
                        .now_ms = csn_clock_now(&sender->options.clock)};
    enum csn_status status = csn_queue_run(sender->options.queue, &work.job);
    sender->turn.walked = sender->turn.walked && status == CSN_OK;
    return status;
}

/* --- look --- */

static bool
is_under_way(const struct csn_sender *sender, int64_t number)
{
    for (size_t i = 0; i < CSN_SENDS_MAX; i++) {
        if (sender->slots[i].used && sender->slots[i].parcel.row.number == number)
            return true;
    }
    return false;
}

static bool
is_aside(const struct csn_sender *sender, const struct csn_delivery_lane *lane, int64_t now_ms)
{
    for (size_t i = 0; i < ASIDES_MAX; i++) {
        const struct aside *aside = &sender->asides[i];
        if (aside->until_ms > now_ms && csn_id_equal(&aside->webhook, &lane->webhook) &&
            csn_id_equal(&aside->app, &lane->app))
            return true;
    }
    return false;
}

/* All that goes to the same place steps aside at once, so that nothing else waits behind it. */
static enum csn_status
step_aside(struct work *work, struct csn_store *store, const struct csn_delivery_lane *lane,
           const struct csn_parcel *parcel, enum csn_room room)
{
    struct csn_sender *sender = work->sender;
    bool silent = room == CSN_ROOM_SILENT;
    if (parcel->row.device.len > 0)
        return csn_store_push_put_off(store, lane->app, parcel->row.device,
                                      work->now_ms + (silent ? HOST_SILENT_MS : HOST_BUSY_MS));
    sender->asides[sender->aside_next] = (struct aside){
        .app = lane->app, .webhook = lane->webhook, .until_ms = work->now_ms + HOST_BUSY_MS};
    sender->aside_next = (sender->aside_next + 1) % ASIDES_MAX;
    return CSN_OK;
}

/* Opens one delivery into an unused slot. Out: *opened. */
static enum csn_status
open_one(struct work *work, struct csn_store *store, const struct csn_delivery_lane *lane,
         int64_t number, bool *opened)
{
    struct csn_sender *sender = work->sender;
    size_t at = csn_shares_unused(&sender->shares);
    struct slot *slot = &sender->slots[at];
    struct csn_outbox outbox = outbox_of(sender, store, slot);
    enum csn_status status =
        csn_parcel_make(&outbox, lane->app, number, &slot->parcel, work->now_ms);
    enum csn_room room = CSN_ROOM_NONE;
    if (status == CSN_OK)
        room = csn_shares_room(&sender->shares, &slot->parcel);
    work->stepped = true;
    *opened = room == CSN_ROOM_FREE;
    if (*opened) {
        csn_shares_take(&sender->shares, at, &slot->parcel);
        slot->used = true;
        slot->ended = slot->parcel.carrier == CSN_CARRIER_NONE;
        slot->sent = (struct csn_sent){.outcome = slot->parcel.outcome};
        return CSN_OK;
    }
    if (status == CSN_OK)
        status = step_aside(work, store, lane, &slot->parcel, room);
    else if (status == CSN_NO_SPACE)
        status = csn_store_delivery_put_off(store, lane->app, number, work->now_ms + HOST_BUSY_MS);
    free_slot(slot);
    return status == CSN_NOT_FOUND ? CSN_OK : status;
}

/* Opens the first delivery of a lane that can be sent. Out: *opened. */
static enum csn_status
serve_lane(struct work *work, struct csn_store *store, const struct csn_delivery_lane *lane,
           bool *opened)
{
    int64_t due[CSN_SENDS_MAX + TRIED_MAX]; /* those under way are due as well */
    size_t count = 0, tried = 0;
    *opened = false;
    enum csn_status status =
        csn_store_delivery_due(store, lane, due, sizeof due / sizeof *due, &count, work->now_ms);
    for (size_t i = 0; i < count && status == CSN_OK && !*opened; i++) {
        if (is_under_way(work->sender, due[i]))
            continue;
        if (tried++ == TRIED_MAX || is_aside(work->sender, lane, work->now_ms))
            break;
        status = open_one(work, store, lane, due[i], opened);
    }
    return status;
}

/* The next lane in which something waits, after the last one the first again. */
static enum csn_status
next_lane(struct csn_store *store, struct csn_delivery_lane *lane)
{
    struct csn_delivery_lane after = *lane;
    enum csn_status status = csn_store_delivery_lane(store, &after, lane);
    if (status != CSN_NOT_FOUND || csn_id_is_none(&after.app))
        return status;
    after = (struct csn_delivery_lane){0};
    return csn_store_delivery_lane(store, &after, lane);
}

static bool
is_same_lane(const struct csn_delivery_lane *a, const struct csn_delivery_lane *b)
{
    return csn_id_equal(&a->app, &b->app) && csn_id_equal(&a->webhook, &b->webhook);
}

/* Goes once around the lanes, and opens one delivery of each whose app may have it. Out: *any. */
static enum csn_status
go_round(struct work *work, struct csn_store *store, bool beyond, bool *any)
{
    struct csn_sender *sender = work->sender;
    struct csn_delivery_lane first = {0};
    *any = false;
    for (size_t i = 0; i < LANES_MAX; i++) {
        struct csn_delivery_lane *lane = &sender->lane;
        bool opened = false;
        if (csn_shares_unused(&sender->shares) == CSN_SENDS_MAX)
            return CSN_OK;
        enum csn_status status = next_lane(store, lane);
        if (status != CSN_OK)
            return status == CSN_NOT_FOUND ? CSN_OK : status;
        if (i > 0 && is_same_lane(lane, &first))
            return CSN_OK;
        first = i == 0 ? *lane : first;
        if (lane->due_ms <= work->now_ms && !is_aside(sender, lane, work->now_ms) &&
            csn_shares_app_may(&sender->shares, lane->app, beyond))
            status = serve_lane(work, store, lane, &opened);
        if (status != CSN_OK)
            return status;
        *any = *any || opened;
    }
    return CSN_OK;
}

/* First everybody's share, then what is left. */
static enum csn_status
serve_all(struct work *work, struct csn_store *store)
{
    enum csn_status status = CSN_OK;
    for (int beyond = 0; beyond <= 1; beyond++) {
        bool any = true;
        while (any && status == CSN_OK)
            status = go_round(work, store, beyond == 1, &any);
    }
    return status;
}

static enum csn_status
count_waiting(struct work *work, struct csn_store *store)
{
    struct csn_sender *sender = work->sender;
    uint64_t waiting = 0;
    if (work->now_ms - sender->counted_ms < CSN_OUTBOX_COUNT_MS)
        return CSN_OK;
    enum csn_status status = csn_store_delivery_waiting(store, CSN_OUTBOX_COUNTED_MAX, &waiting);
    if (status != CSN_OK)
        return status;
    atomic_store_explicit(&sender->options.counts->waiting, waiting, memory_order_relaxed);
    sender->counted_ms = work->now_ms;
    return CSN_OK;
}

static enum csn_status
look_step(struct csn_job *job, struct csn_store *store)
{
    struct work *work = (struct work *)job;
    enum csn_status status = serve_all(work, store);
    return status == CSN_OK ? count_waiting(work, store) : status;
}

/* --- send --- */

static void
end_unsent(struct slot *slot, enum csn_outcome outcome)
{
    slot->ended = true;
    slot->sent = (struct csn_sent){.outcome = outcome};
}

static void
begin(struct csn_sender *sender, size_t at, int64_t now_ms)
{
    struct slot *slot = &sender->slots[at];
    struct csn_letter letter;
    enum csn_status status =
        csn_letter_compose(&slot->parcel, &sender->options.random, &slot->arena, &letter, now_ms);
    if (status == CSN_OK)
        status = csn_post_begin(sender->post, at, &letter);
    if (status == CSN_INVALID || status == CSN_CRYPTO)
        end_unsent(slot, CSN_OUTCOME_NO_WAY);
    else if (status != CSN_OK)
        end_unsent(slot, CSN_OUTCOME_UNREACHABLE);
}

/* Returns: how long there is nothing to do but wait for transfers. */
static int64_t
look_and_send(struct csn_sender *sender)
{
    bool was_used[CSN_SENDS_MAX];
    for (size_t i = 0; i < CSN_SENDS_MAX; i++)
        was_used[i] = sender->slots[i].used;
    struct work work = {.job = {.run = look_step},
                        .sender = sender,
                        .now_ms = csn_clock_now(&sender->options.clock)};
    enum csn_status status = csn_queue_run(sender->options.queue, &work.job);
    for (size_t i = 0; i < CSN_SENDS_MAX; i++) {
        struct slot *slot = &sender->slots[i];
        if (was_used[i] || !slot->used)
            continue;
        if (status != CSN_OK) /* what was read is of a job that did not end well */
            release(sender, i, CSN_OUTCOME_NONE);
        else if (!slot->ended)
            begin(sender, i, work.now_ms);
    }
    if (status != CSN_OK)
        return STORE_DOWN_WAIT_MS;
    return !work.stepped && !sender->turn.walked ? CSN_OUTBOX_LOOK_MS : 0;
}

static void
gather(struct csn_sender *sender)
{
    struct csn_post_answer answer;
    while (csn_post_next(sender->post, &answer)) {
        struct slot *slot = &sender->slots[answer.slot];
        slot->ended = true;
        slot->sent = (struct csn_sent){.outcome = csn_outcome_of_status(answer.http),
                                       .is_final = answer.http == 410,
                                       .retry_after_ms = answer.retry_after_ms};
    }
}

/* --- note --- */

static enum csn_status
note_step(struct csn_job *job, struct csn_store *store)
{
    struct work *work = (struct work *)job;
    struct slot *slot = work->slot;
    struct csn_outbox outbox = outbox_of(work->sender, store, slot);
    return csn_parcel_settle(&outbox, &slot->parcel, &slot->sent, &work->sender->options.random,
                             work->now_ms);
}

/* What was moot was not tried: it did not fail. */
static void
count(struct csn_outbox_counts *counts, const struct csn_sent *sent)
{
    bool taken = sent->outcome == CSN_OUTCOME_TAKEN, moot = sent->outcome == CSN_OUTCOME_MOOT;
    atomic_fetch_add_explicit(&counts->taken, taken, memory_order_relaxed);
    atomic_fetch_add_explicit(&counts->failed, !taken && !moot, memory_order_relaxed);
    atomic_fetch_add_explicit(&counts->given_up, sent->gave_up, memory_order_relaxed);
}

static void
tell_log(struct csn_sender *sender, const struct slot *slot)
{
    count(sender->options.counts, &slot->sent);
    if (!slot->sent.gave_up && !slot->sent.disabled)
        return;
    struct csn_sender_event event = {.app = slot->parcel.row.app,
                                     .delivery = slot->parcel.id,
                                     .outcome = slot->sent.outcome,
                                     .disabled = slot->sent.disabled};
    if (sender->options.log != NULL)
        sender->options.log(sender->options.log_state, &event);
}

/* Returns: CSN_OK; or the store's failure: what ended stays so, and is noted later. */
static enum csn_status
note_ended(struct csn_sender *sender)
{
    for (size_t i = 0; i < CSN_SENDS_MAX; i++) {
        struct slot *slot = &sender->slots[i];
        if (!slot->used || !slot->ended)
            continue;
        struct work work = {.job = {.run = note_step},
                            .sender = sender,
                            .now_ms = csn_clock_now(&sender->options.clock),
                            .slot = slot};
        enum csn_status status = csn_queue_run(sender->options.queue, &work.job);
        if (status != CSN_OK)
            return status;
        tell_log(sender, slot);
        release(sender, i, slot->sent.outcome);
    }
    return CSN_OK;
}

/* --- life --- */

static void *
live(void *state)
{
    struct csn_sender *sender = state;
    while (!atomic_load(&sender->stop)) {
        gather(sender);
        int64_t wait_ms = STORE_DOWN_WAIT_MS;
        if (note_ended(sender) == CSN_OK && spread(sender) == CSN_OK)
            wait_ms = look_and_send(sender);
        csn_post_wait(sender->post, wait_ms);
    }
    return NULL;
}

enum csn_status
csn_sender_start(const struct csn_sender_options *options, struct csn_sender **out)
{
    *out = csn_heap_new(sizeof **out);
    if (*out == NULL)
        return CSN_NO_MEMORY;
    struct csn_sender *sender = *out;
    sender->options = *options;
    for (size_t i = 0; i < CSN_SENDS_MAX; i++)
        free_slot(&sender->slots[i]);
    struct csn_outbound_rules rules = {
        .timeout_ms = options->timeout_ms, .allowed = options->allowed, .ca = options->ca};
    enum csn_status status = csn_post_create(&rules, &sender->post);
    if (status == CSN_OK && pthread_create(&sender->thread, NULL, live, sender) != 0)
        status = CSN_IO;
    if (status == CSN_OK)
        return CSN_OK;
    csn_post_free(sender->post);
    csn_heap_free(sender, sizeof *sender);
    *out = NULL;
    return status;
}

void
csn_sender_stop(struct csn_sender *sender)
{
    if (sender == NULL)
        return;
    atomic_store(&sender->stop, true);
    csn_post_wake(sender->post);
    pthread_join(sender->thread, NULL);
    csn_post_free(sender->post);
    csn_heap_free(sender, sizeof *sender);
}
