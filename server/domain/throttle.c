/* The throttle: the generic cell rate algorithm over a set-associative table.
 *
 * A bucket is one number, `full_ms`: the time at which it is full again. A bad credential moves it
 * CSN_THROTTLE_REFILL_MS on; it may lie at most BURST refills ahead of now. So an entry whose time
 * has passed says nothing and may go, and of a set the one that passes first goes.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/throttle.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/crypto.h"
#include "crypto/random.h"

#define WAYS 4
#define AHEAD_MAX_MS ((int64_t)CSN_THROTTLE_BURST * CSN_THROTTLE_REFILL_MS)

struct bucket {
    uint8_t source[16]; /* keyed hash: nobody outside can aim at a set */
    int64_t full_ms;
};

struct csn_throttle {
    pthread_mutex_t lock;
    uint8_t key[32];
    size_t sets; /* a power of two */
    struct bucket buckets[];
};

struct csn_throttle *
csn_throttle_create(size_t sources, const struct csn_random *random)
{
    size_t sets = 1;
    while (sets * WAYS < sources)
        sets *= 2;
    struct csn_throttle *throttle =
        calloc(1, sizeof *throttle + sets * WAYS * sizeof throttle->buckets[0]);
    if (throttle == NULL)
        return NULL;
    throttle->sets = sets;
    csn_random_fill(random, throttle->key, sizeof throttle->key);
    if (pthread_mutex_init(&throttle->lock, NULL) == 0)
        return throttle;
    free(throttle);
    return NULL;
}

void
csn_throttle_free(struct csn_throttle *throttle)
{
    if (throttle == NULL)
        return;
    pthread_mutex_destroy(&throttle->lock);
    free(throttle);
}

/* Returns: the bytes that stand for the source: of IPv6 the /64 network, of IPv4 the address, also
 * where it is written as IPv6, of anything else the text. */
static struct csn_bytes
network_of(struct csn_bytes source, uint8_t memory[16])
{
    static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    char text[INET6_ADDRSTRLEN];
    if (source.len == 0 || source.len >= sizeof text)
        return source;
    memcpy(text, source.ptr, source.len);
    text[source.len] = '\0';
    if (inet_pton(AF_INET, text, memory) == 1)
        return csn_bytes_of(memory, 4);
    if (inet_pton(AF_INET6, text, memory) != 1)
        return source;
    if (memcmp(memory, mapped, sizeof mapped) == 0)
        return csn_bytes_of(memory + 12, 4);
    return csn_bytes_of(memory, 8);
}

/* Returns: the source's bucket, taken over from the set's most expired one where it has none. */
static struct bucket *
bucket_of(struct csn_throttle *throttle, const uint8_t hash[64])
{
    uint64_t number = 0;
    memcpy(&number, hash + 16, sizeof number);
    struct bucket *set = &throttle->buckets[(number & (throttle->sets - 1)) * WAYS];
    struct bucket *oldest = set;
    for (struct bucket *b = set; b < set + WAYS; b++) {
        if (memcmp(b->source, hash, sizeof b->source) == 0)
            return b;
        if (b->full_ms < oldest->full_ms)
            oldest = b;
    }
    memcpy(oldest->source, hash, sizeof oldest->source);
    oldest->full_ms = 0;
    return oldest;
}

int64_t
csn_throttle_count(struct csn_throttle *throttle, enum csn_throttle_budget budget,
                   struct csn_bytes source, int64_t now_ms)
{
    if (throttle == NULL)
        return 0;
    uint8_t memory[16], hash[64];
    csn_hmac(CSN_HS256, csn_bytes_of(throttle->key, sizeof throttle->key),
             network_of(source, memory), hash);
    hash[0] ^= (uint8_t)budget; /* a bucket of its own, in the same set */
    pthread_mutex_lock(&throttle->lock);
    struct bucket *bucket = bucket_of(throttle, hash);
    int64_t full_ms = bucket->full_ms > now_ms ? bucket->full_ms : now_ms;
    int64_t wait_ms = full_ms + CSN_THROTTLE_REFILL_MS - now_ms - AHEAD_MAX_MS;
    if (wait_ms <= 0)
        bucket->full_ms = full_ms + CSN_THROTTLE_REFILL_MS;
    pthread_mutex_unlock(&throttle->lock);
    return wait_ms > 0 ? wait_ms : 0;
}
