/* What every fuzz target shares: the entry point, and a check that holds in any build.
 *
 * A target states what must be true of every input; libFuzzer looks for one where it is not.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_FUZZ_FUZZ_H
#define CSN_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);         \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

#endif
