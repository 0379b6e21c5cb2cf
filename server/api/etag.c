/* Entity tags: the version in quotes, always strong.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/etag.h"

#include "server/api/problem.h"

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

/* Returns: the number between the quotes, 0 when it is none of ours. A weak tag never matches. */
static int64_t
version_of(struct csn_bytes tag)
{
    if (tag.len < 3 || tag.ptr[0] != '"' || tag.ptr[tag.len - 1] != '"')
        return 0;
    int64_t version = 0;
    if (csn_json_integer(csn_bytes_slice(tag, 1, tag.len - 1), &version) != CSN_OK)
        return 0;
    return version > 0 ? version : 0;
}

bool
csn_etag_match(struct csn_exchange *x, int64_t *version)
{
    bool twice = false;
    struct csn_bytes tag = csn_request_header(&x->request, "if-match", &twice);
    *version = 0;
    if (!twice && (tag.len == 0 || csn_bytes_equal_text(tag, "*")))
        return true;
    *version = twice ? 0 : version_of(tag);
    if (*version > 0)
        return true;
    csn_problem_fault(x, CSN_FAULT_PRECONDITION_FAILED, NULL);
    return false;
}
