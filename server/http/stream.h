/* A stream on its connection: what the hub gives is sent as the peer takes it, and the connection
 * sleeps meanwhile. It holds no exchange: an open stream costs what the HTTP library keeps of its
 * connection, and the hub's few hundred bytes.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_HTTP_STREAM_H
#define CSN_SERVER_HTTP_STREAM_H

#define CSN_HTTP_STREAM_WRITE 4096     /* bytes sent at once: what a connection's memory grows by */
#define CSN_HTTP_STREAM_KERNEL 65536   /* bytes of a stream the system keeps for a slow peer */
#define CSN_HTTP_PAGE_TIMEOUT_MS 60000 /* a peer that takes longer for one page is cut */

struct MHD_Connection;
struct MHD_Response;
struct csn_live_stream;
struct csn_watched;

/* Returns: a response of unknown length that sends the stream and closes it, whatever becomes of
 * the response; NULL, and the stream closed, when memory is out. `stream` NULL: a header alone.
 * `watched`: of the connection, or NULL; borrowed as long as it lasts. */
struct MHD_Response *csn_http_stream_response(struct MHD_Connection *connection,
                                              struct csn_live_stream *stream,
                                              struct csn_watched *watched);

#endif
