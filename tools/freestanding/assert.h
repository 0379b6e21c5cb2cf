/* assert without a libc: misuse traps. Used by ./dev wasm only.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#undef assert
#ifdef NDEBUG
#define assert(holds) ((void)0)
#else
#define assert(holds) ((holds) ? (void)0 : __builtin_trap())
#endif
#ifndef static_assert
#define static_assert _Static_assert
#endif
