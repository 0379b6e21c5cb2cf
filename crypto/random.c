/* The two sources of randomness.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/random.h"

#include <sodium.h>
#include <string.h>

#include "base/panic.h"
#include "crypto/init.h"

#define RESERVE 1024 /* bytes a thread keeps */

void
csn_random_fill(const struct csn_random *random, void *out, size_t len)
{
    CSN_ASSERT(random->fill != NULL);
    random->fill(random->state, out, len);
}

/* A system call for each id would cost more than the id: small wants are served from a thread's own
 * reserve. What was handed out is wiped, so the reserve tells nothing of the past. */
static _Thread_local struct {
    uint8_t bytes[RESERVE];
    size_t left;
} reserve;

static void
fill_from_system(void *state, void *out, size_t len)
{
    (void)state;
    if (len > RESERVE / 8) {
        randombytes_buf(out, len);
        return;
    }
    if (reserve.left < len) {
        randombytes_buf(reserve.bytes, RESERVE);
        reserve.left = RESERVE;
    }
    reserve.left -= len;
    memcpy(out, reserve.bytes + reserve.left, len);
    csn_wipe(reserve.bytes + reserve.left, len);
}

struct csn_random
csn_random_system(void)
{
    CSN_ASSERT(csn_crypto_init() == CSN_OK);
    return (struct csn_random){.fill = fill_from_system};
}

/* ChaCha20 under a key of its own for each call, so that how much one call took does not shift what
 * the next one gets. */
static void
fill_from_seed(void *state, void *out, size_t len)
{
    struct csn_random_seeded *seeded = state;
    uint8_t key[CSN_RANDOM_SEED_LENGTH];
    uint8_t call[sizeof seeded->calls];
    for (size_t i = 0; i < sizeof call; i++)
        call[i] = (uint8_t)(seeded->calls >> (8 * i));
    seeded->calls++;
    crypto_generichash(key, sizeof key, call, sizeof call, seeded->seed, sizeof seeded->seed);
    randombytes_buf_deterministic(out, len, key);
}

struct csn_random
csn_random_seeded(struct csn_random_seeded *state, uint64_t seed)
{
    *state = (struct csn_random_seeded){0};
    for (size_t i = 0; i < sizeof seed; i++)
        state->seed[i] = (uint8_t)(seed >> (8 * i));
    return (struct csn_random){.state = state, .fill = fill_from_seed};
}
