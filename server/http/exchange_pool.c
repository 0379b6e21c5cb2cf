/* See exchange_pool.h. A used exchange held tokens and answers: what was used of it is wiped.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/http/exchange_pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct csn_pool {
    pthread_mutex_t lock;
    struct csn_http_exchange *idle;
    size_t kept, taken;
};

struct csn_pool *
csn_pool_create(void)
{
    struct csn_pool *pool = calloc(1, sizeof *pool);
    if (pool != NULL)
        pthread_mutex_init(&pool->lock, NULL);
    return pool;
}

void
csn_pool_free(struct csn_pool *pool)
{
    if (pool == NULL)
        return;
    while (pool->idle != NULL) {
        struct csn_http_exchange *next = pool->idle->next;
        free(pool->idle);
        pool->idle = next;
    }
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

/* Everything before the target is plain state; target, fields and memory need no clearing. */
static void
make_fresh(struct csn_http_exchange *exchange)
{
    exchange->connection = NULL;
    exchange->http = NULL;
    exchange->phase = CSN_HTTP_FRESH;
    exchange->begun = false;
    exchange->closes = false;
    exchange->fault = CSN_FAULT_NONE;
    exchange->fault_detail = NULL;
    exchange->method = "";
    exchange->field_count = exchange->field_bytes = 0;
    exchange->body = NULL;
    exchange->body_len = exchange->body_cap = 0;
    exchange->next = NULL;
    exchange->target[0] = '\0';
    exchange->target_len = 0;
    exchange->source = "";
    exchange->trusted = NULL;
}

struct csn_http_exchange *
csn_pool_take(struct csn_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    struct csn_http_exchange *exchange = pool->idle;
    if (exchange != NULL) {
        pool->idle = exchange->next;
        pool->kept--;
    }
    pool->taken++;
    pthread_mutex_unlock(&pool->lock);
    if (exchange == NULL)
        exchange = malloc(sizeof *exchange);
    if (exchange == NULL) {
        pthread_mutex_lock(&pool->lock);
        pool->taken--;
        pthread_mutex_unlock(&pool->lock);
        return NULL;
    }
    make_fresh(exchange);
    return exchange;
}

static void
wipe_used(struct csn_http_exchange *exchange)
{
    if (exchange->body != NULL)
        csn_wipe(exchange->body, exchange->body_len);
    free(exchange->body);
    exchange->body = NULL;
    if (!exchange->begun)
        return;
    size_t used = exchange->x.arena.used;
    csn_wipe(exchange->memory, used < sizeof exchange->memory ? used : sizeof exchange->memory);
}

void
csn_pool_give(struct csn_pool *pool, struct csn_http_exchange *exchange)
{
    if (exchange == NULL)
        return;
    wipe_used(exchange);
    pthread_mutex_lock(&pool->lock);
    pool->taken--;
    bool keep = pool->kept < CSN_POOL_KEPT_MAX;
    if (keep) {
        exchange->next = pool->idle;
        pool->idle = exchange;
        pool->kept++;
    }
    pthread_mutex_unlock(&pool->lock);
    if (!keep)
        free(exchange);
}

size_t
csn_pool_taken(struct csn_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    size_t taken = pool->taken;
    pthread_mutex_unlock(&pool->lock);
    return taken;
}
