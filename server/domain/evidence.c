/* A sealed row's text is three parts between line ends: device, identity, token. Neither a device's
 * id nor an identity holds one.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/evidence.h"

#include <pthread.h>
#include <string.h>

#include "server/domain/heap.h"
#include "server/domain/id.h"
#include "server/domain/vault.h"
#include "server/store/queue.h"

#define TEXT_MAX (CSN_TOKEN_MAX + CSN_IDENTITY_MAX + CSN_DEVICE_ID_MAX + 2)

struct kept {
    struct csn_evidence_row row;
    uint8_t sealed[TEXT_MAX + CSN_VAULT_OVERHEAD];
};

struct csn_evidence {
    struct csn_vault *vault;
    const struct csn_random *random;
    pthread_mutex_t lock;
    struct kept pending[CSN_EVIDENCE_PENDING_MAX];
    size_t count;
    pthread_mutex_t flushing; /* one flush at a time */
    struct kept writing[CSN_EVIDENCE_PENDING_MAX];
};

enum csn_status
csn_evidence_create(const uint8_t instance_key[32], const struct csn_random *random,
                    struct csn_evidence **out)
{
    struct csn_evidence *e = csn_heap_new(sizeof *e);
    if (e == NULL)
        return CSN_NO_MEMORY;
    e->random = random;
    pthread_mutex_init(&e->lock, NULL);
    pthread_mutex_init(&e->flushing, NULL);
    enum csn_status status = csn_vault_create(instance_key, &e->vault);
    if (status == CSN_OK)
        *out = e;
    else
        csn_evidence_free(e);
    return status;
}

void
csn_evidence_free(struct csn_evidence *e)
{
    if (e == NULL)
        return;
    csn_vault_free(e->vault);
    pthread_mutex_destroy(&e->lock);
    pthread_mutex_destroy(&e->flushing);
    csn_heap_free(e, sizeof *e);
}

/* --- keeping --- */

static bool
is_wanted(const struct csn_app *app, const struct csn_decision *d,
          const struct csn_presented *presented)
{
    bool failed = d->reason != CSN_REASON_ACCEPTED && d->reason != CSN_REASON_UNAVAILABLE &&
                  d->reason != CSN_REASON_RATE_LIMITED;
    return failed && d->at_ms < app->evidence_until_ms && presented->token.len > 0 &&
           presented->token.len <= CSN_TOKEN_MAX;
}

static enum csn_status
seal(const struct csn_evidence *e, const struct csn_presented *presented, struct kept *kept)
{
    uint8_t memory[TEXT_MAX];
    struct csn_buffer text = csn_buffer_over(memory, sizeof memory);
    csn_buffer_append(&text, presented->device);
    csn_buffer_byte(&text, '\n');
    csn_buffer_append(&text, presented->identity);
    csn_buffer_byte(&text, '\n');
    csn_buffer_append(&text, presented->token);
    struct csn_buffer sealed = csn_buffer_over(kept->sealed, sizeof kept->sealed);
    struct csn_vault_place place = {
        .kind = "evidence", .app = kept->row.decision.app, .row = kept->row.id};
    enum csn_status status = CSN_NO_SPACE;
    if (!text.overflowed)
        status = csn_vault_seal(e->vault, e->random, &place, csn_buffer_view(&text), &sealed);
    kept->row.sealed = csn_buffer_view(&sealed);
    csn_wipe(memory, sizeof memory);
    return status;
}

void
csn_evidence_keep(struct csn_evidence *e, const struct csn_app *app, const struct csn_decision *d,
                  const struct csn_presented *presented)
{
    if (e == NULL || !is_wanted(app, d, presented))
        return;
    pthread_mutex_lock(&e->lock);
    if (e->count < CSN_EVIDENCE_PENDING_MAX) {
        struct kept *kept = &e->pending[e->count];
        kept->row = (struct csn_evidence_row){.decision = *d};
        csn_id_make(e->random, &kept->row.id, d->at_ms);
        e->count += seal(e, presented, kept) == CSN_OK;
    }
    pthread_mutex_unlock(&e->lock);
}

/* --- writing --- */

struct flush {
    struct csn_job job; /* first */
    const struct kept *kept;
    size_t count;
};

static enum csn_status
run_flush(struct csn_job *job, struct csn_store *store)
{
    const struct flush *flush = (struct flush *)job;
    enum csn_status status = CSN_OK;
    for (size_t i = 0; i < flush->count && status == CSN_OK; i++) {
        struct csn_evidence_row row = flush->kept[i].row;
        row.sealed = csn_bytes_of(flush->kept[i].sealed, row.sealed.len);
        status = csn_store_evidence_add(store, &row);
    }
    return status;
}

enum csn_status
csn_evidence_flush(struct csn_evidence *e, struct csn_queue *queue)
{
    if (e == NULL)
        return CSN_OK;
    pthread_mutex_lock(&e->flushing);
    struct flush flush = {.job = {.run = run_flush}, .kept = e->writing};
    pthread_mutex_lock(&e->lock);
    flush.count = e->count;
    memcpy(e->writing, e->pending, e->count * sizeof e->pending[0]);
    e->count = 0;
    pthread_mutex_unlock(&e->lock);
    enum csn_status status = flush.count == 0 ? CSN_OK : csn_queue_run(queue, &flush.job);
    pthread_mutex_unlock(&e->flushing);
    return status;
}

/* --- opening --- */

/* Cuts what stands before the next line end off *rest. */
static struct csn_bytes
next_part(struct csn_bytes *rest)
{
    size_t end = csn_bytes_find(*rest, '\n');
    struct csn_bytes part = csn_bytes_slice(*rest, 0, end);
    *rest = csn_bytes_slice(*rest, end == rest->len ? end : end + 1, rest->len);
    return part;
}

enum csn_status
csn_evidence_open(const struct csn_evidence *e, const struct csn_evidence_row *row,
                  struct csn_arena *arena, struct csn_presented *presented)
{
    *presented = (struct csn_presented){0};
    void *memory = csn_arena_alloc(arena, row->sealed.len);
    if (memory == NULL)
        return CSN_NO_SPACE;
    struct csn_buffer text = csn_buffer_over(memory, row->sealed.len);
    struct csn_vault_place place = {.kind = "evidence", .app = row->decision.app, .row = row->id};
    enum csn_status status = csn_vault_open(e->vault, &place, row->sealed, &text);
    if (status != CSN_OK)
        return status;
    struct csn_bytes rest = csn_buffer_view(&text);
    presented->device = next_part(&rest);
    presented->identity = next_part(&rest);
    presented->token = rest;
    return CSN_OK;
}
