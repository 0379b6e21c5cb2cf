/* The names of what is in a log, and what is wrong with an item by itself. See log.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/log.h"

static const char *const kinds[] = {
    [CSN_ITEM_UNSET] = "unset", [CSN_ITEM_MESSAGE] = "message",
    [CSN_ITEM_EVENT] = "event", [CSN_ITEM_EXPERIENCE] = "experience",
    [CSN_ITEM_PUSH] = "push",   [CSN_ITEM_NOTE] = "note"};

const char *
csn_item_kind_name(enum csn_item_kind kind)
{
    bool known = kind > CSN_ITEM_UNSET && kind <= CSN_ITEM_NOTE;
    return kinds[known ? kind : CSN_ITEM_UNSET];
}

enum csn_item_kind
csn_item_kind_from_name(struct csn_bytes name)
{
    for (enum csn_item_kind kind = CSN_ITEM_MESSAGE; kind <= CSN_ITEM_NOTE; kind++) {
        if (csn_bytes_equal_text(name, kinds[kind]))
            return kind;
    }
    return CSN_ITEM_UNSET;
}

const char *
csn_item_direction_name(enum csn_item_direction direction)
{
    switch (direction) {
    case CSN_UP: return "up";
    case CSN_DOWN: return "down";
    case CSN_DIRECTION_UNSET: break;
    }
    return "unset";
}

const char *
csn_item_fault_name(enum csn_item_fault fault)
{
    switch (fault) {
    case CSN_ITEM_ID_INVALID: return "id_invalid";
    case CSN_ITEM_KIND_INVALID: return "kind_invalid";
    case CSN_ITEM_BODY_TOO_LARGE: return "body_too_large";
    case CSN_ITEM_TIME_INVALID: return "time_invalid";
    case CSN_ITEM_LOG_FULL: return "log_full";
    case CSN_ITEM_BODY_MISSING: return "body_missing";
    case CSN_ITEM_FIELD_UNKNOWN: return "field_unknown";
    case CSN_ITEM_MISSHAPEN: return "item_invalid";
    case CSN_ITEM_FINE: break;
    }
    return "fine";
}

static bool
is_id_byte(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

static bool
is_id(struct csn_bytes id)
{
    if (id.len == 0 || id.len > CSN_ITEM_ID_MAX)
        return false;
    for (size_t i = 0; i < id.len; i++) {
        if (!is_id_byte(id.ptr[i]))
            return false;
    }
    return true;
}

static bool
may_go(enum csn_item_kind kind, enum csn_item_direction direction)
{
    switch (kind) {
    case CSN_ITEM_MESSAGE:
    case CSN_ITEM_EXPERIENCE: return direction == CSN_UP || direction == CSN_DOWN;
    case CSN_ITEM_EVENT: return direction == CSN_UP;
    case CSN_ITEM_PUSH:
    case CSN_ITEM_NOTE: return direction == CSN_DOWN;
    default: return false;
    }
}

enum csn_item_fault
csn_item_check(const struct csn_item *item, enum csn_item_direction direction)
{
    if (item->misread != CSN_ITEM_FINE)
        return item->misread;
    if (!is_id(item->id))
        return CSN_ITEM_ID_INVALID;
    if (!may_go(item->kind, direction))
        return CSN_ITEM_KIND_INVALID;
    if (item->body.len == 0)
        return CSN_ITEM_BODY_MISSING;
    if (item->body.len > CSN_ITEM_BODY_MAX)
        return CSN_ITEM_BODY_TOO_LARGE;
    if (item->created_ms < 0 || item->created_ms >= CSN_NEVER_MS)
        return CSN_ITEM_TIME_INVALID;
    return CSN_ITEM_FINE;
}
