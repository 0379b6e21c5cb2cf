/* Enforcement as JSON, read strictly and written in full. The words are the API's.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"
#include "server/domain/enforcement.h"

struct reading {
    struct csn_arena *arena;
    struct csn_enforcement *out;
    int64_t now_ms;
};

static enum csn_status
read_mode(const struct csn_json_node *value, enum csn_enforcement_mode *out)
{
    if (value->kind != CSN_JSON_STRING)
        return CSN_INVALID;
    *out = csn_enforcement_from_name(value->text);
    return *out == CSN_ENFORCE_UNSET ? CSN_INVALID : CSN_OK;
}

/* A time that lies ahead: a narrowing or exemption that has ended already is a mistake. */
static enum csn_status
read_future(const struct csn_json_node *value, int64_t now_ms, int64_t *out)
{
    if (value == NULL || value->kind != CSN_JSON_STRING)
        return CSN_INVALID;
    if (csn_time_read_rfc3339(value->text, out) != CSN_OK || *out <= now_ms)
        return CSN_INVALID;
    return CSN_OK;
}

static bool
is_version(struct csn_bytes text)
{
    return text.len > 0 && text.len <= CSN_VERSION_TEXT_MAX && text.ptr[0] >= '0' &&
           text.ptr[0] <= '9';
}

static enum csn_status
read_versions(const struct reading *r, const struct csn_json_node *value)
{
    if (value->kind != CSN_JSON_OBJECT)
        return CSN_INVALID;
    struct csn_enforcement_version *versions =
        csn_arena_alloc(r->arena, value->count * sizeof *versions + 1);
    if (versions == NULL)
        return CSN_NO_SPACE;
    size_t count = 0;
    for (const struct csn_json_node *v = value->first; v != NULL; v = v->next) {
        if (v->kind != CSN_JSON_STRING || !is_version(v->text) || v->name.len == 0 ||
            v->name.len > CSN_PLATFORM_MAX)
            return CSN_INVALID;
        versions[count++] = (struct csn_enforcement_version){v->name, v->text};
    }
    r->out->versions = versions;
    r->out->version_count = count;
    return CSN_OK;
}

static enum csn_status
read_exemptions(const struct reading *r, const struct csn_json_node *value)
{
    if (value->kind != CSN_JSON_ARRAY || value->count > CSN_EXEMPTIONS_MAX)
        return CSN_INVALID;
    struct csn_enforcement_exemption *exemptions =
        csn_arena_alloc(r->arena, value->count * sizeof *exemptions + 1);
    if (exemptions == NULL)
        return CSN_NO_SPACE;
    size_t count = 0;
    for (const struct csn_json_node *e = value->first; e != NULL; e = e->next) {
        struct csn_enforcement_exemption *to = &exemptions[count++];
        if (e->kind != CSN_JSON_OBJECT || e->count != 2 ||
            !csn_json_get_text(e, "identity", &to->identity) || to->identity.len == 0 ||
            to->identity.len > CSN_IDENTITY_MAX)
            return CSN_INVALID;
        if (read_future(csn_json_get(e, "until"), r->now_ms, &to->until_ms) != CSN_OK)
            return CSN_INVALID;
    }
    r->out->exemptions = exemptions;
    r->out->exemption_count = count;
    return CSN_OK;
}

static enum csn_status
read_percentage(const struct csn_json_node *value, unsigned *out)
{
    int64_t number = 0;
    if (value->kind != CSN_JSON_NUMBER || csn_json_integer(value->text, &number) != CSN_OK ||
        number < 1 || number > 100)
        return CSN_INVALID;
    *out = (unsigned)number;
    return CSN_OK;
}

static enum csn_status
read_field(const struct reading *r, const struct csn_json_node *field)
{
    struct csn_enforcement *out = r->out;
    if (csn_bytes_equal_text(field->name, "mode"))
        return read_mode(field, &out->mode);
    if (csn_bytes_equal_text(field->name, "otherwise"))
        return read_mode(field, &out->otherwise);
    if (csn_bytes_equal_text(field->name, "from_versions"))
        return read_versions(r, field);
    if (csn_bytes_equal_text(field->name, "percentage"))
        return read_percentage(field, &out->percentage);
    if (csn_bytes_equal_text(field->name, "until"))
        return field->kind == CSN_JSON_NULL ? CSN_OK
                                            : read_future(field, r->now_ms, &out->until_ms);
    if (csn_bytes_equal_text(field->name, "exemptions"))
        return read_exemptions(r, field);
    return CSN_INVALID;
}

