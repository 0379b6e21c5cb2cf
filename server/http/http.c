/* The binding to libmicrohttpd: its callbacks, in the order a request meets them.
 *
 *   connected -> on_target -> on_access (header) -> on_access (body)* -> on_access (end)
 *             -> [suspended, resumed, on_access again] -> on_completed -> on_target ... -> closed
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/http/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "server/api/problem.h"
#include "server/api/route.h"
#include "server/http/exchange_pool.h"
#include "server/http/request.h"
#include "server/http/response.h"
#include "server/http/watch.h"
#include "server/metrics.h"

struct csn_http {
    struct MHD_Daemon *daemon;
    struct csn_pool *pool;
    struct csn_watch *watch;
    struct csn_service *service;
    struct csn_log *log;
    struct csn_networks trusted_proxies;
};

static _Thread_local struct csn_workspace workspace;

static int64_t
monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* --- the connection --- */

/* What is kept of a connection while it lasts: MHD's socket context. */
struct connection {
    struct csn_watched *watched;
    char source[CSN_SOURCE_MAX];
    bool is_trusted_proxy;
};

static struct connection *
connection_of(struct MHD_Connection *of)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(of, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

static void
expect(struct MHD_Connection *of, int64_t within_ms)
{
    struct connection *connection = connection_of(of);
    if (connection != NULL && connection->watched != NULL)
        csn_watch_expect(connection->watched, within_ms);
}

static void
write_source(struct MHD_Connection *of, char source[CSN_SOURCE_MAX])
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(of, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info != NULL ? info->client_addr : NULL;
    if (address != NULL && address->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, source,
                  CSN_SOURCE_MAX);
    if (address != NULL && address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr,
                  source, CSN_SOURCE_MAX);
}

static struct connection *
enter(struct csn_http *http, struct MHD_Connection *of)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(of, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL || info == NULL)
        return connection;
    write_source(of, connection->source);
    connection->is_trusted_proxy =
        csn_is_trusted_proxy(&http->trusted_proxies, csn_bytes_text(connection->source));
    connection->watched =
        csn_watch_enter(http->watch, info->connect_fd, CSN_HTTP_HEADER_TIMEOUT_MS);
    return connection;
}

static void
on_connection(void *state, struct MHD_Connection *of, void **socket_context,
              enum MHD_ConnectionNotificationCode code)
{
    struct csn_http *http = state;
    struct connection *connection = *socket_context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *socket_context = enter(http, of);
        return;
    }
    if (connection != NULL)
        csn_watch_leave(http->watch, connection->watched);
    free(connection);
    *socket_context = NULL;
}

static void *
on_target(void *state, const char *target, struct MHD_Connection *connection)
{
    struct csn_http *http = state;
    const struct connection *from = connection_of(connection);
    struct csn_http_exchange *e = csn_pool_take(http->pool);
    if (e == NULL)
        return NULL;
    e->http = http;
    e->connection = connection;
    if (from != NULL)
        e->source = from->source;
    if (from != NULL && from->is_trusted_proxy)
        e->trusted = &http->trusted_proxies;
    csn_http_take_target(e, target);
    return e;
}

/* --- the answer --- */

static const char *
operation_of(const struct csn_http_exchange *e)
{
    return e->x.route != NULL ? e->x.route->operation : "none";
}

static void
account_for(struct csn_http_exchange *e)
{
    int64_t duration_us = monotonic_us() - e->started_us;
    csn_metrics_count(e->http->service->metrics, operation_of(e), e->x.response.status,
                      duration_us);
    csn_log_request(e->http->log, &(struct csn_log_request){
                                      .request_id = e->x.request_id,
                                      .operation = operation_of(e),
                                      .method = e->x.route != NULL ? e->method : "",
                                      .status = e->x.response.status,
                                      .duration_us = duration_us,
                                      .app = e->x.app != NULL ? e->x.app->id.text : "",
                                      .reason = e->x.caller.kind != CSN_BEARER_NONE
                                                    ? csn_reason_name(e->x.caller.verdict.reason)
                                                    : "",
                                  });
}

static enum MHD_Result
send_answer(struct csn_http_exchange *e)
{
    e->phase = CSN_HTTP_SENDING;
    account_for(e);
    const struct connection *connection = connection_of(e->connection);
    struct MHD_Response *response =
        csn_http_response_make(e, connection != NULL ? connection->watched : NULL);
    if (response == NULL)
        return MHD_NO;
    enum MHD_Result queued =
        MHD_queue_response(e->connection, (unsigned)e->x.response.status, response);
    MHD_destroy_response(response);
    return queued;
}

