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

#define STORE_DOWN_WAIT_MS 1000 /* the store did not answer: no sooner than this again */
#define HOST_BUSY_MS 1000       /* a delivery to a host that has enough to do steps aside so long */
#define LOOKED_AT_MAX                                                                              \
    (4 * CSN_SENDS_MAX)         /* due deliveries of one look, those under way with them */
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

struct csn_sender {
    struct csn_sender_options options;
    struct csn_post *post;
    pthread_t thread;
    atomic_bool stop;
    int64_t counted_ms; /* when it last counted what waits */
    struct csn_spread_turn turn;
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
    int64_t next_due_ms; /* of look */
    struct slot *slot;   /* of note */
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
is_under_way(const struct csn_sender *sender, const struct csn_delivery_due *due)
{
    for (size_t i = 0; i < CSN_SENDS_MAX; i++) {
        if (sender->slots[i].used && sender->slots[i].parcel.row.number == due->number)
            return true;
    }
    return false;
}

static struct slot *
unused_slot(struct csn_sender *sender)
{
    for (size_t i = 0; i < CSN_SENDS_MAX; i++) {
        if (!sender->slots[i].used)
            return &sender->slots[i];
    }
    return NULL;
}

static bool
is_host_busy(const struct csn_sender *sender, const struct csn_parcel *parcel)
{
    if (parcel->carrier == CSN_CARRIER_NONE)
        return false;
    struct csn_bytes origin = csn_url_origin(csn_bytes_text(parcel->url));
    size_t count = 0;
    for (size_t i = 0; i < CSN_SENDS_MAX; i++) {
        const struct slot *slot = &sender->slots[i];
        if (slot->used && slot->parcel.carrier != CSN_CARRIER_NONE &&
            csn_bytes_equal(csn_url_origin(csn_bytes_text(slot->parcel.url)), origin))
            count++;
    }
    return count >= CSN_SENDS_HOST_MAX;
}

/* Opens one delivery into a slot. What cannot be opened now is put off, so that nothing behind it
 * waits for it. */
static enum csn_status
open_one(struct work *work, struct csn_store *store, const struct csn_delivery_due *due,
         struct slot *slot)
{
    struct csn_outbox outbox = outbox_of(work->sender, store, slot);
    enum csn_status status =
        csn_parcel_make(&outbox, due->app, due->number, &slot->parcel, work->now_ms);
    if (status == CSN_OK && !is_host_busy(work->sender, &slot->parcel)) {
        slot->used = true;
        slot->ended = slot->parcel.carrier == CSN_CARRIER_NONE;
        slot->sent = (struct csn_sent){.outcome = slot->parcel.outcome};
        return CSN_OK;
    }
    free_slot(slot);
    if (status == CSN_NOT_FOUND)
        return CSN_OK;
    if (status != CSN_OK && status != CSN_NO_SPACE)
        return status;
    return csn_store_delivery_put_off(store, due->app, due->number, work->now_ms + HOST_BUSY_MS);
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
    struct csn_delivery_due due[LOOKED_AT_MAX];
    size_t count = 0;
    enum csn_status status =
        csn_store_delivery_due(store, due, LOOKED_AT_MAX, &count, &work->next_due_ms, work->now_ms);
    for (size_t i = 0; i < count && status == CSN_OK; i++) {
        struct slot *slot = unused_slot(work->sender);
        if (slot == NULL)
            return CSN_OK;
        if (!is_under_way(work->sender, &due[i]))
            status = open_one(work, store, &due[i], slot);
    }
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
    bool none_sent = true;
    for (size_t i = 0; i < CSN_SENDS_MAX; i++) {
        struct slot *slot = &sender->slots[i];
        if (was_used[i] || !slot->used)
            continue;
        none_sent = none_sent && !slot->ended;
        if (status != CSN_OK)
            free_slot(slot); /* what was read is of a job that did not end well */
        else if (!slot->ended)
            begin(sender, i, work.now_ms);
    }
    if (status != CSN_OK)
        return STORE_DOWN_WAIT_MS;
    return none_sent && !sender->turn.walked ? CSN_OUTBOX_LOOK_MS : 0;
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
        free_slot(slot);
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
