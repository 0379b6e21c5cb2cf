/* What happened to one customer, out of every table that knows something of it, in one order.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_STORE_TIMELINE_ROWS_H
#define CSN_SERVER_STORE_TIMELINE_ROWS_H

#include "server/store/decision_rows.h"

/* Part of a cursor: append only. */
enum csn_event {
    CSN_EVENT_NONE = 0,
    CSN_EVENT_CREATED,         /* the customer was seen for the first time */
    CSN_EVENT_LINKED,          /* an anonymous customer turned out to be this one */
    CSN_EVENT_UNLINKED,        /* and that was undone */
    CSN_EVENT_SESSION_STARTED, /* a login, or an anonymous start */
    CSN_EVENT_SESSION_ENDED,   /* a logout, a revocation, another login on the device */
    CSN_EVENT_REVOKED,         /* everything issued before */
    CSN_EVENT_DECISION,        /* a token, or the lack of one, was judged */
};

#define CSN_EVENT_REF_MAX 40 /* bytes of what tells events of one moment apart */

struct csn_timeline_place {
    int64_t at_ms;
    enum csn_event event;
    char ref[CSN_EVENT_REF_MAX + 1];
};

struct csn_timeline_row {
    struct csn_timeline_place place;
    struct csn_id other; /* SESSION_*: the session; LINKED, UNLINKED: the other customer */
    char device[CSN_DEVICE_ID_MAX + 1]; /* SESSION_* */
    enum csn_assurance assurance;       /* SESSION_STARTED; LINKED: of the login */
    struct csn_decision decision;       /* DECISION */
    uint32_t weight;                    /* DECISION: how many it stands for */
};

struct csn_timeline_filter {
    struct csn_id app;
    struct csn_id customer; /* {0}: there is none, only decisions */
    bool has_pseudonym;     /* false: no decision names it */
    uint8_t pseudonym[16];
    struct csn_timeline_place before; /* at_ms 0: from the newest */
    size_t limit;                     /* 1..CSN_PAGE_MAX */
};

/* Newest first. Out: *count, at most filter->limit; *more: there are older ones. Cost: of each
 * source, the rows of one page. */
CSN_MUST_USE enum csn_status csn_store_timeline(struct csn_store *store,
                                                const struct csn_timeline_filter *filter,
                                                struct csn_timeline_row *out, size_t *count,
                                                bool *more);

#endif