/* --- the request --- */

static void
prepare(struct csn_http_exchange *e)
{
    e->started_us = monotonic_us();
    csn_api_prepare(&e->x, e->http->service, e->memory, sizeof e->memory);
    e->x.workspace = &workspace;
    e->x.maker = e;
    e->begun = true;
    csn_http_fill_request(e);
}

/* What is wrong may be where the request ends, so nothing after it is read. */
static enum MHD_Result
refuse(struct csn_http_exchange *e)
{
    e->closes = true;
    prepare(e);
    (void)csn_problem_fault(&e->x, e->fault, e->fault_detail);
    return send_answer(e);
}

/* On the store's thread: the outcome is durable. */
static void
on_done(struct csn_job *job)
{
    struct csn_http_exchange *e = (struct csn_http_exchange *)(void *)job;
    e->phase = CSN_HTTP_WORKED;
    MHD_resume_connection(e->connection);
}

static enum MHD_Result
hand_to_store(struct csn_http_exchange *e)
{
    e->phase = CSN_HTTP_WORKING;
    e->x.job.done = on_done;
    /* Before submitting: the store's thread may resume it at once. */
    MHD_suspend_connection(e->connection);
    if (csn_queue_submit(e->http->service->queue, &e->x.job) == CSN_OK)
        return MHD_YES;
    e->x.job.status = CSN_UNAVAILABLE;
    on_done(&e->x.job);
    return MHD_YES;
}

static enum MHD_Result
handle(struct csn_http_exchange *e)
{
    expect(e->connection, 0);
    if (e->fault != CSN_FAULT_NONE)
        return refuse(e);
    prepare(e);
    if (csn_api_begin(&e->x) == CSN_NEEDS_STORE)
        return hand_to_store(e);
    return send_answer(e);
}

/* A body that says beforehand that it is too large is not waited for. */
static bool
announces_too_much(const struct csn_http_exchange *e)
{
    const char *length =
        MHD_lookup_connection_value(e->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return length != NULL && strtoull(length, NULL, 10) > CSN_REQUEST_SYNC_BODY_MAX;
}

static enum MHD_Result
receive_header(struct csn_http_exchange *e, const char *method, const char *target,
               const char *version)
{
    e->phase = CSN_HTTP_RECEIVING;
    csn_http_take_header(e, method, target, version);
    if (announces_too_much(e))
        csn_http_blame(e, CSN_FAULT_BODY_TOO_LARGE, NULL);
    if (e->fault != CSN_FAULT_NONE)
        return refuse(e);
    expect(e->connection, CSN_HTTP_BODY_TIMEOUT_MS);
    return MHD_YES;
}

static void
give_back(struct csn_http *http, struct csn_http_exchange *e)
{
    if (e->begun)
        csn_api_end(&e->x);
    csn_pool_give(http->pool, e);
}

/* A stream goes on without its exchange: nothing that was queued borrows from it. */
static enum MHD_Result
finish(struct csn_http_exchange *e, void **context)
{
    csn_api_finish(&e->x);
    enum MHD_Result queued = send_answer(e);
    if (queued == MHD_YES && e->x.response.endless) {
        *context = NULL;
        give_back(e->http, e);
    }
    return queued;
}

static enum MHD_Result
on_access(void *state, struct MHD_Connection *connection, const char *url, const char *method,
          const char *version, const char *body, size_t *body_len, void **context)
{
    (void)state, (void)connection;
    struct csn_http_exchange *e = *context;
    if (e == NULL)
        return MHD_NO; /* memory was out when the request line came */
    if (e->phase == CSN_HTTP_FRESH)
        return receive_header(e, method, url, version);
    if (e->phase == CSN_HTTP_WORKED)
        return finish(e, context);
    if (e->phase != CSN_HTTP_RECEIVING)
        return MHD_YES;
    if (*body_len == 0)
        return handle(e);
    bool taken = csn_http_take_body(e, body, *body_len);
    *body_len = 0;
    return taken ? MHD_YES : MHD_NO;
}

static void
on_completed(void *state, struct MHD_Connection *connection, void **context,
             enum MHD_RequestTerminationCode code)
{
    (void)code;
    struct csn_http *http = state;
    struct csn_http_exchange *e = *context;
    *context = NULL;
    if (e != NULL)
        give_back(http, e);
    expect(connection, CSN_HTTP_IDLE_TIMEOUT_MS);
}

/* The target is handed on as it came; the router decodes it, once. */
static size_t
leave_encoded(void *state, struct MHD_Connection *connection, char *text)
{
    (void)state, (void)connection;
    return strlen(text);
}

/* --- start and stop --- */

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static bool
read_address(const struct csn_http_options *options, union address *out)
{
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, options->address, &out->v4.sin_addr) == 1) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons(options->port);
        return true;
    }
    if (inet_pton(AF_INET6, options->address, &out->v6.sin6_addr) != 1)
        return false;
    out->v6.sin6_family = AF_INET6;
    out->v6.sin6_port = htons(options->port);
    return true;
}

