/* Reads the body of POST sync. It may be a mebibyte of anything, so no tree is made of it: the
 * reader walks over it once, and items keep views of the body.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_SYNC_READ_H
#define CSN_SERVER_API_SYNC_READ_H

#include "server/api/item_form.h"

#define CSN_SYNC_LIMIT_MAX 100 /* items answered at once, also where no limit is asked for */

struct csn_sync_request {
    struct csn_cursor cursor;
    struct csn_bytes identity; /* claimed; {0} none */
    size_t limit;
    /* An item that is wrong in itself stands here as it came (an id of another type as {0}, an
     * unknown kind as UNSET, an impossible time as -1, a misshapen one as misread): csn_log_append
     * says what is wrong, of that one alone. */
    struct csn_item *items;
    size_t count;
};

/* Returns: false after it answered a problem: no JSON, an unknown or misshapen member of the whole,
 * more than CSN_ITEMS_MAX items. Views borrow the body and the arena. */
bool csn_sync_read(struct csn_exchange *x, struct csn_sync_request *out);

#endif
