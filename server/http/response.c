/* See response.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/http/response.h"

#include <microhttpd.h>
#include <string.h>

#include "server/http/stream.h"

/* --- fields --- */

static bool
add_field(struct MHD_Response *response, const char *name, struct csn_bytes value)
{
    char text[1024];
    if (value.len >= sizeof text)
        return false;
    memcpy(text, value.ptr, value.len);
    text[value.len] = '\0';
    return MHD_add_response_header(response, name, text) == MHD_YES;
}

static bool
add_fields(struct MHD_Response *response, const struct csn_response *from)
{
    if (from->content_type != NULL &&
        MHD_add_response_header(response, "Content-Type", from->content_type) != MHD_YES)
        return false;
    for (size_t i = 0; i < from->header_count; i++) {
        /* A field's name is static text, terminated. */
        if (!add_field(response, (const char *)from->headers[i].name.ptr, from->headers[i].value))
            return false;
    }
    return true;
}

static bool
add_closing(struct MHD_Response *response, const struct csn_http_exchange *e)
{
    return !e->closes || MHD_add_response_header(response, "Connection", "close") == MHD_YES;
}

/* --- what follows them --- */

static struct MHD_Response *
make_body(struct csn_http_exchange *e, struct csn_watched *watched)
{
    struct csn_response *answer = &e->x.response;
    /* The library only reads this memory, and only until on_completed. */
    if (!answer->endless)
        return MHD_create_response_from_buffer(
            answer->body.len, (void *)(uintptr_t)answer->body.ptr, MHD_RESPMEM_PERSISTENT);
    struct csn_live_stream *stream = answer->stream;
    answer->stream = NULL;
    return csn_http_stream_response(e->connection, stream, watched);
}

struct MHD_Response *
csn_http_response_make(struct csn_http_exchange *e, struct csn_watched *watched)
{
    struct MHD_Response *response = make_body(e, watched);
    if (response == NULL || (add_fields(response, &e->x.response) && add_closing(response, e)))
        return response;
    MHD_destroy_response(response);
    return NULL;
}
