/* Spreading: a broadcast of the kind push, written down as deliveries to the devices that have a
 * push address.
 *
 *   made ──► under way ── a slice, a slice, … ──► done
 *               │  ▲
 *               └──┘ held: too many deliveries of the app wait
 *
 * One slice a job, with its place: a crash loses and repeats nothing, and no device is told twice.
 * Devices are walked in the order of their ids; one that gets an address behind the place learns of
 * the broadcast with its next sync, as every device does. Withdrawn, its row is gone, and nothing
 * is left to walk; what was written already finds it gone when it is sent (outbox_parcel.c).
 *
 * Whom it is for is what broadcasts.h lets read it. An app is held by its own deliveries alone, so
 * no app waits for the receivers of another; and as so few of one broadcast are ever due at once,
 * no delivery of another app stands behind many of them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_SPREAD_H
#define CSN_SERVER_DOMAIN_SPREAD_H

#include "server/domain/broadcasts.h"

#define CSN_SPREAD_SLICE 128       /* devices looked at in one job */
#define CSN_SPREAD_UNTRIED_MAX 256 /* deliveries to devices of an app; with more it is held, … */
#define CSN_SPREAD_WAITING_MAX 10000 /* … and with more that failed and come again */
#define CSN_SPREAD_APPS_MAX 16       /* apps looked at in one job for one that is not held */

/* Whose turn was the last; {0} at first. Kept by the one sender, and forgotten with it. */
struct csn_spread_turn {
    struct csn_id app;
    bool walked; /* out: a slice was: there may be another at once */
};

/* Walks one slice of one app's oldest broadcast under way: of the next app that is not held. Inside
 * one job. Returns: CSN_OK, CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status csn_spread_step(struct csn_store *store, struct csn_spread_turn *turn,
                                             int64_t now_ms);

#endif
