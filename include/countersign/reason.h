/* The answers: why a token was accepted or refused. One list for C, API, docs and every binding;
 * the table itself is reason.def.
 *
 * Zero means undecided, and undecided denies. Only CSN_REASON_ACCEPTED admits.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef COUNTERSIGN_REASON_H
#define COUNTERSIGN_REASON_H

#include "countersign/bytes.h"

#ifdef __cplusplus
extern "C" {
#endif

enum csn_reason {
    CSN_UNDECIDED = 0,
#define CSN_REASON(id, name, http, action, sentence) CSN_REASON_##id,
#include "countersign/reason.def"
#undef CSN_REASON
    CSN_REASON_COUNT,
};

/* What the client does next. */
enum csn_action {
    CSN_ACTION_NONE = 0,
    CSN_ACTION_REFRESH,   /* get a new token */
    CSN_ACTION_LOGIN,     /* the user must log in again */
    CSN_ACTION_WAIT,      /* try again after some seconds */
    CSN_ACTION_FIX_SETUP, /* a developer must act; refreshing cannot help */
    CSN_ACTION_DROP,      /* this can never succeed */
};

/* Which part a `malformed` speaks of. */
enum csn_part {
    CSN_PART_NONE = 0,
    CSN_PART_TOKEN, /* not three non-empty parts */
    CSN_PART_HEADER,
    CSN_PART_PAYLOAD,
    CSN_PART_SIGNATURE,
};

const char *csn_reason_name(enum csn_reason reason);     /* "signature_invalid"; "undecided" */
const char *csn_reason_sentence(enum csn_reason reason); /* one English sentence */
int csn_reason_http(enum csn_reason reason);             /* status code; 401 for undecided */
enum csn_action csn_reason_action(enum csn_reason reason);
enum csn_reason csn_reason_from_name(struct csn_bytes name); /* CSN_UNDECIDED when unknown */
const char *csn_action_name(enum csn_action action);         /* "fix_setup" */
const char *csn_part_name(enum csn_part part);               /* "header"; "" for none */

#ifdef __cplusplus
}
#endif
#endif
