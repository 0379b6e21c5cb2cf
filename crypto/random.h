/* Randomness as an argument: who needs some is handed a source, and never asks where it comes from.
 *
 * The system's source is for programs, the seeded one for tests and the simulation: the same seed
 * gives the same bytes in the same order, for ever and on every machine.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CRYPTO_RANDOM_H
#define CSN_CRYPTO_RANDOM_H

#include "countersign/bytes.h"

/* {0} is no source: using it is misuse and ends the program. */
struct csn_random {
    void *state;                                      /* borrows */
    void (*fill)(void *state, void *out, size_t len); /* never fails */
};

void csn_random_fill(const struct csn_random *random, void *out, size_t len);

/* The operating system's, through libsodium. Any thread. Ends the program when there is none. Small
 * wants come from a reserve of the thread: a process that forks must not use it in both halves. */
struct csn_random csn_random_system(void);

#define CSN_RANDOM_SEED_LENGTH 32

/* NOT for keys: whoever knows the seed knows every byte. One thread at a time. */
struct csn_random_seeded {
    uint8_t seed[CSN_RANDOM_SEED_LENGTH];
    uint64_t calls; /* each call has a stream of its own */
};

/* Borrows `state`, which is set up from `seed`. */
struct csn_random csn_random_seeded(struct csn_random_seeded *state, uint64_t seed);

#endif
