/* The process that is killed. See hammer.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/integration/durability/hammer.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "server/domain/id.h"

#define THREADS 12
#define SHARED_IDENTITIES 50
#define SHARED_DEVICES 40

_Static_assert(sizeof(struct ack) <= PIPE_BUF, "an acknowledgement is written at once");

struct striker {
    struct stage *stage;
    struct csn_queue *queue;
    uint64_t dice;
    int ack_fd;
    struct csn_id last_session, last_customer;
    struct ack last_link; /* kind NONE: there is none to undo */
    char last_item[32];
};

static enum act_kind
choose(struct striker *s)
{
    uint32_t roll = dice(&s->dice, 100);
    if (roll < 5) {
        return ACT_ENFORCEMENT;
    }
    if (roll < 10) {
        return ACT_KEY;
    }
    if (roll >= 60 && !csn_id_is_none(&s->last_customer)) {
        return ACT_APPEND;
    }
    if (roll < 20 && s->last_link.kind != ACT_NONE) {
        return ACT_UNLINK;
    }
    if (roll < 35 && !csn_id_is_none(&s->last_session)) {
        return ACT_LOGOUT;
    }
    return roll < 55 ? ACT_LINK : ACT_LOGIN;
}

/* Half the identities and devices are shared between the threads, so that they collide. */
static void
cast(struct striker *s, struct act *act)
{
    uint32_t roll = dice(&s->dice, 2 * SHARED_IDENTITIES);
    bool shared = roll < SHARED_IDENTITIES;
    snprintf(act->identity, sizeof act->identity, "%s%u-%llx", shared ? "shared" : "own", roll,
             shared ? 0ULL : (unsigned long long)s->dice);
    snprintf(act->device, sizeof act->device, "device-%u", dice(&s->dice, SHARED_DEVICES));
    act->session = s->last_session;
    bool unlink = act->ack.kind == ACT_UNLINK;
    act->customer = unlink ? s->last_link.customer : s->last_customer;
    act->linked = s->last_link.linked;
    bool again = act->ack.kind == ACT_APPEND && dice(&s->dice, 4) == 0;
    if (!again) {
        snprintf(s->last_item, sizeof s->last_item, "i%llx", (unsigned long long)s->dice);
    }
    memcpy(act->item, s->last_item, sizeof act->item);
}

/* What the next act may be about. Items that went to one customer are not sent to another. */
static void
learn(struct striker *s, const struct ack *ack)
{
    if (ack->kind == ACT_LOGIN || ack->kind == ACT_LINK) {
        s->last_session = ack->session;
        s->last_customer = ack->customer;
        snprintf(s->last_item, sizeof s->last_item, "n%llx", (unsigned long long)s->dice);
    }
    if (ack->kind == ACT_LINK) {
        s->last_link = *ack;
    }
    if (ack->kind == ACT_UNLINK) {
        s->last_link = (struct ack){0};
    }
}

static void *
strike(void *argument)
{
    struct striker *s = argument;
    for (int64_t turn = 0;; turn++) {
        struct act act;
        act_prepare(&act, s->stage, choose(s), 1795219200000LL + turn);
        cast(s, &act);
        enum csn_status status = csn_queue_run(s->queue, &act.job);
        require(status == CSN_OK, "an act failed", csn_status_name(status));
        learn(s, &act.ack);
        require(write(s->ack_fd, &act.ack, sizeof act.ack) == (ssize_t)sizeof act.ack,
                "the pipe is broken", "");
    }
    return NULL;
}

void
hammer(const char *directory, uint64_t seed, int ack_fd)
{
    static struct stage stage;
    static struct striker strikers[THREADS];
    struct csn_store *store = NULL;
    struct csn_queue *queue = NULL;
    stage_open(&stage);
    require(csn_store_open(directory, &store) == CSN_OK, "the store does not open", directory);
    enum csn_status populated = stage_populate(&stage, store);
    require(populated == CSN_OK || populated == CSN_CONFLICT, "no app", "");
    require(csn_queue_start(store, &queue) == CSN_OK, "the queue does not start", "");
    for (int i = 0; i < THREADS; i++) {
        pthread_t thread;
        strikers[i] = (struct striker){
            .stage = &stage, .queue = queue, .dice = seed * 1000 + (uint64_t)i, .ack_fd = ack_fd};
        require(pthread_create(&thread, NULL, strike, &strikers[i]) == 0, "no thread", "");
    }
    for (;;) {
        pause();
    }
}
