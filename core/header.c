/* The JOSE header (RFC 7515 §4.1).
 *
 * `crit` lists extensions that must be understood; none is, so any `crit` refuses. `b64` (RFC
 * 7797), `zip` and `cty` announce a payload that is not the claims themselves. `alg` must be there.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/header.h"
#include "core/text.h"

static bool
take_algorithm(struct csn_header *header, const struct csn_json_item *item,
               struct csn_buffer *scratch)
{
    if (item->kind != CSN_JSON_STRING)
        return false;
    header->algorithm = csn_algorithm_from_name(csn_text_value(&item->text, scratch));
    return true;
}

static bool
take_kid(struct csn_header *header, const struct csn_json_item *item, struct csn_buffer *scratch)
{
    if (item->kind != CSN_JSON_STRING)
        return false;
    header->has_kid = true;
    header->kid = csn_text_value(&item->text, scratch);
    return header->kid.len <= CSN_KID_MAX;
}

static void
take_type(struct csn_header *header, const struct csn_json_item *item, struct csn_buffer *scratch)
{
    header->has_type = true;
    header->type_is_text = item->kind == CSN_JSON_STRING;
    if (header->type_is_text)
        header->type = csn_text_value(&item->text, scratch);
}

/* Returns: the member may stand in a header we accept. */
static bool
take(struct csn_header *header, const struct csn_json_item *item, struct csn_buffer *scratch,
     bool *has_algorithm)
{
    const struct csn_json_text *name = &item->name;
    if (csn_text_is_word(name, "alg")) {
        *has_algorithm = true;
        return take_algorithm(header, item, scratch);
    }
    if (csn_text_is_word(name, "kid"))
        return take_kid(header, item, scratch);
    if (csn_text_is_word(name, "typ")) {
        take_type(header, item, scratch);
        return true;
    }
    return !csn_text_is_word(name, "crit") && !csn_text_is_word(name, "b64") &&
           !csn_text_is_word(name, "zip") && !csn_text_is_word(name, "cty");
}

/* The headers that nearly every library writes, around the name of an algorithm. */
static const struct {
    const char *before, *behind;
    uint8_t before_len, behind_len;
    bool typed;
} usual[] = {
    {"{\"alg\":\"", "\",\"typ\":\"JWT\"}", 8, 14, true},
    {"{\"typ\":\"JWT\",\"alg\":\"", "\"}", 20, 2, true},
    {"{\"alg\":\"", "\"}", 8, 2, false},
};
#define NAME_LENGTH 5 /* of every algorithm's name */

/* Returns: `json` is one of the usual headers around a known name, letter for letter. Then there is
 * nothing in it that a reader could see otherwise, and *header is what reading it gives: a quarter
 * of the time of a whole HS256 judgement, the signature left out, went into these few bytes. */
static bool
is_usual(struct csn_bytes json, struct csn_header *header)
{
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        size_t from = usual[i].before_len, to = from + NAME_LENGTH;
        if (json.len != to + usual[i].behind_len ||
            __builtin_memcmp(json.ptr, usual[i].before, from) != 0 ||
            __builtin_memcmp(json.ptr + to, usual[i].behind, usual[i].behind_len) != 0)
            continue;
        header->algorithm = csn_algorithm_from_name(csn_bytes_slice(json, from, to));
        header->has_type = header->type_is_text = usual[i].typed;
        if (usual[i].typed)
            header->type = csn_bytes_of("JWT", 3);
        return header->algorithm != CSN_ALGORITHM_UNSET;
    }
    return false;
}

bool
csn_header_read(struct csn_bytes json, struct csn_json_names *names, struct csn_buffer *scratch,
                struct csn_header *header)
{
    *header = (struct csn_header){0};
    if (is_usual(json, header))
        return true;
    *header = (struct csn_header){0};
    struct csn_json_reader reader;
    struct csn_json_item item;
    bool has_algorithm = false;
    csn_json_reader_init(&reader, json, names);
    if (csn_json_next(&reader, &item) != CSN_JSON_OBJECT)
        return false;
    for (;;) {
        enum csn_json_kind kind = csn_json_next(&reader, &item);
        if (kind == CSN_JSON_INVALID)
            return false;
        if (kind == CSN_JSON_END)
            return has_algorithm;
        bool member = kind != CSN_JSON_CLOSE && item.depth == 1;
        if (member && !take(header, &item, scratch, &has_algorithm))
            return false;
    }
}
