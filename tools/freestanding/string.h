/* All of <string.h> that base and core may use: what a compiler itself may call (C11 §4 and the
 * freestanding rules of gcc and clang). Used by ./dev wasm only.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_FREESTANDING_STRING_H
#define CSN_FREESTANDING_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *at, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);

#endif
