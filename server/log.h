/* The log: one JSON object a line, on a descriptor of the caller's choice.
 *
 * A line names what happened, never a token, a secret, an identity or a body: the members are fixed
 * here, so there is no place to put one.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_LOG_H
#define CSN_SERVER_LOG_H

#include "countersign/bytes.h"
#include "server/clock.h"

enum csn_log_level { CSN_LOG_ERRORS = 0, CSN_LOG_REQUESTS };

struct csn_log {
    int fd;
    enum csn_log_level level; /* ERRORS: of requests only those answered 5xx; REQUESTS: all */
    struct csn_clock clock;
};

/* One answered request. Texts are ours or validated: an operation's name, an id. */
struct csn_log_request {
    const char *request_id;
    const char *operation;
    const char *method;
    int status;
    int64_t duration_us;
    const char *app;    /* id; "" none */
    const char *reason; /* of a judged token; "" none */
};
void csn_log_request(const struct csn_log *log, const struct csn_log_request *request);

/* Something else: `event` is a name ("started"), `detail` a sentence of ours; NULL: none. */
void csn_log_event(const struct csn_log *log, const char *event, const char *detail);
/* What somebody should see to, though nothing failed. */
void csn_log_warning(const struct csn_log *log, const char *event, const char *detail);
void csn_log_error(const struct csn_log *log, const char *event, const char *detail);

#endif
