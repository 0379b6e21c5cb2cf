/* Problems: every "no" of the API, as application/problem+json (RFC 9457).
 *
 * Two lists feed it: the reasons of a token (reason.def) and the faults of a request (fault.def).
 * A stranger gets the stable name, the client's next action and a request id; never a finding, a
 * token, or a word about somebody else's things. Written into the exchange's reserve, so that it
 * fits even when the request used up its arena.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_PROBLEM_H
#define CSN_SERVER_API_PROBLEM_H

#include "server/api/exchange.h"

enum csn_fault {
    CSN_FAULT_NONE = 0,
#define CSN_FAULT(id, name, http, action, sentence) CSN_FAULT_##id,
#include "server/api/fault.def"
#undef CSN_FAULT
    CSN_FAULT_COUNT,
};

/* What a "no" consists of: what a dialect writes in its own form. Views live for the call. */
struct csn_problem {
    const char *name;
    int status;
    enum csn_action action;
    const char *title;
    const char *detail;
    enum csn_reason reason; /* of a token, else CSN_UNDECIDED */
    int64_t retry_after_s;  /* 0: none */
    const char *field_prefix;
    struct csn_bytes field; /* ptr NULL: none */
    const char *part;       /* "" none */
    struct csn_bytes claim; /* {0} none */
};

/* Each answers the exchange and returns CSN_ANSWERED, so that a handler can say
 * `return csn_problem_fault(...)`. Whatever was written before is gone. */

/* `detail`: static, says what is particular to this case; NULL: the fault's own sentence. */
enum csn_step csn_problem_fault(struct csn_exchange *x, enum csn_fault fault, const char *detail);

/* A fault of one field: `prefix` static ("device." or ""), `name` as the client wrote it. */
enum csn_step csn_problem_field(struct csn_exchange *x, enum csn_fault fault, const char *prefix,
                                struct csn_bytes name, const char *detail);

/* A refused token. Part and claim come from the verdict; a NULL verdict has none. 401 carries
 * WWW-Authenticate (RFC 6750 §3: no error code where no credential was given). */
enum csn_step csn_problem_reason(struct csn_exchange *x, enum csn_reason reason,
                                 const struct csn_verdict *verdict);

/* The same without a verdict; `detail`: static, says what is particular to this case. */
enum csn_step csn_problem_reason_detail(struct csn_exchange *x, enum csn_reason reason,
                                        const char *detail);

/* "Wait": rate_limited or unavailable, with Retry-After in whole seconds, at least 1. */
enum csn_step csn_problem_wait(struct csn_exchange *x, enum csn_reason reason, int64_t wait_ms);

/* What the store or the domain could not do. */
enum csn_step csn_problem_status(struct csn_exchange *x, enum csn_status status);

#endif
