/* Experiences, as the app's people write them. See experiences.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/experiences.h"

#include "base/panic.h"
#include "server/domain/experience_parts.h"
#include "server/domain/id.h"

static const char *const frequency_names[] = {[CSN_FREQUENCY_UNSET] = "unset",
                                              [CSN_FREQUENCY_ONCE] = "once",
                                              [CSN_FREQUENCY_SESSION] = "session",
                                              [CSN_FREQUENCY_ALWAYS] = "always"};

const char *
csn_frequency_name(enum csn_frequency frequency)
{
    bool known = frequency >= CSN_FREQUENCY_UNSET && frequency <= CSN_FREQUENCY_ALWAYS;
    return frequency_names[known ? frequency : CSN_FREQUENCY_UNSET];
}

enum csn_frequency
csn_frequency_from_name(struct csn_bytes name)
{
    enum csn_frequency found = CSN_FREQUENCY_ALWAYS;
    while (found > CSN_FREQUENCY_UNSET && !csn_bytes_equal_text(name, frequency_names[found]))
        found--;
    return found;
}

/* --- sealing --- */

#define DEFINITION_MAX (CSN_RULE_JSON_MAX + 6 * CSN_NAME_MAX + 32)

static struct csn_experience
facts_of(const struct csn_experience_row *row)
{
    return (struct csn_experience){.id = row->id,
                                   .version = row->version,
                                   .enabled = row->enabled,
                                   .priority = row->priority,
                                   .frequency = (enum csn_frequency)row->frequency,
                                   .starts_ms = row->starts_ms,
                                   .ends_ms = row->ends_ms,
                                   .created_ms = row->created_ms,
                                   .changed_ms = row->changed_ms};
}

enum csn_status
csn_experience_open(const struct csn_sessions *sessions, const struct csn_id *app,
                    const struct csn_experience_row *row, struct csn_arena *arena,
                    struct csn_experience *out)
{
    void *memory = csn_arena_alloc(arena, row->definition.len);
    const struct csn_json_node *definition = NULL;
    *out = facts_of(row);
    if (memory == NULL)
        return CSN_NO_SPACE;
    struct csn_buffer text = csn_buffer_over(memory, row->definition.len);
    enum csn_status status =
        csn_content_open(sessions, "experience", app, &row->id, row->definition, &text);
    if (status == CSN_OK)
        status = csn_json_parse(csn_buffer_view(&text), arena, &definition);
    if (status != CSN_OK)
        return status == CSN_INVALID ? CSN_CRYPTO : status; /* we wrote it */
    csn_json_get_text(definition, "name", &out->name);
    out->rule = csn_json_get(definition, "rule");
    return CSN_OK;
}

enum csn_status
csn_experience_content_open(const struct csn_sessions *sessions, const struct csn_id *app,
                            const struct csn_experience_row *row, struct csn_arena *arena,
                            struct csn_bytes *out)
{
    void *memory = csn_arena_alloc(arena, row->content.len);
    if (memory == NULL)
        return CSN_NO_SPACE;
    struct csn_buffer text = csn_buffer_over(memory, row->content.len);
    enum csn_status status =
        csn_content_open(sessions, "experience content", app, &row->id, row->content, &text);
    *out = csn_buffer_view(&text);
    return status;
}

/* What a write needs, sealed. */
struct sealed {
    uint8_t definition[DEFINITION_MAX + CSN_SEAL_OVERHEAD];
    uint8_t content[CSN_EXPERIENCE_CONTENT_MAX + CSN_SEAL_OVERHEAD];
};

static enum csn_status
seal(const struct csn_sessions *sessions, const struct csn_id *app,
     const struct csn_experience *experience, struct sealed *memory, struct csn_experience_row *row)
{
    uint8_t text[DEFINITION_MAX];
    struct csn_buffer plain = csn_buffer_over(text, sizeof text);
    struct csn_json_writer w = csn_json_writer_over(&plain);
    csn_json_open_object(&w);
    csn_json_member_string(&w, "name", experience->name);
    if (experience->rule != NULL) {
        csn_json_name(&w, "rule");
        csn_json_node(&w, experience->rule);
    }
    csn_json_close_object(&w);
    if (plain.overflowed || experience->content.len > CSN_EXPERIENCE_CONTENT_MAX)
        return CSN_TOO_LARGE;
    struct csn_buffer definition = csn_buffer_over(memory->definition, sizeof memory->definition);
    struct csn_buffer content = csn_buffer_over(memory->content, sizeof memory->content);
    enum csn_status status = csn_content_seal(sessions, "experience", app, &experience->id,
                                              csn_buffer_view(&plain), &definition);
    if (status == CSN_OK)
        status = csn_content_seal(sessions, "experience content", app, &experience->id,
                                  experience->content, &content);
    csn_wipe(text, sizeof text);
    row->definition = csn_buffer_view(&definition);
    row->content = csn_buffer_view(&content);
    return status;
}

