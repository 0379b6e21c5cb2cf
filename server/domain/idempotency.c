/* Kept answers: sealed, opened, found. See idempotency.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/idempotency.h"

#include <string.h>

#include "core/crypto.h"
#include "server/domain/vault.h"
#include "server/store/idempotency_rows.h"

#define BOUND (32 + 32) /* bytes in front of the answer: name and request */

/* Each part is hashed by itself, so that no two requests give the same text. */
void
csn_idempotency_of(struct csn_idempotent *out, struct csn_bytes key, unsigned method,
                   struct csn_bytes path, struct csn_bytes query, struct csn_bytes body)
{
    uint8_t parts[1 + 3 * 32] = {(uint8_t)method};
    csn_sha256(path, parts + 1);
    csn_sha256(query, parts + 33);
    csn_sha256(body, parts + 65);
    csn_sha256(csn_bytes_of(parts, sizeof parts), out->request);
    csn_sha256(key, out->name);
}

static struct csn_vault_place
place_of(const struct csn_idempotent *of)
{
    return (struct csn_vault_place){.kind = "idempotency", .app = of->account, .row = of->api_key};
}

static struct csn_idempotency_row
row_of(const struct csn_idempotent *of)
{
    struct csn_idempotency_row row = {
        .account = of->account, .api_key = of->api_key, .customer = of->customer};
    memcpy(row.name, of->name, sizeof row.name);
    memcpy(row.request, of->request, sizeof row.request);
    return row;
}

/* Out: *answer. A blob that was moved here from another row does not say this name. */
static enum csn_status
open_answer(const struct csn_registry *registry, const struct csn_idempotent *of,
            struct csn_arena *arena, struct csn_bytes sealed, struct csn_bytes *answer)
{
    void *memory = csn_arena_alloc(arena, sealed.len);
    struct csn_buffer text = csn_buffer_over(memory, memory != NULL ? sealed.len : 0);
    struct csn_vault_place place = place_of(of);
    enum csn_status status = csn_vault_open(csn_registry_vault(registry), &place, sealed, &text);
    if (status != CSN_OK)
        return status;
    if (text.len < BOUND || memcmp(text.ptr, of->name, 32) != 0 ||
        memcmp(text.ptr + 32, of->request, 32) != 0)
        return CSN_CRYPTO;
    *answer = csn_bytes_slice(csn_buffer_view(&text), BOUND, text.len);
    return CSN_OK;
}

enum csn_status
csn_idempotency_find(const struct csn_registry *registry, struct csn_store *store,
                     const struct csn_idempotent *of, struct csn_arena *arena,
                     struct csn_bytes *answer, int64_t now_ms)
{
    *answer = (struct csn_bytes){0};
    struct csn_idempotency_row row = row_of(of);
    enum csn_status status = csn_store_idempotency_get(store, arena, &row);
    if (status != CSN_OK)
        return status;
    if (row.expires_ms <= now_ms)
        return CSN_NOT_FOUND;
    if (memcmp(row.request, of->request, sizeof row.request) != 0)
        return CSN_CONFLICT;
    return open_answer(registry, of, arena, row.answer, answer);
}

/* Out: *sealed, in the arena. */
static enum csn_status
seal_answer(const struct csn_registry *registry, const struct csn_random *random,
            const struct csn_idempotent *of, struct csn_bytes answer, struct csn_arena *arena,
            struct csn_bytes *sealed)
{
    size_t len = BOUND + answer.len;
    uint8_t *plain = csn_arena_alloc(arena, len);
    uint8_t *memory = csn_arena_alloc(arena, len + CSN_VAULT_OVERHEAD);
    if (plain == NULL || memory == NULL)
        return CSN_NO_SPACE;
    memcpy(plain, of->name, 32);
    memcpy(plain + 32, of->request, 32);
    memcpy(plain + BOUND, answer.ptr, answer.len);
    struct csn_buffer out = csn_buffer_over(memory, len + CSN_VAULT_OVERHEAD);
    struct csn_vault_place place = place_of(of);
    enum csn_status status = csn_vault_seal(csn_registry_vault(registry), random, &place,
                                            csn_bytes_of(plain, len), &out);
    csn_wipe(plain, len);
    *sealed = csn_buffer_view(&out);
    return status;
}

enum csn_status
csn_idempotency_keep(const struct csn_registry *registry, struct csn_store *store,
                     const struct csn_random *random, const struct csn_idempotent *of,
                     struct csn_bytes answer, struct csn_arena *arena, int64_t now_ms)
{
    if (answer.len > CSN_IDEMPOTENCY_ANSWER_MAX)
        return CSN_NO_SPACE;
    size_t used = arena->used;
    struct csn_idempotency_row row = row_of(of);
    row.expires_ms = now_ms + CSN_IDEMPOTENCY_KEPT_MS;
    enum csn_status status = seal_answer(registry, random, of, answer, arena, &row.answer);
    if (status == CSN_OK)
        status = csn_store_idempotency_put(store, &row, CSN_IDEMPOTENCY_PER_ACCOUNT_MAX);
    arena->used = used;
    return status;
}

enum csn_status
csn_idempotency_purge(struct csn_store *store, unsigned limit, uint64_t *dropped, int64_t now_ms)
{
    return csn_store_idempotency_purge(store, now_ms, limit, dropped);
}
