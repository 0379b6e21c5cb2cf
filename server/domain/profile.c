/* Profiles, the part that lasts. See profile.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/profile.h"

#include "base/panic.h"
#include "server/domain/id.h"
#include "server/domain/session_keys.h"
#include "server/store/profile_rows.h"

static const char seal_kind[] = "profile";

/* --- reading --- */

static enum csn_status
open_document(const struct csn_sessions *sessions, const struct csn_id *app,
              const struct csn_customer_row *customer, struct csn_bytes sealed,
              struct csn_arena *arena, const struct csn_json_node **out)
{
    void *memory = csn_arena_alloc(arena, sealed.len);
    if (memory == NULL)
        return CSN_NO_SPACE;
    struct csn_buffer text = csn_buffer_over(memory, sealed.len);
    enum csn_status status = csn_customer_open(sessions, app, customer, seal_kind, sealed, &text);
    if (status != CSN_OK)
        return status;
    status = csn_json_parse(csn_buffer_view(&text), arena, out);
    return status == CSN_INVALID ? CSN_CRYPTO : status; /* we wrote it */
}

static void
fill(const struct csn_sessions *sessions, const struct csn_id *app,
     const struct csn_json_node *document, struct csn_profile *out)
{
    uint8_t folded[CSN_EMAIL_MAX];
    out->email = (struct csn_bytes){0};
    out->contact = (struct csn_id){0};
    out->properties = csn_json_get(document, "properties");
    if (csn_json_get_text(document, "email", &out->email))
        csn_contact_id(sessions, app, csn_email_fold(out->email, folded), &out->contact);
}

enum csn_status
csn_profile_get(const struct csn_sessions *sessions, struct csn_store *store, struct csn_id app,
                struct csn_id customer, struct csn_arena *arena, struct csn_profile *out)
{
    *out = (struct csn_profile){0};
    struct csn_customer_row owner;
    struct csn_profile_row row;
    enum csn_status status = csn_store_customer_get(store, app, customer, &owner);
    if (status == CSN_OK)
        status = csn_store_profile_get(store, app, customer, arena, &row);
    if (status == CSN_OK && owner.key_sealed_len == 0)
        return CSN_NOT_FOUND; /* it was erased */
    if (status != CSN_OK || row.version == 0)
        return status;
    const struct csn_json_node *document = NULL;
    status = open_document(sessions, &app, &owner, row.sealed, arena, &document);
    if (status != CSN_OK)
        return status;
    out->version = row.version;
    out->changed_ms = row.changed_ms;
    fill(sessions, &app, document, out);
    return CSN_OK;
}

/* --- changing --- */

/* The same JSON as csn_profile_merge writes of nothing laid over it: to be compared with. */
static struct csn_json_node
document_of(const struct csn_profile *profile, struct csn_json_node parts[2])
{
    struct csn_json_node root = {.kind = CSN_JSON_OBJECT};
    struct csn_json_node **tail = &root.first;
    if (profile->email.len > 0) {
        parts[0] = (struct csn_json_node){
            .kind = CSN_JSON_STRING, .name = csn_bytes_text("email"), .text = profile->email};
        *tail = &parts[0];
        tail = &parts[0].next;
    }
    if (profile->properties != NULL) {
        parts[1] = *profile->properties;
        parts[1].next = NULL;
        *tail = &parts[1];
    }
    return root;
}

static enum csn_status
write_row(const struct csn_sessions *sessions, struct csn_store *store, const struct csn_id *app,
          const struct csn_customer_row *owner, struct csn_bytes document,
          const struct csn_profile *profile)
{
    uint8_t folded[CSN_EMAIL_MAX], memory[CSN_PROFILE_MAX + CSN_SEAL_OVERHEAD];
    struct csn_buffer sealed = csn_buffer_over(memory, sizeof memory);
    enum csn_status status = csn_customer_seal(sessions, app, owner, seal_kind, document, &sealed);
    if (status != CSN_OK)
        return status;
    struct csn_profile_row row = {.version = profile->version,
                                  .has_email = profile->email.len > 0,
                                  .sealed = csn_buffer_view(&sealed),
                                  .changed_ms = profile->changed_ms};
    if (row.has_email)
        csn_email_hash(sessions, app, csn_email_fold(profile->email, folded), row.email_hash);
    return csn_store_profile_put(store, *app, owner->id, &row);
}

enum csn_status
csn_profile_patch(const struct csn_sessions *sessions, struct csn_store *store, struct csn_id app,
                  struct csn_id customer, const struct csn_json_node *patch,
                  struct csn_arena *arena, struct csn_profile *profile, int64_t now_ms)
{
    static const struct csn_json_node nothing = {.kind = CSN_JSON_OBJECT};
    uint8_t *memory = csn_arena_alloc(arena, 2 * CSN_PROFILE_MAX);
    struct csn_json_node parts[2] = {0};
    struct csn_json_node old = document_of(profile, parts);
    struct csn_customer_row owner;
    if (memory == NULL)
        return CSN_NO_SPACE;
    struct csn_buffer before = csn_buffer_over(memory, CSN_PROFILE_MAX);
    struct csn_buffer after = csn_buffer_over(memory + CSN_PROFILE_MAX, CSN_PROFILE_MAX);
    enum csn_status status = csn_profile_merge(&old, &nothing, &before);
    if (status == CSN_OK)
        status = csn_profile_merge(&old, patch, &after);
    if (status == CSN_OK)
        status = csn_store_customer_get(store, app, customer, &owner);
    if (status != CSN_OK || csn_bytes_equal(csn_buffer_view(&before), csn_buffer_view(&after)))
        return status;
    const struct csn_json_node *document = NULL;
    status = csn_json_parse(csn_buffer_view(&after), arena, &document);
    if (status != CSN_OK)
        return status == CSN_INVALID ? CSN_TOO_LARGE : status; /* beyond what JSON we read */
    fill(sessions, &app, document, profile);
    profile->version++;
    profile->changed_ms = now_ms;
    return write_row(sessions, store, &app, &owner, csn_buffer_view(&after), profile);
}

/* --- searching --- */

enum csn_status
csn_profile_find(const struct csn_sessions *sessions, struct csn_store *store, struct csn_id app,
                 struct csn_bytes email, struct csn_id after, struct csn_customer_info *out,
                 size_t limit, size_t *count)
{
    CSN_ASSERT(limit <= CSN_PAGE_MAX);
    uint8_t folded[CSN_EMAIL_MAX], hash[CSN_NAME_HASH];
    *count = 0;
    if (!csn_email_valid(email))
        return CSN_OK;
    csn_email_hash(sessions, &app, csn_email_fold(email, folded), hash);
    while (*count < limit) {
        enum csn_status status = csn_store_profile_next(store, app, hash, after, &after);
        if (status == CSN_OK)
            status = csn_customer_get(sessions, store, app, after, &out[*count]);
        if (status != CSN_OK)
            return status == CSN_NOT_FOUND ? CSN_OK : status;
        ++*count;
    }
    return CSN_OK;
}
