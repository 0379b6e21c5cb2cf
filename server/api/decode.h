/* Decoding: a JSON body becomes a struct, by a table of its fields, or a problem that names what is
 * wrong.
 *
 *   static const struct csn_field fields[] = {
 *       {"id", CSN_FIELD_TEXT, .required = true, .max = 128, .at = offsetof(struct device, id)},
 *       ...
 *   };
 *
 * Strict: an unknown field refuses, so that a misspelt one is never silently without effect; null
 * is read as absent; a text is not empty, within its bytes, and holds no control character.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_DECODE_H
#define CSN_SERVER_API_DECODE_H

#include "server/api/exchange.h"

enum csn_field_kind {
    CSN_FIELD_UNSET = 0,
    CSN_FIELD_TEXT,   /* struct csn_bytes, never empty; {0} when absent */
    CSN_FIELD_LINES,  /* the same, and may hold line ends and tabs: PEM, pasted tokens */
    CSN_FIELD_RAW,    /* struct csn_bytes, any string, also empty: what somebody else judges */
    CSN_FIELD_INT,    /* int64_t, within min..max; left alone when absent */
    CSN_FIELD_BOOL,   /* bool; left alone when absent */
    CSN_FIELD_TIME,   /* int64_t milliseconds, from RFC 3339; left alone when absent */
    CSN_FIELD_OBJECT, /* const struct csn_json_node *; NULL when absent */
    CSN_FIELD_ARRAY,  /* the same */
    CSN_FIELD_NULLABLE_TIME, /* like TIME; null sets 0 */
};

struct csn_field {
    const char *name;
    enum csn_field_kind kind;
    bool required;
    int64_t min; /* INT only */
    int64_t max; /* INT: the value; TEXT, LINES: bytes; ARRAY: elements */
    size_t at;   /* offsetof */
};

/* Returns: the body says it is JSON, and not compressed; false after it answered a problem. */
bool csn_decode_is_json(struct csn_exchange *x);

/* Returns: a text as CSN_FIELD_TEXT takes it: not empty, no control character. */
bool csn_decode_is_clean(struct csn_bytes text);

/* Reads the request's body as one JSON object. An empty body is an empty object where `optional`.
 * Returns: the object, or NULL after it answered a problem. */
const struct csn_json_node *csn_decode_body(struct csn_exchange *x, bool optional);

/* Reads the members of `object` into `out`. `prefix`: how the fields are named to the client, ""
 * at the top, "device." below. Returns: false after it answered a problem. */
bool csn_decode_object(struct csn_exchange *x, const struct csn_json_node *object,
                       const char *prefix, const struct csn_field *fields, size_t count, void *out);

/* Both at once, for a body without nested objects. */
bool csn_decode(struct csn_exchange *x, const struct csn_field *fields, size_t count, void *out);

#define CSN_FIELDS(table) (table), sizeof(table) / sizeof((table)[0])

#endif
