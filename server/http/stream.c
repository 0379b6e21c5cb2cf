/* See stream.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/http/stream.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "server/http/pages.h"
#include "server/http/watch.h"
#include "server/live/live.h"

#define BLOCK 1024 /* bytes the library keeps for a peer that cannot take chunks (HTTP/1.0) */

struct carried {
    struct csn_live_stream *stream;
    struct csn_watched *watched;
    bool is_timed;   /* a page is under way, and has a deadline */
    bool is_touched; /* much of the library's buffer was written */
};

static void
on_pause(void *connection)
{
    MHD_suspend_connection(connection);
}

static void
on_resume(void *connection)
{
    MHD_resume_connection(connection);
}

/* A deadline for each page as a whole: one byte now and then is not enough. */
static void
time_page(struct carried *c, bool under_way)
{
    if (c->watched == NULL || under_way == c->is_timed)
        return;
    c->is_timed = under_way;
    csn_watch_expect(c->watched, under_way ? CSN_HTTP_PAGE_TIMEOUT_MS : 0);
}

/* The buffer is the library's for this connection, and empty while it sleeps: what is resident of
 * it would be most of what an idle stream costs. */
static void
note_buffer(struct carried *c, enum csn_live_step step, void *buffer, size_t max, size_t written)
{
    c->is_touched = c->is_touched || written > CSN_HTTP_STREAM_WRITE / 2;
    if (step != CSN_LIVE_PAUSED || !c->is_touched)
        return;
    csn_pages_release(buffer, max);
    c->is_touched = false;
}

/* The library asks whenever its own buffer was sent; 0 is allowed because the connection sleeps. */
static ssize_t
on_take(void *state, uint64_t position, char *out, size_t max)
{
    (void)position;
    struct carried *c = state;
    size_t len = 0;
    bool under_way = false;
    enum csn_live_step step =
        csn_live_take(c->stream, out, max < CSN_HTTP_STREAM_WRITE ? max : CSN_HTTP_STREAM_WRITE,
                      &len, &under_way);
    time_page(c, under_way);
    note_buffer(c, step, out, max, len);
    return step == CSN_LIVE_OVER ? MHD_CONTENT_READER_END_OF_STREAM : (ssize_t)len;
}

static void
on_gone(void *state)
{
    struct carried *c = state;
    csn_live_close(c->stream);
    free(c);
}

/* By itself the system would keep megabytes for each peer that does not read. */
static void
bound_kernel(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    int bytes = CSN_HTTP_STREAM_KERNEL;
    if (info != NULL)
        (void)setsockopt(info->connect_fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

struct MHD_Response *
csn_http_stream_response(struct MHD_Connection *connection, struct csn_live_stream *stream,
                         struct csn_watched *watched)
{
    struct carried *c = calloc(1, sizeof *c);
    struct MHD_Response *response = NULL;
    if (c != NULL)
        response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, on_take, c, on_gone);
    if (response == NULL) {
        csn_live_close(stream);
        free(c);
        return NULL;
    }
    *c = (struct carried){.stream = stream, .watched = watched, .is_touched = true};
    if (stream == NULL)
        return response;
    bound_kernel(connection);
    csn_live_carry(stream, &(struct csn_live_carrier){on_pause, on_resume, connection});
    return response;
}
