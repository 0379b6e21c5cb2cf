/* The chain of the audit: hashed, written, read, checked. No store, no clock.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "countersign/audit.h"

#include <string.h>

#include "base/time.h"
#include "core/crypto.h"

#define DOMAIN_TAG "countersign audit 1\n"
#define TEXTS_MAX 1024 /* bytes of a row's texts, without `changed` */
#define ENCODED_MAX                                                                                \
    (sizeof DOMAIN_TAG + 11 * 8 + TEXTS_MAX + CSN_AUDIT_CHANGED_MAX + CSN_AUDIT_HASH)

/* --- the hash --- */

static void
encode_int(struct csn_buffer *out, int64_t value)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        csn_buffer_byte(out, (uint8_t)((uint64_t)value >> shift));
}

static void
encode_text(struct csn_buffer *out, struct csn_bytes text)
{
    encode_int(out, (int64_t)text.len);
    csn_buffer_append(out, text);
}

bool
csn_audit_hash(const struct csn_audit_record *record, uint8_t hash[CSN_AUDIT_HASH])
{
    uint8_t memory[ENCODED_MAX];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    csn_buffer_text(&out, DOMAIN_TAG);
    encode_text(&out, record->account);
    encode_int(&out, record->number);
    encode_int(&out, record->at_ms);
    encode_text(&out, record->request);
    encode_text(&out, record->api_key);
    encode_text(&out, record->api_key_name);
    encode_text(&out, record->operation);
    encode_text(&out, record->app);
    encode_text(&out, record->target);
    encode_text(&out, record->outcome);
    encode_text(&out, record->changed);
    csn_buffer_append(&out, csn_bytes_of(record->previous, sizeof record->previous));
    memset(hash, 0, CSN_AUDIT_HASH);
    if (out.overflowed)
        return false;
    csn_sha256(csn_buffer_view(&out), hash);
    return true;
}

/* --- as JSON --- */

static void
write_text(struct csn_json_writer *w, const char *name, struct csn_bytes text)
{
    csn_json_name(w, name);
    if (text.len > 0)
        csn_json_string(w, text);
    else
        csn_json_null(w);
}

static void
write_hash(struct csn_json_writer *w, const char *name, const uint8_t hash[CSN_AUDIT_HASH])
{
    char memory[2 * CSN_AUDIT_HASH];
    struct csn_buffer hex = csn_buffer_over(memory, sizeof memory);
    csn_buffer_hex(&hex, csn_bytes_of(hash, CSN_AUDIT_HASH));
    csn_json_member_string(w, name, csn_buffer_view(&hex));
}

void
csn_audit_write(const struct csn_audit_record *record, struct csn_json_writer *w)
{
    char memory[CSN_TIME_TEXT_LENGTH];
    struct csn_buffer time = csn_buffer_over(memory, sizeof memory);
    if (record->at_ms >= CSN_TIME_MIN_MS && record->at_ms <= CSN_TIME_MAX_MS)
        csn_time_write_rfc3339(record->at_ms, &time);
    csn_json_open_object(w);
    write_text(w, "account", record->account);
    csn_json_member_int(w, "number", record->number);
    write_text(w, "at", csn_buffer_view(&time));
    write_text(w, "request_id", record->request);
    write_text(w, "api_key", record->api_key);
    write_text(w, "api_key_name", record->api_key_name);
    write_text(w, "operation", record->operation);
    write_text(w, "app", record->app);
    write_text(w, "target", record->target);
    write_text(w, "outcome", record->outcome);
    csn_json_name(w, "changed");
    csn_json_raw(w, record->changed);
    write_hash(w, "previous", record->previous);
    write_hash(w, "hash", record->hash);
    csn_json_close_object(w);
}

/* Absent and null are "none"; anything else that is no text refuses. */
static bool
read_text(const struct csn_json_node *node, const char *name, struct csn_bytes *out)
{
    const struct csn_json_node *value = csn_json_get(node, name);
    *out = (struct csn_bytes){0};
    if (value == NULL || value->kind == CSN_JSON_NULL)
        return true;
    return csn_json_get_text(node, name, out);
}

