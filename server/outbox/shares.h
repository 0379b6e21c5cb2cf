/* Who may have how many of the places to send from, so that receivers that never answer hold up
 * nobody else's.
 *
 *   a place for an app     a quarter of them; beyond it, what nobody under their share asked for,
 *                          and never the last quarter, which is kept for whoever comes
 *   a place for an origin  CSN_SENDS_HOST_MAX; one alone where its last attempt got no answer, and
 *                          all that are silent have a quarter together
 *
 * Whether an origin is silent is known of each app for itself: no app slows another's. Forgotten
 * with the sender, and learned again at the cost of one transfer's time. No clock, no I/O.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_OUTBOX_SHARES_H
#define CSN_SERVER_OUTBOX_SHARES_H

#include "server/domain/outbox.h"
#include "server/outbox/send.h"

#define CSN_SENDS_APP_MAX (CSN_SENDS_MAX / 4)    /* an app's share */
#define CSN_SENDS_KEPT (CSN_SENDS_MAX / 4)       /* free for whoever is under their share */
#define CSN_SENDS_SILENT_MAX (CSN_SENDS_MAX / 4) /* of origins that do not answer, together */
#define CSN_SILENCES_MAX                                                                           \
    256 /* remembered; of more, the one first silent is asked at its full share */

struct csn_shares_origin {
    struct csn_id app;
    uint8_t hash[32]; /* of the origin: an address is nobody's to remember */
};
struct csn_shares {
    struct {
        bool used;
        bool sends; /* to `origin`; else it only settles */
        bool silent;
        struct csn_shares_origin origin;
    } places[CSN_SENDS_MAX];
    struct csn_shares_origin silences[CSN_SILENCES_MAX];
    size_t silence_next;
};

enum csn_room {
    CSN_ROOM_NONE = 0, /* the origin has as many as it may */
    CSN_ROOM_SILENT,   /* none, since it does not answer: no sooner than one transfer's time */
    CSN_ROOM_FREE,
};

/* Returns: a place that is unused; CSN_SENDS_MAX: none. */
size_t csn_shares_unused(const struct csn_shares *shares);
/* Returns: the app may have one more; `beyond`: also beyond its share, if that leaves enough. */
bool csn_shares_app_may(const struct csn_shares *shares, struct csn_id app, bool beyond);
/* Returns: whether one more may be sent to the app's parcel. */
enum csn_room csn_shares_room(const struct csn_shares *shares, const struct csn_parcel *parcel);

void csn_shares_take(struct csn_shares *shares, size_t place, const struct csn_parcel *parcel);
/* `outcome`: from which it learns whether the origin is silent. Accepts a place that is unused. */
void csn_shares_give_back(struct csn_shares *shares, size_t place, enum csn_outcome outcome);

#endif