const char *
csn_enforcement_rule(const char *name)
{
    static const struct {
        const char *name, *sentence;
    } rules[] = {
        {"mode", "A mode is off, monitor, optional or required."},
        {"otherwise", "A mode is off, monitor, optional or required."},
        {"from_versions",
         "An object: for each platform, or *, of 32 bytes at most the version from which on the "
         "mode applies, as text of 32 bytes at most that begins with a digit."},
        {"percentage", "A whole number from 1 to 100."},
        {"until", "A time that lies ahead, as RFC 3339 writes it, or null."},
        {"exemptions",
         "A list of 64 at most, each with an identity of 1 to 255 bytes and a time until that lies "
         "ahead, as RFC 3339 writes it, and nothing else."},
    };
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (csn_bytes_equal_text(csn_bytes_text(name), rules[i].name))
            return rules[i].sentence;
    }
    return NULL;
}

static enum csn_enforcement_mode
milder(enum csn_enforcement_mode a, enum csn_enforcement_mode b)
{
    return a < b ? a : b;
}

enum csn_status
csn_enforcement_parse(struct csn_bytes json, struct csn_arena *arena, struct csn_enforcement *out,
                      const char **wrong, int64_t now_ms)
{
    *out = (struct csn_enforcement){.percentage = 100};
    *wrong = "";
    const struct csn_json_node *root = NULL;
    enum csn_status status = csn_json_parse(json, arena, &root);
    if (status != CSN_OK)
        return status;
    if (root->kind != CSN_JSON_OBJECT)
        return CSN_INVALID;
    struct reading r = {arena, out, now_ms};
    for (const struct csn_json_node *field = root->first; field != NULL; field = field->next) {
        *wrong = (const char *)field->name.ptr;
        status = read_field(&r, field);
        if (status != CSN_OK)
            return status;
    }
    *wrong = "mode";
    if (out->mode == CSN_ENFORCE_UNSET)
        return CSN_INVALID;
    if (out->otherwise == CSN_ENFORCE_UNSET)
        out->otherwise = milder(out->mode, CSN_ENFORCE_OPTIONAL);
    return CSN_OK;
}

static void
write_time(struct csn_json_writer *w, const char *name, int64_t time_ms)
{
    uint8_t text[CSN_TIME_TEXT_LENGTH];
    struct csn_buffer out = csn_buffer_over(text, sizeof text);
    csn_time_write_rfc3339(time_ms, &out);
    csn_json_member_string(w, name, csn_buffer_view(&out));
}

static void
write_exemptions(const struct csn_enforcement *e, struct csn_json_writer *w)
{
    csn_json_name(w, "exemptions");
    csn_json_open_array(w);
    for (size_t i = 0; i < e->exemption_count; i++) {
        csn_json_open_object(w);
        csn_json_member_string(w, "identity", e->exemptions[i].identity);
        write_time(w, "until", e->exemptions[i].until_ms);
        csn_json_close_object(w);
    }
    csn_json_close_array(w);
}

void
csn_enforcement_write(const struct csn_enforcement *e, struct csn_json_writer *w)
{
    csn_json_open_object(w);
    csn_json_member_text(w, "mode", csn_enforcement_name(e->mode));
    csn_json_member_text(w, "otherwise", csn_enforcement_name(e->otherwise));
    csn_json_name(w, "from_versions");
    csn_json_open_object(w);
    for (size_t i = 0; i < e->version_count; i++) {
        csn_json_name_bytes(w, e->versions[i].platform);
        csn_json_string(w, e->versions[i].min_version);
    }
    csn_json_close_object(w);
    csn_json_member_int(w, "percentage", e->percentage);
    if (e->until_ms != 0) {
        write_time(w, "until", e->until_ms);
    } else {
        csn_json_name(w, "until");
        csn_json_null(w);
    }
    write_exemptions(e, w);
    csn_json_close_object(w);
}
