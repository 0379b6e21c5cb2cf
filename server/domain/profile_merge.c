/* Profiles, the pure part: which patches are well made, and what follows from one. See profile.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/profile.h"

/* --- what a patch may say --- */

static bool
is_name(struct csn_bytes name)
{
    if (name.len == 0 || name.len > CSN_PROPERTY_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] < 0x20 || name.ptr[i] == 0x7F)
            return false;
    }
    return true;
}

static bool
is_value(const struct csn_json_node *value)
{
    switch (value->kind) {
    case CSN_JSON_STRING: return value->text.len <= CSN_PROPERTY_TEXT_MAX;
    case CSN_JSON_NUMBER:
    case CSN_JSON_TRUE:
    case CSN_JSON_FALSE:
    case CSN_JSON_NULL: return true;
    default: return false;
    }
}

static bool
refuse(struct csn_profile_fault *fault, const char *prefix, struct csn_bytes name,
       const char *sentence)
{
    *fault = (struct csn_profile_fault){.prefix = prefix, .name = name, .sentence = sentence};
    return false;
}

static bool
check_properties(const struct csn_json_node *properties, struct csn_profile_fault *fault)
{
    static const char prefix[] = "properties.";
    if (properties->kind == CSN_JSON_NULL)
        return true;
    if (properties->kind != CSN_JSON_OBJECT)
        return refuse(fault, "", properties->name, "It is an object of names and values.");
    for (const struct csn_json_node *p = properties->first; p != NULL; p = p->next) {
        if (!is_name(p->name))
            return refuse(fault, prefix, p->name,
                          "A name is 1 to 64 bytes without control characters.");
        if (!is_value(p))
            return refuse(fault, prefix, p->name,
                          "A value is a text of at most 1024 bytes, a number or a boolean; null "
                          "removes the property.");
    }
    return true;
}

static bool
check_email(const struct csn_json_node *email, struct csn_profile_fault *fault)
{
    if (email->kind == CSN_JSON_NULL)
        return true;
    if (email->kind == CSN_JSON_STRING && csn_email_valid(email->text))
        return true;
    return refuse(fault, "", email->name, "It is no e-mail address; null removes it.");
}

bool
csn_profile_check(const struct csn_json_node *patch, struct csn_profile_fault *fault)
{
    *fault = (struct csn_profile_fault){0};
    for (const struct csn_json_node *m = patch->first; m != NULL; m = m->next) {
        bool fine = true;
        if (csn_bytes_equal_text(m->name, "properties")) {
            fine = check_properties(m, fault);
        } else if (csn_bytes_equal_text(m->name, "email")) {
            fine = check_email(m, fault);
        } else if (csn_bytes_equal_text(m->name, "contact")) {
            fine = refuse(fault, "", m->name, "It follows from the e-mail address.");
        } else {
            fine = refuse(fault, "", m->name, "A profile has no such member.");
            fault->unknown = true;
        }
        if (!fine)
            return false;
    }
    return true;
}

/* --- what follows from it --- */

static const struct csn_json_node *
find(const struct csn_json_node *object, struct csn_bytes name)
{
    const struct csn_json_node *n = object != NULL ? object->first : NULL;
    while (n != NULL && !csn_bytes_equal(n->name, name))
        n = n->next;
    return n;
}

static bool
is_set(const struct csn_json_node *value)
{
    return value != NULL && value->kind != CSN_JSON_NULL;
}

static void
write_property(const struct csn_json_node *value, struct csn_json_writer *w, size_t *count)
{
    csn_json_name_bytes(w, value->name);
    csn_json_node(w, value);
    ++*count;
}

/* What stays keeps its place; what is new comes behind. */
static size_t
merge_properties(const struct csn_json_node *old, const struct csn_json_node *patch,
                 struct csn_json_writer *w)
{
    size_t count = 0;
    if (patch != NULL && patch->kind == CSN_JSON_NULL)
        return 0;
    for (const struct csn_json_node *p = old != NULL ? old->first : NULL; p != NULL; p = p->next) {
        const struct csn_json_node *changed = find(patch, p->name);
        const struct csn_json_node *now = changed != NULL ? changed : p;
        if (is_set(now))
            write_property(now, w, &count);
    }
    for (const struct csn_json_node *p = patch != NULL ? patch->first : NULL; p != NULL;
         p = p->next) {
        if (is_set(p) && find(old, p->name) == NULL)
            write_property(p, w, &count);
    }
    return count;
}

enum csn_status
csn_profile_merge(const struct csn_json_node *profile, const struct csn_json_node *patch,
                  struct csn_buffer *out)
{
    struct csn_json_writer w = csn_json_writer_over(out);
    const struct csn_json_node *email = csn_json_get(patch, "email");
    if (email == NULL)
        email = csn_json_get(profile, "email");
    csn_json_open_object(&w);
    if (is_set(email)) {
        csn_json_name(&w, "email");
        csn_json_node(&w, email);
    }
    csn_json_name(&w, "properties");
    csn_json_open_object(&w);
    size_t count = merge_properties(csn_json_get(profile, "properties"),
                                    csn_json_get(patch, "properties"), &w);
    csn_json_close_object(&w);
    csn_json_close_object(&w);
    return out->overflowed || count > CSN_PROPERTIES_MAX ? CSN_TOO_LARGE : CSN_OK;
}
