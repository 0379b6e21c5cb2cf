/* The reasons, their statuses and their words: the table is countersign/reason.def.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "countersign/reason.h"

struct row {
    const char *name, *sentence;
    int http;
    enum csn_action action;
};

static const struct row table[CSN_REASON_COUNT] = {
    [CSN_UNDECIDED] = {"undecided", "Nothing was decided, and that denies.", 401, CSN_ACTION_NONE},
#define CSN_REASON(id, name, http, action, sentence)                                               \
    [CSN_REASON_##id] = {name, sentence, http, CSN_ACTION_##action},
#include "countersign/reason.def"
#undef CSN_REASON
};

static const char *const actions[] = {
    [CSN_ACTION_NONE] = "none", [CSN_ACTION_REFRESH] = "refresh",     [CSN_ACTION_LOGIN] = "login",
    [CSN_ACTION_WAIT] = "wait", [CSN_ACTION_FIX_SETUP] = "fix_setup", [CSN_ACTION_DROP] = "drop",
};

static const char *const parts[] = {
    [CSN_PART_NONE] = "",
    [CSN_PART_TOKEN] = "token",
    [CSN_PART_HEADER] = "header",
    [CSN_PART_PAYLOAD] = "payload",
    [CSN_PART_SIGNATURE] = "signature",
};

/* A number from outside the enum (a stored record of a later version) reads as undecided. */
static const struct row *
row_of(enum csn_reason reason)
{
    return (unsigned)reason < CSN_REASON_COUNT ? &table[reason] : &table[CSN_UNDECIDED];
}

const char *
csn_reason_name(enum csn_reason reason)
{
    return row_of(reason)->name;
}

const char *
csn_reason_sentence(enum csn_reason reason)
{
    return row_of(reason)->sentence;
}

int
csn_reason_http(enum csn_reason reason)
{
    return row_of(reason)->http;
}

enum csn_action
csn_reason_action(enum csn_reason reason)
{
    return row_of(reason)->action;
}

enum csn_reason
csn_reason_from_name(struct csn_bytes name)
{
    for (unsigned i = 1; i < CSN_REASON_COUNT; i++)
        if (csn_bytes_equal_text(name, table[i].name))
            return (enum csn_reason)i;
    return CSN_UNDECIDED;
}

const char *
csn_action_name(enum csn_action action)
{
    return (unsigned)action < sizeof actions / sizeof *actions ? actions[action] : "none";
}

const char *
csn_part_name(enum csn_part part)
{
    return (unsigned)part < sizeof parts / sizeof *parts ? parts[part] : "";
}
