/* Several mistakes at once: the root cause stands first, as a developer meets them from outside in.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <string.h>

#define OF(code) .first = CSN_FINDING_##code
#define BY(code) .reason = CSN_REASON_##code
#define MILLISECONDS "{'sub':'u','iat':@ms+0,'exp':@ms+900}"

static void
wrap(struct scene *s, const struct row *row)
{
    uint8_t memory[4096];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    size_t front = strcspn(row->with, "\f");
    csn_buffer_append(&out, csn_bytes_of(row->with, front));
    csn_buffer_append(&out, scene_token(s));
    csn_buffer_text(&out, row->with + front + 1);
    scene_replace(s, csn_buffer_view(&out));
}

static void
revoke_customer(struct scene *s, const struct row *row)
{
    (void)row;
    s->request.revoked = s->request.revoked_customer = true;
}

static void
revoke(struct scene *s, const struct row *row)
{
    (void)row;
    s->request.revoked = true;
}

static void
name_key_like_session(struct scene *s, const struct row *row)
{
    (void)row;
    s->keys[OWN].key.kid = csn_bytes_text("countersign-session");
}

static const struct row combination_rows[] = {
    {.name = "revoked", OF(REVOKED), BY(REVOKED), .stage = revoke, .count = 1},
    {.name = "all of its customer revoked",
     OF(REVOKED),
     BY(REVOKED),
     .stage = revoke_customer,
     .seen = "genuine, and",
     .fix = "logs in again"},
    {.name = "revoked by itself, without iat",
     OF(REVOKED),
     BY(REVOKED),
     .stage = revoke,
     .claims = "{'sub':'u','exp':@+900}",
     .fix = "logs in again"},
    {.name = "all of its customer revoked, without iat",
     OF(REVOKED),
     BY(REVOKED),
     .stage = revoke_customer,
     .claims = "{'sub':'u','exp':@+900}",
     .seen = "no iat",
     .fix = "iat: Math.floor(Date.now() / 1000)",
     .count = 1},
    {.name = "all of its customer revoked, without iat, under a longest lifetime",
     OF(REVOKED),
     BY(REVOKED),
     .stage = revoke_customer,
     .policy = "{'preset':'generic','lifetime_max_s':7200}",
     .claims = "{'sub':'u','exp':@+900}",
     .why = "2 h (the policy's lifetime_max_s) before exp",
     .seen = "no iat"},
    {.name = "all of its customer revoked, without iat and exp",
     OF(REVOKED),
     BY(REVOKED),
     .stage = revoke_customer,
     .policy = "{'preset':'generic','required':['sub']}",
     .claims = "{'sub':'u'}",
     .why = "Without iat and exp",
     .seen = "no iat"},
    {.name = "revoked, and expired by now",
     OF(EXPIRED),
     BY(EXPIRED),
     .stage = revoke,
     .claims = "{'sub':'u','exp':@-4000}"},
    {.name = "a session token of ours",
     OF(SESSION_TOKEN),
     BY(SIGNATURE_INVALID),
     .header = "{'alg':'HS256','typ':'JWT','kid':'countersign-session'}",
     .used = LIT("a key of the server's own, for its session"),
     .count = 1},
    {.name = "a session token of ours, where only RS256 is due",
     OF(SESSION_TOKEN),
     BY(ALGORITHM_NOT_ALLOWED),
     .policy = "{'algorithms':['RS256'],'identity':['sub']}",
     .header = "{'alg':'HS256','typ':'JWT','kid':'countersign-session'}",
     .algorithm = CSN_HS256,
     .count = 1},
    {.name = "a key is named as our session tokens are",
     OF(KEY_UNKNOWN),
     BY(SIGNATURE_INVALID),
     .stage = name_key_like_session,
     .header = "{'alg':'HS256','typ':'JWT','kid':'countersign-session'}",
     .used = LIT("a key that nobody knows, whoever asks for it")},
    {.name = "no mistake at all", OF(ACCEPTED), BY(ACCEPTED), .accepted_too = true},
    {.name = "Bearer, a line end and milliseconds",
     OF(BEARER_PREFIX),
     BY(MALFORMED),
     .claims = MILLISECONDS,
     .mangle = wrap,
     .with = "Bearer \f\n"},
    {.name = "JSON, Bearer and an expired token",
     OF(JSON_BODY),
     BY(MALFORMED),
     .claims = "{'sub':'u','exp':@-4000}",
     .mangle = wrap,
     .with = "{\"token\":\"Bearer \f\"}"},
    {.name = "quotes and the wrong secret",
     OF(QUOTED_TOKEN),
     BY(MALFORMED),
     .mangle = wrap,
     .with = "\"\f\"",
     .used = LIT("nobody has ever seen this secret before")},
    {.name = "another app's secret and milliseconds",
     OF(KEY_OF_OTHER_APP),
     BY(SIGNATURE_INVALID),
     .claims = MILLISECONDS,
     .used = LIT(OTHER_SECRET)},
    {.name = "a secret with a line end, and expired",
     OF(SECRET_WHITESPACE),
     BY(SIGNATURE_INVALID),
     .claims = "{'sub':'u','exp':@-4000}",
     .used = LIT(SECRET "\n")},
    {.name = "milliseconds and no sub",
     OF(CLAIM_MISSING),
     BY(CLAIM_MISSING),
     .claims = "{'iat':@ms+0,'exp':@ms+900}"},
    {.name = "a placeholder for iss and milliseconds",
     OF(PLACEHOLDER),
     BY(TIME_IN_MILLISECONDS),
     .policy = "{'preset':'generic','issuer':'4242'}",
     .claims = "{'sub':'u','iss':'<Issuer>','iat':@ms+0,'exp':@ms+900}"},
    {.name = "a wrong kid inside quotes",
     OF(QUOTED_TOKEN),
     BY(MALFORMED),
     .mangle = wrap,
     .with = "\"\f\"",
     .header = "{'alg':'HS256','kid':'key-2'}"},
    {.name = "HS512 for HS256, and expired",
     OF(HMAC_HASH_DIFFERS),
     BY(ALGORITHM_NOT_ALLOWED),
     .algorithm = CSN_HS512,
     .claims = "{'sub':'u','exp':@-4000}"},
};
const struct table combination_table = TABLE(combination_rows);
