/* Experiences, who sees which. See experiences.h.
 *
 * Each enabled one is opened in a scratch memory of its own and judged; what matched is opened as a
 * whole at the end. Profile and events are read at the first rule that speaks of them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/experience_parts.h"
#include "server/domain/id.h"
#include "server/domain/profile.h"
#include "server/store/session_rows.h"

#define SCRATCH_MAX 98304 /* bytes: one definition with its tree; one row with its content */

struct selecting {
    const struct csn_sessions *sessions;
    struct csn_store *store;
    const struct csn_experience_reader *reader;
    struct csn_arena *arena, scratch;
    struct csn_experiences_shown *out;
    int64_t now_ms;
    bool has_profile, has_events;
    struct csn_id origin;  /* the linked one asked about last, and … */
    bool is_origin_proven; /* … whether a proof linked it, or a person */
    struct csn_rule_facts facts;
    struct csn_rule rule;
    enum csn_status status; /* CSN_OK until something fails */
};

/* --- what a rule may speak of --- */

static enum csn_status
know_profile(struct selecting *s)
{
    struct csn_profile profile;
    if (s->has_profile)
        return CSN_OK;
    s->has_profile = true;
    enum csn_status status = csn_profile_get(s->sessions, s->store, s->reader->app,
                                             s->reader->customer, s->arena, &profile);
    s->facts.properties = profile.properties;
    return status;
}

/* Appends the member "name" of an event's body. Returns: it has one that a rule could name. */
static bool
append_name(struct csn_bytes body, struct csn_buffer *names)
{
    struct csn_json_names scratch;
    struct csn_json_reader reader;
    struct csn_json_item item;
    csn_json_reader_init(&reader, body, &scratch);
    size_t start = names->len;
    while (csn_json_next(&reader, &item) != CSN_JSON_INVALID && item.kind != CSN_JSON_END) {
        if (item.depth != 1 || !item.named || item.kind != CSN_JSON_STRING ||
            !csn_json_text_is(item.name, csn_bytes_text("name")))
            continue;
        csn_json_text_append(item.text, names);
        if (!names->overflowed && names->len - start <= CSN_RULE_NAME_MAX)
            return true;
        names->len = start;
        names->overflowed = false;
        return false;
    }
    return false;
}

/* Out: s->is_origin_proven of what that anonymous one brought. */
static enum csn_status
know_origin(struct selecting *s, const struct csn_id *origin)
{
    struct csn_link_row link;
    if (csn_id_equal(&s->origin, origin))
        return CSN_OK;
    enum csn_status status = csn_store_link_get(s->store, s->reader->app, *origin, &link);
    if (status == CSN_UNAVAILABLE)
        return status;
    s->origin = *origin;
    s->is_origin_proven = status == CSN_OK && link.cause != CSN_ASSURANCE_CLAIMED;
    return CSN_OK;
}

/* What a claim's login brought with it is no event of the customer; nor is what a claim appended,
 * which is not even read: it must not push the customer's own out of the newest. */
static enum csn_status
judge_event(struct selecting *s, const struct csn_read_item *item, bool *counts)
{
    *counts = item->kind == CSN_ITEM_EVENT && item->direction == CSN_UP;
    if (!*counts || !item->unverified)
        return CSN_OK;
    enum csn_status status = know_origin(s, &item->origin);
    *counts = s->is_origin_proven;
    return status;
}

static enum csn_status
take_events(struct selecting *s, const struct csn_read_out *read, struct csn_rule_event *events,
            struct csn_buffer *names)
{
    for (size_t i = 0; i < read->count && s->facts.event_count < CSN_RULE_EVENTS_MAX; i++) {
        const struct csn_read_item *item = &read->items[i];
        size_t start = names->len;
        bool counts = false;
        enum csn_status status = judge_event(s, item, &counts);
        if (status != CSN_OK)
            return status;
        if (!counts || !append_name(item->body, names))
            continue;
        events[s->facts.event_count++] = (struct csn_rule_event){
            .name = csn_bytes_slice(csn_buffer_view(names), start, names->len),
            .at_ms = item->created_ms < item->received_ms ? item->created_ms : item->received_ms};
    }
    return CSN_OK;
}

static enum csn_status
know_events(struct selecting *s)
{
    if (s->has_events)
        return CSN_OK;
    s->has_events = true;
    size_t cap = CSN_RULE_EVENTS_MAX * (CSN_RULE_NAME_MAX / 2);
    struct csn_rule_event *events = csn_arena_alloc(s->arena, CSN_RULE_EVENTS_MAX * sizeof *events);
    void *memory = csn_arena_alloc(s->arena, cap);
    if (events == NULL || memory == NULL)
        return CSN_NO_SPACE;
    struct csn_buffer names = csn_buffer_over(memory, cap);
    struct csn_read_in in = {.app = s->reader->app,
                             .customer = s->reader->customer,
                             .view = csn_view_of(s->reader->assurance),
                             .backwards = true,
                             .unclaimed = true,
                             .limit = CSN_EXPERIENCES_ITEMS_MAX};
    s->facts.events = events;
    size_t used = s->arena->used;
    for (size_t left = CSN_EXPERIENCES_ITEMS_MAX; left > 0;) {
        struct csn_read_out read;
        in.limit = left;
        enum csn_status status = csn_log_read(s->sessions, s->store, &in, s->arena, &read);
        if (status == CSN_OK)
            status = take_events(s, &read, events, &names);
        s->arena->used = used;
        if (status != CSN_OK || !read.more || read.count == 0)
            return status;
        left -= read.count < left ? read.count : left;
        in.before = read.cursor;
    }
    return CSN_OK;
}

