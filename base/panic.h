/* The assert of every layer: misuse by our own code ends the program, in release builds too.
 *
 * It is for mistakes of a caller, never for input: what the world sends is answered with a status.
 * The hook `csn_panic` decides how to end. base/panic.c traps; a program that wants a message
 * defines its own, and the linker then leaves ours in the archive.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_BASE_PANIC_H
#define CSN_BASE_PANIC_H

/* Names no folder of the machine that built it. */
#ifdef __FILE_NAME__
#define CSN_FILE __FILE_NAME__
#else
#define CSN_FILE __FILE__
#endif

_Noreturn void csn_panic(const char *file, int line, const char *text);

#define CSN_ASSERT(condition) ((condition) ? (void)0 : csn_panic(CSN_FILE, __LINE__, #condition))

#endif
