/* Entity tags: the version in quotes, always strong.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/etag.h"

#define TAG_MAX 32

void
csn_etag_set(struct csn_exchange *x, int64_t version)
{
    void *memory = csn_arena_alloc(&x->arena, TAG_MAX);
    if (memory == NULL)
        return;
    struct csn_buffer tag = csn_buffer_over(memory, TAG_MAX);
    csn_buffer_byte(&tag, '"');
    csn_buffer_int(&tag, version);
    csn_buffer_byte(&tag, '"');
    csn_response_header(x, "ETag", csn_buffer_view(&tag));
}

/* --- conditions (RFC 9110 §13.1) --- */

/* Cuts the next entity tag off a list. Out: *tag between its quotes, *weak. Returns: false at the
 * end, and where the list is broken: what follows is not understood. */
static bool
next_tag(struct csn_bytes *list, struct csn_bytes *tag, bool *weak)
{
    while (list->len > 0 && (list->ptr[0] == ' ' || list->ptr[0] == '\t' || list->ptr[0] == ','))
        *list = csn_bytes_slice(*list, 1, list->len);
    *weak = csn_bytes_starts_with(*list, csn_bytes_text("W/"));
    if (*weak)
        *list = csn_bytes_slice(*list, 2, list->len);
    if (list->len == 0 || list->ptr[0] != '"')
        return false;
    struct csn_bytes rest = csn_bytes_slice(*list, 1, list->len);
    size_t end = csn_bytes_find(rest, '"');
    if (end == rest.len)
        return false;
    *tag = csn_bytes_slice(rest, 0, end);
    *list = csn_bytes_slice(rest, end + 1, rest.len);
    return true;
}

/* Returns: one of the field's tags is of this version, or it is "*": the document exists. */
static bool
names(struct csn_bytes list, int64_t version, bool weak_too)
{
    char text[TAG_MAX];
    struct csn_buffer own = csn_buffer_over(text, sizeof text);
    csn_buffer_int(&own, version);
    struct csn_bytes tag;
    bool weak = false;
    if (csn_bytes_equal_text(list, "*"))
        return true;
    while (next_tag(&list, &tag, &weak)) {
        if (csn_bytes_equal(tag, csn_buffer_view(&own)) && (weak_too || !weak))
            return true;
    }
    return false;
}

/* A list may stand in several fields (§5.3). Out: *given, whether there is any. */
static bool
is_named(const struct csn_exchange *x, const char *field, int64_t version, bool weak_too,
         bool *given)
{
    bool found = false;
    *given = false;
    for (size_t i = 0; i < x->request.header_count; i++) {
        const struct csn_header *header = &x->request.headers[i];
        if (!csn_bytes_equal_nocase(header->name, csn_bytes_text(field)))
            continue;
        *given = true;
        found = found || names(header->value, version, weak_too);
    }
    return found;
}

bool
csn_etag_permits(const struct csn_exchange *x, int64_t version)
{
    bool given = false;
    bool matches = is_named(x, "if-match", version, false, &given);
    return (matches || !given) && !csn_etag_is_known(x, version);
}

bool
csn_etag_is_known(const struct csn_exchange *x, int64_t version)
{
    bool given = false;
    return is_named(x, "if-none-match", version, true, &given);
}