static int
digit_of(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
read_hex(struct csn_bytes text, uint8_t hash[CSN_AUDIT_HASH])
{
    if (text.len != 2 * CSN_AUDIT_HASH)
        return false;
    for (size_t i = 0; i < CSN_AUDIT_HASH; i++) {
        int high = digit_of(text.ptr[2 * i]), low = digit_of(text.ptr[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        hash[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

static bool
read_changed(const struct csn_json_node *node, struct csn_arena *arena, struct csn_bytes *out)
{
    const struct csn_json_node *changed = csn_json_get(node, "changed");
    void *memory = csn_arena_alloc(arena, CSN_AUDIT_CHANGED_MAX);
    if (changed == NULL || memory == NULL)
        return false;
    struct csn_buffer text = csn_buffer_over(memory, CSN_AUDIT_CHANGED_MAX);
    struct csn_json_writer w = csn_json_writer_over(&text);
    csn_json_node(&w, changed);
    *out = csn_buffer_view(&text);
    return !text.overflowed;
}

bool
csn_audit_read(const struct csn_json_node *node, struct csn_arena *arena,
               struct csn_audit_record *out)
{
    struct csn_bytes at, previous, hash;
    *out = (struct csn_audit_record){0};
    return csn_json_get_int(node, "number", &out->number) && read_text(node, "at", &at) &&
           csn_time_read_rfc3339(at, &out->at_ms) == CSN_OK &&
           read_text(node, "account", &out->account) &&
           read_text(node, "request_id", &out->request) &&
           read_text(node, "api_key", &out->api_key) &&
           read_text(node, "api_key_name", &out->api_key_name) &&
           read_text(node, "operation", &out->operation) && read_text(node, "app", &out->app) &&
           read_text(node, "target", &out->target) && read_text(node, "outcome", &out->outcome) &&
           read_changed(node, arena, &out->changed) && read_text(node, "previous", &previous) &&
           read_hex(previous, out->previous) && read_text(node, "hash", &hash) &&
           read_hex(hash, out->hash);
}

/* --- checking --- */

const char *
csn_audit_fault_sentence(enum csn_audit_fault fault)
{
    switch (fault) {
    case CSN_AUDIT_SOUND: return "is sound";
    case CSN_AUDIT_CHANGED: return "was changed after it was written";
    case CSN_AUDIT_MISSING: return "is missing";
    case CSN_AUDIT_REORDERED: return "is out of order";
    case CSN_AUDIT_UNLINKED: return "does not follow from the row before it";
    case CSN_AUDIT_CUT_OFF: return "was noted and is cut off";
    case CSN_AUDIT_NOT_NOTED: return "is another one than was noted";
    }
    return "";
}

bool
csn_audit_note(struct csn_audit_chain *chain, struct csn_bytes text)
{
    size_t colon = csn_bytes_find(text, ':');
    int64_t number = 0;
    if (colon == text.len || csn_json_integer(csn_bytes_slice(text, 0, colon), &number) != CSN_OK ||
        number < 1 || !read_hex(csn_bytes_slice(text, colon + 1, text.len), chain->noted_hash))
        return false;
    chain->noted_number = number;
    return true;
}

static bool
fail(struct csn_audit_chain *chain, enum csn_audit_fault fault, int64_t number)
{
    chain->fault = fault;
    chain->fault_number = number;
    return false;
}

bool
csn_audit_add(struct csn_audit_chain *chain, const struct csn_audit_record *record)
{
    uint8_t hash[CSN_AUDIT_HASH];
    if (chain->fault != CSN_AUDIT_SOUND)
        return false;
    if (record->number <= chain->number)
        return fail(chain, CSN_AUDIT_REORDERED, record->number);
    if (record->number != chain->number + 1)
        return fail(chain, CSN_AUDIT_MISSING, chain->number + 1);
    if (!csn_audit_hash(record, hash) || memcmp(hash, record->hash, sizeof hash) != 0)
        return fail(chain, CSN_AUDIT_CHANGED, record->number);
    if (memcmp(record->previous, chain->hash, sizeof chain->hash) != 0)
        return fail(chain, CSN_AUDIT_UNLINKED, record->number);
    if (record->number == chain->noted_number && memcmp(hash, chain->noted_hash, sizeof hash) != 0)
        return fail(chain, CSN_AUDIT_NOT_NOTED, record->number);
    chain->number = record->number;
    memcpy(chain->hash, hash, sizeof chain->hash);
    return true;
}

bool
csn_audit_end(struct csn_audit_chain *chain)
{
    if (chain->fault == CSN_AUDIT_SOUND && chain->noted_number > chain->number)
        return fail(chain, CSN_AUDIT_CUT_OFF, chain->number + 1);
    return chain->fault == CSN_AUDIT_SOUND;
}