/* --- one experience --- */

static void
append_id(struct csn_buffer *out, const struct csn_id *id)
{
    csn_buffer_append(out, csn_id_view(id));
    csn_buffer_byte(out, '.');
}

/* Out: *again, it may be shown (again). */
static enum csn_status
judge_frequency(struct selecting *s, const struct csn_experience *experience, bool *again)
{
    const struct csn_experience_reader *reader = s->reader;
    bool by_session = experience->frequency == CSN_FREQUENCY_SESSION;
    char memory[2 * (CSN_ID_LENGTH + 1)];
    struct csn_buffer prefix = csn_buffer_over(memory, sizeof memory);
    bool found = false;
    *again = true;
    /* Whether the customer saw it is the customer's own: a claim does not learn it. */
    if (csn_view_of(reader->assurance) != CSN_VIEW_LOG ||
        experience->frequency == CSN_FREQUENCY_ALWAYS ||
        (by_session && csn_id_is_none(&reader->session)))
        return CSN_OK;
    append_id(&prefix, &experience->id);
    if (by_session)
        append_id(&prefix, &reader->session);
    struct csn_outcome_query query = {.customer = reader->customer,
                                      .prefix = csn_buffer_view(&prefix),
                                      .kind = CSN_ITEM_EXPERIENCE,
                                      .direction = CSN_UP,
                                      .proven_only = reader->assurance == CSN_ASSURANCE_VERIFIED};
    enum csn_status status = csn_store_experience_outcome(s->store, reader->app, &query, &found);
    *again = !found;
    return status;
}

static enum csn_status
judge(struct selecting *s, const struct csn_experience *experience, bool *shown)
{
    struct csn_rule_fault fault;
    enum csn_status status = CSN_OK;
    *shown = false;
    if (!csn_rule_read(experience->rule, &s->rule, &fault))
        return CSN_CRYPTO; /* it was valid when it was kept */
    bool speaks_of_customer = s->rule.needs_profile || s->rule.needs_events;
    if (speaks_of_customer && !csn_may(s->reader->assurance, CSN_RIGHT_PROFILE))
        return CSN_OK;
    if (s->rule.needs_profile)
        status = know_profile(s);
    if (status == CSN_OK && s->rule.needs_events)
        status = know_events(s);
    if (status != CSN_OK || !csn_rule_matches(&s->rule, &s->facts, s->now_ms))
        return status;
    return judge_frequency(s, experience, shown);
}

static bool
look_at(void *state, const struct csn_experience_row *row)
{
    struct selecting *s = state;
    struct csn_experience experience;
    bool shown = false;
    s->scratch.used = 0;
    s->status = csn_experience_open(s->sessions, &s->reader->app, row, &s->scratch, &experience);
    if (s->status == CSN_OK)
        s->status = judge(s, &experience, &shown);
    if (s->status != CSN_OK)
        return false;
    if (shown) {
        experience.name = (struct csn_bytes){0};
        experience.rule = NULL;
        s->out->all[s->out->count++] = experience;
    }
    return s->out->count < CSN_EXPERIENCES_SHOWN_MAX;
}

/* --- all --- */

/* Opens the contents, as many as fit; the rest is asked for again when these were shown. */
static enum csn_status
open_contents(struct selecting *s)
{
    size_t bytes = 0;
    for (size_t i = 0; i < s->out->count; i++) {
        struct csn_experience *experience = &s->out->all[i];
        struct csn_experience_row row;
        s->scratch.used = 0;
        enum csn_status status =
            csn_store_experience_get(s->store, s->reader->app, experience->id, &s->scratch, &row);
        if (status != CSN_OK)
            return status;
        bytes += row.content.len - CSN_SEAL_OVERHEAD;
        if (i > 0 && bytes > CSN_EXPERIENCES_SHOWN_BYTES) {
            s->out->count = i;
            return CSN_OK;
        }
        status = csn_experience_content_open(s->sessions, &s->reader->app, &row, s->arena,
                                             &experience->content);
        if (status != CSN_OK)
            return status;
    }
    return CSN_OK;
}

enum csn_status
csn_experiences_select(const struct csn_sessions *sessions, struct csn_store *store,
                       const struct csn_experience_reader *reader, struct csn_arena *arena,
                       struct csn_experiences_shown *out, int64_t now_ms)
{
    *out = (struct csn_experiences_shown){0};
    void *memory = csn_arena_alloc(arena, SCRATCH_MAX);
    struct selecting *s = csn_arena_alloc(arena, sizeof *s);
    if (memory == NULL || s == NULL)
        return CSN_NO_SPACE;
    *s = (struct selecting){.sessions = sessions,
                            .store = store,
                            .reader = reader,
                            .arena = arena,
                            .scratch = csn_arena_over(memory, SCRATCH_MAX),
                            .out = out,
                            .now_ms = now_ms,
                            .facts = {.device = reader->device, .assurance = reader->assurance},
                            .status = CSN_OK};
    enum csn_status status =
        csn_store_experience_each_shown(store, reader->app, now_ms, look_at, s);
    if (status == CSN_OK)
        status = s->status;
    return status == CSN_OK ? open_contents(s) : status;
}
