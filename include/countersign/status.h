/* The world's no: what a call that can fail through no fault of its caller returns.
 *
 * Misuse asserts. A refused token is a verdict (reason.h). Everything else is one of these, at most
 * twelve. Zero is "never set" and is a failure, so a forgotten assignment cannot read as success.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef COUNTERSIGN_STATUS_H
#define COUNTERSIGN_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

enum csn_status {
    CSN_STATUS_UNSET = 0,
    CSN_OK,
    CSN_INVALID,     /* the input breaks the format or a rule */
    CSN_TOO_LARGE,   /* a limit of limits.h is exceeded */
    CSN_NO_SPACE,    /* the caller's buffer or arena is too small */
    CSN_NO_MEMORY,   /* the heap is exhausted */
    CSN_NOT_FOUND,   /* no such thing here */
    CSN_CONFLICT,    /* it exists already, or a precondition does not hold */
    CSN_UNSUPPORTED, /* well formed, but not something we do */
    CSN_UNAVAILABLE, /* store or peer is down: try again later */
    CSN_IO,          /* the operating system refused */
    CSN_CRYPTO,      /* the crypto library refused */
};

#define CSN_MUST_USE __attribute__((warn_unused_result))

/* Returns: the lower-case name, e.g. "no_space"; "unset" for anything unknown. Never NULL. */
const char *csn_status_name(enum csn_status status);

#ifdef __cplusplus
}
#endif
#endif
