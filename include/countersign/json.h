/* Strict JSON (RFC 8259), the one reader of the whole product: a token is never read differently
 * from an API body.
 *
 * Refused: anything but one value and JSON white space, invalid UTF-8, a byte order mark, lone
 * surrogates, duplicate member names after unescaping, depth over CSN_JSON_DEPTH_MAX, numbers over
 * CSN_JSON_NUMBER_MAX characters, more than CSN_JSON_NAMES_MAX names open at once, names made to
 * collide in the reader's hash.
 * No recursion, no heap, no floating point.
 *
 * Three floors: the reader (a stream of items), the tree (a document in an arena), the writer.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef COUNTERSIGN_JSON_H
#define COUNTERSIGN_JSON_H

#include "countersign/bytes.h"

#ifdef __cplusplus
extern "C" {
#endif

enum csn_json_kind {
    CSN_JSON_INVALID = 0, /* the document is refused; every later item is this too */
    CSN_JSON_OBJECT,      /* opens; its members follow, then CSN_JSON_CLOSE */
    CSN_JSON_ARRAY,       /* opens; its elements follow, then CSN_JSON_CLOSE */
    CSN_JSON_STRING,
    CSN_JSON_NUMBER,
    CSN_JSON_TRUE,
    CSN_JSON_FALSE,
    CSN_JSON_NULL,
    CSN_JSON_CLOSE, /* the innermost open object or array ends */
    CSN_JSON_END,   /* the document was complete and valid */
};

/* The characters between the quotes, as written. Borrows the document. */
struct csn_json_text {
    struct csn_bytes raw;
    bool escaped; /* holds at least one backslash: `raw` is not the value */
};

struct csn_json_item {
    enum csn_json_kind kind;
    unsigned depth; /* 0 = the document's value; members of it are at 1 */
    bool named;     /* a member of an object: `name` is set */
    struct csn_json_text name;
    struct csn_json_text text; /* STRING: its characters; NUMBER: its text */
};

/* Names of the objects open now, for the duplicate rule. Scratch of the caller; no need to clear.
 */
struct csn_json_names {
    uint32_t hash[CSN_JSON_NAMES_MAX];
    uint32_t offset[CSN_JSON_NAMES_MAX]; /* of the name's first character in the document */
};

struct csn_json_reader {
    const uint8_t *start, *at, *end;
    struct csn_json_names *names;
    uint32_t name_count;
    uint32_t first_name[CSN_JSON_DEPTH_MAX + 1]; /* per depth: where its object's names begin */
    uint32_t in_object;                          /* bit d: the container at depth d is an object */
    uint8_t depth;                               /* containers open */
    uint8_t state;
    uint8_t collisions; /* different names of equal hash so far */
};

/* Borrows `document` and `names` while in use. document.len <= UINT32_MAX. */
void csn_json_reader_init(struct csn_json_reader *reader, struct csn_bytes document,
                          struct csn_json_names *names);

/* Returns: the kind of the next item, also in item->kind. After END or INVALID: the same again. */
enum csn_json_kind csn_json_next(struct csn_json_reader *reader, struct csn_json_item *item);

/* Returns: the value of `text` is exactly `value` (escapes resolved). */
bool csn_json_text_is(struct csn_json_text text, struct csn_bytes value);

/* Appends the value of `text`, escapes resolved. `text` must come from the reader. */
void csn_json_text_append(struct csn_json_text text, struct csn_buffer *out);

/* Reads a JSON number exactly, as `value x 10^scale`, cut toward zero (1.9 at scale 0 is 1).
 * Returns: CSN_OK; CSN_INVALID when it does not fit an int64_t at that scale, or is no number.
 * Cost: bounded by the text, whatever its exponent. */
CSN_MUST_USE enum csn_status csn_json_number(struct csn_bytes text, unsigned scale, int64_t *out);

/* Returns: CSN_OK and the value only where the number is a whole one (1e3 and 1.0 are). */
CSN_MUST_USE enum csn_status csn_json_integer(struct csn_bytes text, int64_t *out);

/* --- the tree --- */
struct csn_json_node {
    enum csn_json_kind kind;
    struct csn_bytes name;       /* member name, unescaped; {0} in arrays and at the root */
    struct csn_bytes text;       /* STRING: unescaped; NUMBER: its text. Each followed by a NUL */
    struct csn_json_node *first; /* child */
    struct csn_json_node *next;  /* sibling */
    size_t count;                /* children */
};

/* Out: *root, owned by `arena`, independent of `document`.
 * Returns: CSN_OK, CSN_INVALID (not strict JSON), CSN_NO_SPACE (arena full). */
CSN_MUST_USE enum csn_status csn_json_parse(struct csn_bytes document, struct csn_arena *arena,
                                            const struct csn_json_node **root);

/* Returns: the member `name` of an object; NULL when absent or `object` is NULL or no object. */
const struct csn_json_node *csn_json_get(const struct csn_json_node *object, const char *name);

/* Typed reads. Each returns false and leaves *out alone when the node is NULL or of another kind.
 */
bool csn_json_get_text(const struct csn_json_node *object, const char *name, struct csn_bytes *out);
bool csn_json_get_int(const struct csn_json_node *object, const char *name, int64_t *out);
bool csn_json_get_bool(const struct csn_json_node *object, const char *name, bool *out);

/* --- the writer: appends to a buffer, places commas, escapes strings --- */
struct csn_json_writer {
    struct csn_buffer *out;
    uint64_t has_member; /* bit d: something was written at depth d */
    uint8_t depth;
    bool after_name;
};

struct csn_json_writer csn_json_writer_over(struct csn_buffer *out);
void csn_json_open_object(struct csn_json_writer *w);
void csn_json_close_object(struct csn_json_writer *w);
void csn_json_open_array(struct csn_json_writer *w);
void csn_json_close_array(struct csn_json_writer *w);
void csn_json_name(struct csn_json_writer *w, const char *name);
void csn_json_name_bytes(struct csn_json_writer *w, struct csn_bytes name);
/* `text` must be valid UTF-8. Escapes ", \, controls, and < > & (so that it is inert in HTML). */
void csn_json_string(struct csn_json_writer *w, struct csn_bytes text);
void csn_json_text(struct csn_json_writer *w, const char *text);
void csn_json_int(struct csn_json_writer *w, int64_t value);
void csn_json_bool(struct csn_json_writer *w, bool value);
void csn_json_null(struct csn_json_writer *w);
/* `json` is a complete value already. */
void csn_json_raw(struct csn_json_writer *w, struct csn_bytes json);
/* Writes a tree node and all below it. No recursion. */
void csn_json_node(struct csn_json_writer *w, const struct csn_json_node *node);

/* Shorthand for a member: name and value. */
void csn_json_member_text(struct csn_json_writer *w, const char *name, const char *text);
void csn_json_member_string(struct csn_json_writer *w, const char *name, struct csn_bytes text);
void csn_json_member_int(struct csn_json_writer *w, const char *name, int64_t value);
void csn_json_member_bool(struct csn_json_writer *w, const char *name, bool value);

#ifdef __cplusplus
}
#endif
#endif
