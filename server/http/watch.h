/* The watch: a connection that does not finish what it began in time is cut.
 *
 * The HTTP library ends idle connections, but a client that sends one byte now and then is never
 * idle. So each connection has one deadline for the phase it is in, and a thread of its own shuts
 * down those that passed it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_HTTP_WATCH_H
#define CSN_SERVER_HTTP_WATCH_H

#include "countersign/status.h"
#include <stdint.h>

struct csn_watch;

/* One watched connection; owned by the watch. */
struct csn_watched;

CSN_MUST_USE enum csn_status csn_watch_start(struct csn_watch **out);
void csn_watch_stop(struct csn_watch *watch); /* accepts NULL */

/* Returns: NULL when memory is out. `fd` must stay open until csn_watch_leave. */
struct csn_watched *csn_watch_enter(struct csn_watch *watch, int fd, int64_t within_ms);

/* Sets the deadline to `within_ms` from now; 0: none (the server works, not the client). */
void csn_watch_expect(struct csn_watched *watched, int64_t within_ms);

void csn_watch_leave(struct csn_watch *watch, struct csn_watched *watched); /* accepts NULL */

#endif
