/* Decoding by table. The JSON reader is the one that tokens are read with.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/decode.h"

#include "base/time.h"
#include "server/api/problem.h"
#include "server/api/trail.h"

/* Returns: application/json, with or without parameters (RFC 9110 §8.3.1). */
static bool
is_json(struct csn_bytes type)
{
    struct csn_bytes name = csn_bytes_slice(type, 0, csn_bytes_find(type, ';'));
    while (name.len > 0 && name.ptr[name.len - 1] == ' ')
        name.len--;
    return csn_bytes_equal_nocase(name, csn_bytes_text("application/json"));
}

/* RFC 9110 §8.4: nothing is decoded here, so a coded body is not what it says it is. */
static bool
is_uncoded(struct csn_bytes coding)
{
    return coding.len == 0 || csn_bytes_equal_nocase(coding, csn_bytes_text("identity"));
}

bool
csn_decode_is_json(struct csn_exchange *x)
{
    bool twice = false;
    if (!is_json(csn_request_header(&x->request, "content-type", &twice))) {
        csn_problem_fault(x, CSN_FAULT_MEDIA_TYPE_UNSUPPORTED, NULL);
        return false;
    }
    if (is_uncoded(csn_request_header(&x->request, "content-encoding", &twice)) && !twice)
        return true;
    csn_problem_fault(x, CSN_FAULT_MEDIA_TYPE_UNSUPPORTED, "The body must not be compressed.");
    return false;
}

const struct csn_json_node *
csn_decode_body(struct csn_exchange *x, bool optional)
{
    static const struct csn_json_node nothing = {.kind = CSN_JSON_OBJECT};
    if (x->request.body.len == 0 && optional)
        return &nothing;
    if (!csn_decode_is_json(x))
        return NULL;
    const struct csn_json_node *root = NULL;
    enum csn_status status = csn_json_parse(x->request.body, &x->arena, &root);
    if (status == CSN_NO_SPACE) {
        csn_problem_fault(x, CSN_FAULT_BODY_TOO_LARGE, "The body has too many parts.");
        return NULL;
    }
    if (status != CSN_OK || root->kind != CSN_JSON_OBJECT) {
        csn_problem_fault(x, CSN_FAULT_JSON_INVALID, NULL);
        return NULL;
    }
    csn_trail_body(x, root);
    return root;
}

static bool
is_clean(struct csn_bytes text, bool lines)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.ptr[i];
        bool white = c == '\n' || c == '\r' || c == '\t';
        if ((c < 0x20 && !(lines && white)) || c == 0x7F)
            return false;
    }
    return true;
}

bool
csn_decode_is_clean(struct csn_bytes text)
{
    return text.len > 0 && is_clean(text, false);
}

static bool
read_text(const struct csn_field *field, const struct csn_json_node *value, void *at)
{
    if (value->kind != CSN_JSON_STRING || value->text.len > (size_t)field->max)
        return false;
    *(struct csn_bytes *)at = value->text;
    if (field->kind == CSN_FIELD_RAW)
        return true;
    return value->text.len > 0 && is_clean(value->text, field->kind == CSN_FIELD_LINES);
}

static bool
read_int(const struct csn_field *field, const struct csn_json_node *value, void *at)
{
    int64_t number = 0;
    if (value->kind != CSN_JSON_NUMBER || csn_json_integer(value->text, &number) != CSN_OK)
        return false;
    if (number < field->min || number > field->max)
        return false;
    *(int64_t *)at = number;
    return true;
}

static bool
read_node(const struct csn_field *field, const struct csn_json_node *value, void *at)
{
    enum csn_json_kind wanted = field->kind == CSN_FIELD_OBJECT ? CSN_JSON_OBJECT : CSN_JSON_ARRAY;
    if (value->kind != wanted)
        return false;
    *(const struct csn_json_node **)at = value;
    return wanted == CSN_JSON_OBJECT || value->count <= (size_t)field->max;
}

static bool
read_value(const struct csn_field *field, const struct csn_json_node *value, void *at)
{
    switch (field->kind) {
    case CSN_FIELD_TEXT:
    case CSN_FIELD_LINES:
    case CSN_FIELD_RAW: return read_text(field, value, at);
    case CSN_FIELD_INT: return read_int(field, value, at);
    case CSN_FIELD_BOOL:
        *(bool *)at = value->kind == CSN_JSON_TRUE;
        return value->kind == CSN_JSON_TRUE || value->kind == CSN_JSON_FALSE;
    case CSN_FIELD_TIME:
    case CSN_FIELD_NULLABLE_TIME:
        return value->kind == CSN_JSON_STRING && csn_time_read_rfc3339(value->text, at) == CSN_OK;
    case CSN_FIELD_OBJECT:
    case CSN_FIELD_ARRAY: return read_node(field, value, at);
    default: return false;
    }
}

static const struct csn_field *
field_named(const struct csn_field *fields, size_t count, struct csn_bytes name)
{
    for (size_t i = 0; i < count; i++)
        if (csn_bytes_equal_text(name, fields[i].name))
            return &fields[i];
    return NULL;
}

static bool
read_member(struct csn_exchange *x, const char *prefix, const struct csn_field *field,
            const struct csn_json_node *member, void *out)
{
    void *at = (char *)out + field->at;
    if (member->kind == CSN_JSON_NULL) {
        if (field->kind == CSN_FIELD_NULLABLE_TIME)
            *(int64_t *)at = 0;
        return true;
    }
    if (read_value(field, member, at))
        return true;
    csn_problem_field(x, CSN_FAULT_FIELD_INVALID, prefix, member->name, NULL);
    return false;
}

bool
csn_decode_object(struct csn_exchange *x, const struct csn_json_node *object, const char *prefix,
                  const struct csn_field *fields, size_t count, void *out)
{
    for (const struct csn_json_node *m = object->first; m != NULL; m = m->next) {
        const struct csn_field *field = field_named(fields, count, m->name);
        if (field == NULL) {
            csn_problem_field(x, CSN_FAULT_FIELD_UNKNOWN, prefix, m->name, NULL);
            return false;
        }
        if (!read_member(x, prefix, field, m, out))
            return false;
    }
    for (size_t i = 0; i < count; i++) {
        const struct csn_json_node *m = csn_json_get(object, fields[i].name);
        if (!fields[i].required || (m != NULL && m->kind != CSN_JSON_NULL))
            continue;
        csn_problem_field(x, CSN_FAULT_FIELD_MISSING, prefix, csn_bytes_text(fields[i].name), NULL);
        return false;
    }
    return true;
}

bool
csn_decode(struct csn_exchange *x, const struct csn_field *fields, size_t count, void *out)
{
    const struct csn_json_node *object = csn_decode_body(x, false);
    return object != NULL && csn_decode_object(x, object, "", fields, count, out);
}
