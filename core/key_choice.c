/* The choice of keys (RFC 7515 §4.1.4, RFC 8725 §3.1).
 *
 *   token has a kid   a key of the ring declares one   then
 *   yes               yes                              that very key, or refuse
 *   yes               no                               as if it had none
 *   no                -                                every key in use of its algorithm, at most 8
 *
 * A kid that names no key never falls back to another key.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/key_choice.h"

static bool
ring_declares_ids(const struct csn_keyring *ring)
{
    for (size_t i = 0; i < ring->count; i++)
        if (ring->keys[i].kid.ptr != NULL)
            return true;
    return false;
}

static bool
expired(const struct csn_key *key, int64_t now_ms)
{
    return key->expires_ms != 0 && now_ms >= key->expires_ms;
}

static bool
in_use(const struct csn_key *key, int64_t now_ms)
{
    return (key->state == CSN_KEY_ACTIVE || key->state == CSN_KEY_RETIRING) &&
           !expired(key, now_ms);
}

static enum csn_reason
choose_named(const struct csn_keyring *ring, const struct csn_header *header, int64_t now_ms,
             struct csn_candidates *out)
{
    const struct csn_key *found = NULL;
    for (size_t i = 0; found == NULL && i < ring->count; i++) {
        const struct csn_key *key = &ring->keys[i];
        if (key->kid.ptr != NULL && csn_bytes_equal(key->kid, header->kid))
            found = key;
    }
    if (found == NULL || found->state == CSN_KEY_STATE_UNSET || found->state == CSN_KEY_STANDBY)
        return CSN_REASON_KEY_UNKNOWN;
    if (!in_use(found, now_ms))
        return CSN_REASON_KEY_RETIRED;
    /* the key chooses the algorithm; the token may only agree (RFC 8725 §3.1) */
    if (found->algorithm != header->algorithm)
        return CSN_REASON_ALGORITHM_MISMATCH;
    out->key[out->count++] = found;
    return CSN_REASON_ACCEPTED;
}

enum csn_reason
csn_key_choose(const struct csn_keyring *ring, const struct csn_header *header, bool kid_required,
               int64_t now_ms, struct csn_candidates *out)
{
    out->count = 0;
    if (!header->has_kid && kid_required)
        return CSN_REASON_KEY_UNKNOWN;
    if (header->has_kid && ring_declares_ids(ring))
        return choose_named(ring, header, now_ms, out);
    for (size_t i = 0; i < ring->count && out->count < CSN_KEYS_TRIED_MAX; i++) {
        const struct csn_key *key = &ring->keys[i];
        if (key->algorithm == header->algorithm && in_use(key, now_ms))
            out->key[out->count++] = key;
    }
    return out->count > 0 ? CSN_REASON_ACCEPTED : CSN_REASON_NO_KEY;
}