static unsigned
flags_for(const struct csn_http_options *options, const union address *address)
{
    unsigned flags =
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_TURBO;
    if (address->any.sa_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    if (options->tls_certificate != NULL)
        flags |= MHD_USE_TLS;
    return flags;
}

/* Where we see to it ourselves, the library must not answer first, in HTML (framing.h). */
static int
strictness(void)
{
    return csn_http_library_shows_lines() ? 0 : 1;
}

static struct MHD_Daemon *
start_daemon(struct csn_http *http, const struct csn_http_options *options,
             const union address *address)
{
    struct MHD_OptionItem more[4];
    size_t count = 0;
    if (options->workers > 1)
        more[count++] =
            (struct MHD_OptionItem){MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)options->workers, NULL};
    if (options->tls_certificate != NULL) {
        more[count++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0,
                                                (void *)(uintptr_t)options->tls_certificate};
        more[count++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0,
                                                (void *)(uintptr_t)options->tls_key};
    }
    more[count] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
    return MHD_start_daemon(
        flags_for(options, address), options->port, NULL, NULL, on_access, http,
        MHD_OPTION_SOCK_ADDR, &address->any, MHD_OPTION_NOTIFY_CONNECTION, on_connection, http,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, http, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
        http, MHD_OPTION_UNESCAPE_CALLBACK, leave_encoded, NULL, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CSN_HTTP_CONNECTION_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)(CSN_HTTP_IDLE_TIMEOUT_MS / 1000), MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CSN_HTTP_CONNECTIONS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        options->connections_per_address, MHD_OPTION_STRICT_FOR_CLIENT, strictness(),
        MHD_OPTION_ARRAY, more, MHD_OPTION_END);
}

static enum csn_status
start(struct csn_http *http, const struct csn_http_options *options)
{
    union address address;
    if (!read_address(options, &address))
        return CSN_INVALID;
    http->pool = csn_pool_create();
    if (http->pool == NULL)
        return CSN_NO_MEMORY;
    enum csn_status status = csn_watch_start(&http->watch);
    if (status != CSN_OK)
        return status;
    errno = 0;
    http->daemon = start_daemon(http, options, &address);
    if (http->daemon != NULL)
        return CSN_OK;
    return errno == EADDRINUSE ? CSN_CONFLICT : CSN_IO;
}

enum csn_status
csn_http_start(const struct csn_http_options *options, struct csn_http **out)
{
    struct csn_http *http = calloc(1, sizeof *http);
    if (http == NULL)
        return CSN_NO_MEMORY;
    http->service = options->service;
    http->log = options->log;
    http->trusted_proxies = options->trusted_proxies;
    enum csn_status status = start(http, options);
    if (status != CSN_OK) {
        csn_http_stop(http, 0);
        return status;
    }
    *out = http;
    return CSN_OK;
}

uint16_t
csn_http_port(const struct csn_http *http)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info != NULL ? info->port : 0;
}

static bool
is_busy(struct csn_http *http)
{
    return csn_pool_taken(http->pool) > 0 || csn_live_counts(http->service->live).open > 0;
}

static void
wait_for_requests(struct csn_http *http, int64_t patience_ms)
{
    const struct timespec pause = {.tv_nsec = 5000000};
    int64_t until_us = monotonic_us() + patience_ms * 1000;
    while (is_busy(http) && monotonic_us() < until_us)
        nanosleep(&pause, NULL);
}

void
csn_http_stop(struct csn_http *http, int64_t patience_ms)
{
    if (http == NULL)
        return;
    if (http->daemon != NULL) {
        MHD_socket listener = MHD_quiesce_daemon(http->daemon);
        csn_live_drain(http->service->live);
        wait_for_requests(http, patience_ms);
        MHD_stop_daemon(http->daemon);
        if (listener != MHD_INVALID_SOCKET)
            close(listener);
    }
    csn_watch_stop(http->watch);
    csn_pool_free(http->pool);
    free(http);
}
