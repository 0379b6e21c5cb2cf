/* The default end of a program that broke a promise: a trap, which needs no operating system.
 * Alone in its file, so that a program may bring its own csn_panic.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/panic.h"

void
csn_panic(const char *file, int line, const char *text)
{
    (void)file;
    (void)line;
    (void)text;
    __builtin_trap();
}
