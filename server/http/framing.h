/* Framing: is a header what RFC 9112 says a request's header is?
 *
 * Whoever stands in front of us must see the same requests as we do, or one hides inside another.
 * So a header that two readers could read differently is refused, and nothing after it is read. The
 * library below is lenient: it takes LF for a line end, folds lines, cuts a value at NUL, and lets
 * the first of two lengths count. It does not say so, but it leaves every line where it was
 * received and only puts NUL for what ended it, so the distances between its texts tell
 * (docs/decisions/0009-strict-framing.md).
 *
 *   csn_framing_begin -> csn_framing_field for each, in order -> csn_framing_end
 *
 * Must not know the library, a connection, or what a request asks for.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_HTTP_FRAMING_H
#define CSN_SERVER_HTTP_FRAMING_H

#include "server/api/problem.h"

struct csn_framing {
    enum csn_fault fault;
    const char *wrong; /* static sentence, of the first thing that is; NULL: the fault says it */
    const char *due;   /* where the next line must begin; NULL: lines are not looked at */
    bool http_1_0;     /* else HTTP/1.1 or a later 1.x */
    unsigned hosts, lengths, codings; /* fields seen */
};

/* The request line. */
struct csn_framing_line {
    const char *method, *version; /* terminated; where the library keeps them */
    const char *target_at;        /* where it keeps the target, by now cut up */
    struct csn_bytes target; /* as received; longer than is taken: {0} and a fault of its own */
    size_t target_len;       /* as received */
};

/* `sees_lines`: the library leaves texts where they were received; otherwise it refuses bad line
 * ends itself. */
void csn_framing_begin(struct csn_framing *framing, const struct csn_framing_line *line,
                       bool sees_lines);

/* Cost: one pass over the bytes. */
void csn_framing_field(struct csn_framing *framing, struct csn_bytes name, struct csn_bytes value);

/* `size`: of the whole header, from the method to the empty line's end.
 * Returns: CSN_FAULT_NONE, or the fault, with framing->wrong. */
enum csn_fault csn_framing_end(struct csn_framing *framing, const char *method, size_t size);

#endif
