/* Who may have how many places. See shares.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/outbox/shares.h"

#include <string.h>

#include "core/crypto.h"
#include "server/domain/id.h"

static struct csn_shares_origin
origin_of(const struct csn_parcel *parcel)
{
    struct csn_shares_origin origin = {.app = parcel->row.app};
    csn_sha256(csn_url_origin(csn_bytes_text(parcel->url)), origin.hash);
    return origin;
}

static bool
is_same_host(const struct csn_shares_origin *a, const struct csn_shares_origin *b)
{
    return memcmp(a->hash, b->hash, sizeof a->hash) == 0;
}

/* Returns: where it is remembered; CSN_SILENCES_MAX: it is not. */
static size_t
find_silence(const struct csn_shares *shares, const struct csn_shares_origin *origin)
{
    for (size_t i = 0; i < CSN_SILENCES_MAX; i++) {
        const struct csn_shares_origin *silence = &shares->silences[i];
        if (csn_id_equal(&silence->app, &origin->app) && is_same_host(silence, origin))
            return i;
    }
    return CSN_SILENCES_MAX;
}

static bool
is_silent(const struct csn_shares *shares, const struct csn_shares_origin *origin)
{
    return find_silence(shares, origin) < CSN_SILENCES_MAX;
}

/* --- who may --- */

size_t
csn_shares_unused(const struct csn_shares *shares)
{
    size_t place = 0;
    while (place < CSN_SENDS_MAX && shares->places[place].used)
        place++;
    return place;
}

bool
csn_shares_app_may(const struct csn_shares *shares, struct csn_id app, bool beyond)
{
    size_t own = 0, unused = 0;
    for (size_t i = 0; i < CSN_SENDS_MAX; i++) {
        bool used = shares->places[i].used;
        unused += !used;
        own += used && csn_id_equal(&shares->places[i].origin.app, &app);
    }
    if (own < CSN_SENDS_APP_MAX)
        return unused > 0;
    return beyond && unused > CSN_SENDS_KEPT;
}

enum csn_room
csn_shares_room(const struct csn_shares *shares, const struct csn_parcel *parcel)
{
    if (parcel->carrier == CSN_CARRIER_NONE)
        return CSN_ROOM_FREE;
    struct csn_shares_origin origin = origin_of(parcel);
    size_t same = 0, same_of_app = 0, silent = 0;
    for (size_t i = 0; i < CSN_SENDS_MAX; i++) {
        if (!shares->places[i].used || !shares->places[i].sends)
            continue;
        bool is_same = is_same_host(&shares->places[i].origin, &origin);
        same += is_same;
        same_of_app += is_same && csn_id_equal(&shares->places[i].origin.app, &origin.app);
        silent += shares->places[i].silent;
    }
    if (is_silent(shares, &origin))
        return same_of_app > 0 || silent >= CSN_SENDS_SILENT_MAX ? CSN_ROOM_SILENT : CSN_ROOM_FREE;
    return same < CSN_SENDS_HOST_MAX ? CSN_ROOM_FREE : CSN_ROOM_NONE;
}

/* --- places --- */

void
csn_shares_take(struct csn_shares *shares, size_t place, const struct csn_parcel *parcel)
{
    shares->places[place].used = true;
    shares->places[place].origin.app = parcel->row.app;
    if (parcel->carrier == CSN_CARRIER_NONE)
        return;
    struct csn_shares_origin origin = origin_of(parcel);
    shares->places[place].sends = true;
    shares->places[place].origin = origin;
    shares->places[place].silent = is_silent(shares, &origin);
}

/* What was never asked says nothing. */
static void
learn(struct csn_shares *shares, const struct csn_shares_origin *origin, enum csn_outcome outcome)
{
    bool asked = outcome != CSN_OUTCOME_NONE && outcome < CSN_OUTCOME_NO_WAY;
    size_t at = find_silence(shares, origin);
    if (outcome == CSN_OUTCOME_UNREACHABLE && at == CSN_SILENCES_MAX) {
        shares->silences[shares->silence_next] = *origin;
        shares->silence_next = (shares->silence_next + 1) % CSN_SILENCES_MAX;
    }
    if (asked && outcome != CSN_OUTCOME_UNREACHABLE && at < CSN_SILENCES_MAX)
        shares->silences[at] = (struct csn_shares_origin){0};
}

void
csn_shares_give_back(struct csn_shares *shares, size_t place, enum csn_outcome outcome)
{
    if (shares->places[place].used && shares->places[place].sends)
        learn(shares, &shares->places[place].origin, outcome);
    memset(&shares->places[place], 0, sizeof shares->places[place]);
}