static struct csn_experience_row
row_of(const struct csn_experience *experience)
{
    return (struct csn_experience_row){.id = experience->id,
                                       .version = experience->version,
                                       .enabled = experience->enabled,
                                       .priority = experience->priority,
                                       .frequency = (int)experience->frequency,
                                       .starts_ms = experience->starts_ms,
                                       .ends_ms = experience->ends_ms,
                                       .created_ms = experience->created_ms,
                                       .changed_ms = experience->changed_ms};
}

/* --- the operations --- */

enum csn_status
csn_experience_create(const struct csn_sessions *sessions, struct csn_store *store,
                      struct csn_id app, struct csn_experience *experience, int64_t now_ms)
{
    struct sealed memory;
    size_t count = 0;
    enum csn_status status = csn_store_experience_count(store, app, &count);
    if (status == CSN_OK && count >= CSN_EXPERIENCES_MAX)
        return CSN_CONFLICT;
    if (status != CSN_OK)
        return status;
    csn_id_make(sessions->random, &experience->id, now_ms);
    experience->version = 1;
    experience->created_ms = experience->changed_ms = now_ms;
    struct csn_experience_row row = row_of(experience);
    status = seal(sessions, &app, experience, &memory, &row);
    return status == CSN_OK ? csn_store_experience_add(store, app, &row) : status;
}

enum csn_status
csn_experience_put(const struct csn_sessions *sessions, struct csn_store *store, struct csn_id app,
                   struct csn_experience *experience, int64_t now_ms)
{
    struct sealed memory;
    experience->version++;
    experience->changed_ms = now_ms;
    struct csn_experience_row row = row_of(experience);
    enum csn_status status = seal(sessions, &app, experience, &memory, &row);
    return status == CSN_OK ? csn_store_experience_set(store, app, &row) : status;
}

enum csn_status
csn_experience_remove(struct csn_store *store, struct csn_id app, struct csn_id id)
{
    return csn_store_experience_remove(store, app, id);
}

enum csn_status
csn_experience_get(const struct csn_sessions *sessions, struct csn_store *store, struct csn_id app,
                   struct csn_id id, struct csn_arena *arena, struct csn_experience *out)
{
    struct csn_experience_row row;
    enum csn_status status = csn_store_experience_get(store, app, id, arena, &row);
    if (status == CSN_OK)
        status = csn_experience_open(sessions, &app, &row, arena, out);
    if (status == CSN_OK)
        status = csn_experience_content_open(sessions, &app, &row, arena, &out->content);
    return status;
}

enum csn_status
csn_experience_list(const struct csn_sessions *sessions, struct csn_store *store, struct csn_id app,
                    struct csn_id after, struct csn_arena *arena, struct csn_experience *out,
                    size_t limit, size_t *count)
{
    CSN_ASSERT(limit <= CSN_PAGE_MAX);
    for (*count = 0; *count < limit; ++*count) {
        struct csn_experience_row row;
        size_t used = arena->used;
        enum csn_status status = csn_store_experience_next(store, app, after, arena, &row);
        if (status == CSN_OK)
            status = csn_experience_open(sessions, &app, &row, arena, &out[*count]);
        if (status != CSN_OK)
            return status == CSN_NOT_FOUND ? CSN_OK : status;
        after = row.id;
        /* Of a list only the name is shown: the rest makes room for the next one. */
        uint8_t name[CSN_NAME_MAX];
        struct csn_buffer kept = csn_buffer_over(name, sizeof name);
        csn_buffer_append(&kept, out[*count].name);
        arena->used = used;
        out[*count].rule = NULL;
        out[*count].name = csn_arena_copy(arena, csn_buffer_view(&kept));
    }
    return CSN_OK;
}
