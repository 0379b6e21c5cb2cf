/* SPDX-License-Identifier: Apache-2.0
 * Every one-character change of a good token is refused, exhaustively: each place, each of the 255
 * other bytes; each place with a character too many; each place with one too few; each cut. */
#include "world.h"

#include <string.h>

#define PAYLOAD "{\"sub\":\"user-1001\",\"iat\":1767311995,\"exp\":1767312900}"

struct good {
    uint8_t bytes[512];
    size_t len;
};

static struct world *
open_with(const char *policy, const struct world_key *key, const char *header, struct good *good)
{
    struct world *w = world_open(policy);
    size_t at = world_add_key(w, *key);
    world_sign(w, at, header, PAYLOAD);
    world_expect(w, "the good one", CSN_REASON_ACCEPTED);
    memcpy(good->bytes, w->token, w->token_len);
    good->len = w->token_len;
    return w;
}

static void
refuse(struct world *w, const uint8_t *bytes, size_t len, const char *what, size_t at)
{
    w->presented.token = csn_bytes_of(bytes, len);
    if (world_judge(w) == CSN_REASON_ACCEPTED)
        fail_msg("%s at %zu was accepted", what, at);
}

static void
refuses_each_change(const char *policy, const struct world_key *key, const char *header)
{
    static struct good good;
    static uint8_t changed[sizeof good.bytes + 1];
    struct world *w = open_with(policy, key, header, &good);
    for (size_t at = 0; at < good.len; at++) {
        memcpy(changed, good.bytes, good.len);
        for (unsigned c = 0; c < 256; c++) {
            changed[at] = (uint8_t)c;
            if (c != good.bytes[at])
                refuse(w, changed, good.len, "another character", at);
        }
    }
    for (size_t at = 0; at <= good.len; at++) {
        memcpy(changed, good.bytes, at);
        memcpy(changed + at + 1, good.bytes + at, good.len - at);
        for (unsigned c = 0; c < 256; c++) {
            changed[at] = (uint8_t)c;
            refuse(w, changed, good.len + 1, "one more character", at);
        }
    }
    for (size_t at = 0; at < good.len; at++) {
        memcpy(changed, good.bytes, at);
        memcpy(changed + at, good.bytes + at + 1, good.len - at - 1);
        refuse(w, changed, good.len - 1, "one character less", at);
        refuse(w, good.bytes, at, "a cut", at);
    }
    for (size_t at = 0; at + 1 < good.len; at++) {
        memcpy(changed, good.bytes, good.len);
        changed[at] = good.bytes[at + 1];
        changed[at + 1] = good.bytes[at];
        if (changed[at] != changed[at + 1])
            refuse(w, changed, good.len, "two characters swapped", at);
    }
    world_close(w);
}

static void
refuses_every_one_character_change_of_an_hs256_token(void **state)
{
    (void)state;
    refuses_each_change(GENERIC, &hs256_key, "{\"alg\":\"HS256\",\"typ\":\"JWT\"}");
}

static void
refuses_every_one_character_change_of_an_es256_token(void **state)
{
    (void)state;
    refuses_each_change("{\"algorithms\":[\"ES256\"]}", &es256_key, "{\"alg\":\"ES256\"}");
}

static void
refuses_every_one_character_change_of_an_eddsa_token(void **state)
{
    (void)state;
    refuses_each_change("{\"algorithms\":[\"EdDSA\"]}", &eddsa_key, "{\"alg\":\"EdDSA\"}");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_every_one_character_change_of_an_hs256_token),
        cmocka_unit_test(refuses_every_one_character_change_of_an_es256_token),
        cmocka_unit_test(refuses_every_one_character_change_of_an_eddsa_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
