/* The management handlers' shared steps.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/manage.h"

#include "base/panic.h"
#include "server/api/query.h"

struct csn_management *
csn_manage(struct csn_exchange *x, struct csn_store *store)
{
    struct csn_management *m = csn_arena_alloc(&x->arena, sizeof *m);
    if (m == NULL)
        return NULL;
    *m = (struct csn_management){.registry = x->service->registry,
                                 .store = store,
                                 .random = &x->service->random,
                                 .arena = &x->arena,
                                 .decisions = x->service->decisions,
                                 .scope = csn_scope_of(&x->api_key)};
    x->management = m;
    return m;
}

bool
csn_manage_id(struct csn_exchange *x, size_t index, struct csn_id *out)
{
    if (csn_id_read(x->params[index], out))
        return true;
    csn_problem_fault(x, CSN_FAULT_NOT_FOUND, NULL);
    return false;
}

bool
csn_manage_page(struct csn_exchange *x, struct csn_page *out)
{
    return csn_manage_page_with(x, out, NULL, 0, NULL);
}

bool
csn_manage_page_with(struct csn_exchange *x, struct csn_page *out, const char *name, size_t max,
                     struct csn_bytes *value)
{
    const struct csn_parameter filter[] = {{name, max, value}, {0}};
    return csn_manage_page_filters(x, out, filter);
}

bool
csn_manage_page_filters(struct csn_exchange *x, struct csn_page *out,
                        const struct csn_parameter *filters)
{
    struct csn_bytes cursor = {0}, limit = {0};
    struct csn_parameter known[CSN_FILTERS_MAX + 3] = {{"cursor", CSN_ID_LENGTH, &cursor},
                                                       {"limit", 8, &limit}};
    for (size_t i = 0; filters[i].name != NULL; i++) {
        CSN_ASSERT(i < CSN_FILTERS_MAX);
        known[2 + i] = filters[i];
    }
    *out = (struct csn_page){0};
    if (!csn_query_read(x, known))
        return false;
    if (cursor.len > 0 && !csn_id_read(cursor, &out->after)) {
        csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "?", csn_bytes_text("cursor"), NULL);
        return false;
    }
    if (csn_query_limit(limit, &out->limit))
        return true;
    csn_problem_field(x, CSN_FAULT_FIELD_INVALID, "?", csn_bytes_text("limit"), NULL);
    return false;
}

void
csn_manage_next(struct csn_json_writer *w, bool more, struct csn_id last)
{
    csn_answer_id(w, "next", more ? last : (struct csn_id){0});
}

bool
csn_manage_json(struct csn_exchange *x, const struct csn_json_node *node, struct csn_bytes *out)
{
    /* An escape is at most six characters for one, and so is what was read. */
    size_t cap = x->request.body.len * 6 + 1;
    void *memory = csn_arena_alloc(&x->arena, cap);
    struct csn_buffer text = csn_buffer_over(memory, memory != NULL ? cap : 0);
    struct csn_json_writer w = csn_json_writer_over(&text);
    csn_json_node(&w, node);
    *out = csn_buffer_view(&text);
    if (memory != NULL)
        x->arena.used -= cap - text.len; /* what comes after has need of it */
    if (!text.overflowed)
        return true;
    csn_problem_fault(x, CSN_FAULT_BODY_TOO_LARGE, NULL);
    return false;
}

void *
csn_manage_state(struct csn_exchange *x, size_t size)
{
    x->state = csn_arena_alloc(&x->arena, size);
    if (x->state == NULL)
        csn_problem_fault(x, CSN_FAULT_INTERNAL, NULL);
    return x->state;
}
