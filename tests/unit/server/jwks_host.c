/* See jwks_host.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/server/jwks_host.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static void
read_request(struct host *host, int fd)
{
    char text[2048];
    size_t len = 0;
    while (len < sizeof text - 1) {
        ssize_t got = recv(fd, text + len, sizeof text - 1 - len, 0);
        if (got <= 0)
            break;
        len += (size_t)got;
        text[len] = '\0';
        if (strstr(text, "\r\n\r\n") != NULL)
            break;
    }
    text[len] = '\0';
    pthread_mutex_lock(&host->lock);
    memcpy(host->last_request, text, len + 1);
    host->requests++;
    pthread_cond_broadcast(&host->changed);
    while (host->hold && !host->is_ended)
        pthread_cond_wait(&host->changed, &host->lock);
    pthread_mutex_unlock(&host->lock);
}

static void
send_all(int fd, const char *bytes, size_t len)
{
    for (ssize_t sent = 0; len > 0; bytes += sent, len -= (size_t)sent) {
        sent = send(fd, bytes, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
    }
}

static void *
serve(void *state)
{
    struct host *host = state;
    static char answer[HOST_ANSWER_MAX];
    for (int fd; (fd = accept(host->listener, NULL, NULL)) >= 0; close(fd)) {
        read_request(host, fd);
        pthread_mutex_lock(&host->lock);
        size_t len = host->answer_len;
        memcpy(answer, host->answer, len);
        pthread_mutex_unlock(&host->lock);
        send_all(fd, answer, len);
    }
    return NULL;
}

void
host_open(struct host *host)
{
    memset(host, 0, sizeof *host);
    pthread_mutex_init(&host->lock, NULL);
    pthread_cond_init(&host->changed, NULL);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    host->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(host->listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(host->listener, 8), 0);
    assert_int_equal(getsockname(host->listener, (struct sockaddr *)&at, &len), 0);
    host->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&host->thread, NULL, serve, host), 0);
}

void
host_close(struct host *host)
{
    pthread_mutex_lock(&host->lock);
    host->is_ended = true;
    pthread_cond_broadcast(&host->changed);
    pthread_mutex_unlock(&host->lock);
    shutdown(host->listener, SHUT_RDWR);
    pthread_join(host->thread, NULL);
    close(host->listener);
    pthread_mutex_destroy(&host->lock);
    pthread_cond_destroy(&host->changed);
}

void
host_answers(struct host *host, const char *status_line, const char *body, size_t body_len)
{
    pthread_mutex_lock(&host->lock);
    int head = snprintf(host->answer, sizeof host->answer,
                        "HTTP/1.1 %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
                        status_line, body_len);
    assert_true((size_t)head + body_len <= sizeof host->answer);
    memcpy(host->answer + head, body, body_len);
    host->answer_len = (size_t)head + body_len;
    pthread_mutex_unlock(&host->lock);
}

void
host_sends_only(struct host *host, size_t len)
{
    pthread_mutex_lock(&host->lock);
    host->answer_len = len;
    pthread_mutex_unlock(&host->lock);
}

void
host_holds(struct host *host, bool hold)
{
    pthread_mutex_lock(&host->lock);
    host->hold = hold;
    pthread_cond_broadcast(&host->changed);
    pthread_mutex_unlock(&host->lock);
}

int
host_requests(struct host *host)
{
    pthread_mutex_lock(&host->lock);
    int count = host->requests;
    pthread_mutex_unlock(&host->lock);
    return count;
}

bool
host_was_sent(struct host *host, const char *part)
{
    pthread_mutex_lock(&host->lock);
    bool found = strstr(host->last_request, part) != NULL;
    pthread_mutex_unlock(&host->lock);
    return found;
}

void
host_wait(pthread_cond_t *changed, pthread_mutex_t *lock, const int *count, int due)
{
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += HOST_PATIENCE_S;
    pthread_mutex_lock(lock);
    while (*count < due) {
        if (pthread_cond_timedwait(changed, lock, &end) != 0)
            fail_msg("nothing happened");
    }
    pthread_mutex_unlock(lock);
}
