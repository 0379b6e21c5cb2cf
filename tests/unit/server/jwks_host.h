/* A host that publishes keys over loopback, for tests of fetching: one thread, one answer at a
 * time.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_JWKS_HOST_H
#define CSN_TESTS_JWKS_HOST_H

#include <pthread.h>

#include "countersign/bytes.h"

#define HOST_PATIENCE_S 30 /* a test that waits longer has failed */
#define HOST_ANSWER_MAX (CSN_KEY_TEXT_MAX + 1024)

struct host {
    int listener;
    int port;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    char answer[HOST_ANSWER_MAX]; /* head and body, as sent */
    size_t answer_len;
    bool hold;     /* does not answer until released */
    bool is_ended; /* takes no more requests */
    int requests;
    char last_request[2048];
};

void host_open(struct host *host);
void host_close(struct host *host);

/* What it answers from now on. `status_line` may carry further header lines. */
void host_answers(struct host *host, const char *status_line, const char *body, size_t body_len);
/* Cuts the answer short. */
void host_sends_only(struct host *host, size_t len);
/* Takes requests but answers none. */
void host_holds(struct host *host, bool hold);

int host_requests(struct host *host);
bool host_was_sent(struct host *host, const char *part); /* the last request held it */

/* Waits until *count, guarded by `lock`, is at least `due`. Fails the test when that takes long. */
void host_wait(pthread_cond_t *changed, pthread_mutex_t *lock, const int *count, int due);

#endif
