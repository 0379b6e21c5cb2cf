/* Push addresses. See push_address.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/push_address.h"

#include "core/base64url.h"
#include "server/domain/url.h"

#define POINT_BYTES 65 /* an uncompressed P-256 point: RFC 8291 §3.1 */
#define AUTH_BYTES 16  /* RFC 8291 §3.2 */
#define APNS_TOKEN_MIN 64
#define APNS_TOKEN_MAX 200 /* hex digits; Apple says that it may grow */

const char *
csn_push_kind_name(enum csn_push_kind kind)
{
    switch (kind) {
    case CSN_PUSH_WEB: return "web_push";
    case CSN_PUSH_FCM: return "fcm";
    case CSN_PUSH_APNS: return "apns";
    default: return "none";
    }
}

/* --- one member --- */

static bool
is_printable(struct csn_bytes text, size_t max)
{
    if (text.len == 0 || text.len > max)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] <= ' ' || text.ptr[i] >= 0x7F)
            return false;
    }
    return true;
}

/* The origin is signed and shown to the push service (RFC 8292 §2): it names no user. Whether one
 * on this machine may be sent to is asked when something is. */
static bool
is_endpoint(struct csn_bytes text)
{
    if (!csn_url_is_valid(text))
        return false;
    struct csn_bytes origin = csn_url_origin(text);
    return csn_bytes_find(origin, '@') == origin.len;
}

/* Returns: how many bytes the unpadded base64url text stands for; 0 for any other text. */
static size_t
decode(struct csn_bytes text, uint8_t out[POINT_BYTES + 4])
{
    if (text.len > (POINT_BYTES * 4 + 2) / 3)
        return 0;
    struct csn_base64url_run run = csn_base64url_read(text, out);
    return run.canonical && run.consumed == text.len ? run.written : 0;
}

static bool
is_point(struct csn_bytes text)
{
    uint8_t bytes[POINT_BYTES + 4];
    return decode(text, bytes) == POINT_BYTES && bytes[0] == 0x04;
}

static bool
is_auth(struct csn_bytes text)
{
    uint8_t bytes[POINT_BYTES + 4];
    return decode(text, bytes) == AUTH_BYTES;
}

static bool
is_name(struct csn_bytes text)
{
    return is_printable(text, CSN_PUSH_NAME_MAX);
}

static bool
is_registration(struct csn_bytes text)
{
    return is_printable(text, CSN_PUSH_TOKEN_MAX);
}

static bool
is_environment(struct csn_bytes text)
{
    return csn_bytes_equal_text(text, "production") || csn_bytes_equal_text(text, "sandbox");
}

static bool
is_apns_token(struct csn_bytes text)
{
    if (text.len < APNS_TOKEN_MIN || text.len > APNS_TOKEN_MAX || text.len % 2 != 0)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.ptr[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
            return false;
    }
    return true;
}

/* --- the forms --- */

#define MEMBERS_MAX 3

static const struct form {
    const char *name, *prefix;
    enum csn_push_kind kind;
    struct {
        const char *name;
        bool (*is_valid)(struct csn_bytes text);
        bool target;
        const char *sentence;
    } members[MEMBERS_MAX];
} forms[] = {
    {"web_push",
     "web_push.",
     CSN_PUSH_WEB,
     {{"endpoint", is_endpoint, true, "An https URL of at most 2048 bytes."},
      {"p256dh", is_point, false, "A P-256 point of 65 bytes in base64url (RFC 8291)."},
      {"auth", is_auth, false, "A secret of 16 bytes in base64url (RFC 8291)."}}},
    {"fcm",
     "fcm.",
     CSN_PUSH_FCM,
     {{"package", is_name, false, "1 to 255 printable characters."},
      {"registration_id", is_registration, true, "1 to 2048 printable characters."}}},
    {"apns",
     "apns.",
     CSN_PUSH_APNS,
     {{"bundle_id", is_name, false, "1 to 255 printable characters."},
      {"environment", is_environment, false, "production or sandbox."},
      {"token", is_apns_token, true, "64 to 200 hex digits."}}},
};

static bool
refuse(struct csn_push_fault *fault, const char *prefix, struct csn_bytes name,
       const char *sentence)
{
    *fault = (struct csn_push_fault){.prefix = prefix, .name = name, .sentence = sentence};
    return false;
}

static bool
has_no_other(const struct form *form, const struct csn_json_node *object,
             struct csn_push_fault *fault)
{
    for (const struct csn_json_node *m = object->first; m != NULL; m = m->next) {
        bool known = false;
        for (size_t i = 0; i < MEMBERS_MAX && form->members[i].name != NULL; i++)
            known = known || csn_bytes_equal_text(m->name, form->members[i].name);
        if (!known)
            return refuse(fault, form->prefix, m->name, "An address has no such member.");
    }
    return true;
}

static bool
read_members(const struct form *form, const struct csn_json_node *object, struct csn_json_writer *w,
             struct csn_push_address *out, struct csn_push_fault *fault)
{
    for (size_t i = 0; i < MEMBERS_MAX && form->members[i].name != NULL; i++) {
        struct csn_bytes text = {0};
        const char *name = form->members[i].name;
        if (!csn_json_get_text(object, name, &text) || !form->members[i].is_valid(text))
            return refuse(fault, form->prefix, csn_bytes_text(name), form->members[i].sentence);
        if (form->members[i].target)
            out->target = text;
        csn_json_member_string(w, name, text);
    }
    return true;
}

static const struct form *
form_of(struct csn_bytes name)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (csn_bytes_equal_text(name, forms[i].name))
            return &forms[i];
    }
    return NULL;
}

/* Null is read as absent. Out: *form, of the one member that is there. Returns: that member; NULL
 * where it is not one. */
static const struct csn_json_node *
find_one(const struct csn_json_node *object, const struct form **form, struct csn_push_fault *fault)
{
    static const char sentence[] = "An address is exactly one of web_push, fcm, apns.";
    const struct csn_json_node *one = NULL;
    for (const struct csn_json_node *m = object->first; m != NULL; m = m->next) {
        bool absent = m->kind == CSN_JSON_NULL;
        const struct form *known = form_of(m->name);
        bool wrong = known == NULL || (!absent && m->kind != CSN_JSON_OBJECT);
        if (wrong || (!absent && one != NULL))
            return refuse(fault, "", m->name, sentence), NULL;
        if (absent)
            continue;
        one = m;
        *form = known;
    }
    struct csn_bytes first =
        object->first != NULL ? object->first->name : csn_bytes_text("web_push");
    if (one == NULL)
        refuse(fault, "", first, sentence);
    return one;
}

bool
csn_push_address_read(const struct csn_json_node *object, struct csn_buffer *json,
                      struct csn_push_address *out, struct csn_push_fault *fault)
{
    *out = (struct csn_push_address){0};
    const struct form *form = NULL;
    const struct csn_json_node *one = find_one(object, &form, fault);
    if (one == NULL || form == NULL)
        return false;
    struct csn_json_writer w = csn_json_writer_over(json);
    csn_json_open_object(&w);
    csn_json_name(&w, form->name);
    csn_json_open_object(&w);
    struct csn_push_address read = {.kind = form->kind};
    if (!has_no_other(form, one, fault) || !read_members(form, one, &w, &read, fault))
        return false;
    csn_json_close_object(&w);
    csn_json_close_object(&w);
    if (json->overflowed)
        return refuse(fault, "", one->name, "An address has at most 4096 bytes.");
    read.json = csn_buffer_view(json);
    *out = read;
    return true;
}
