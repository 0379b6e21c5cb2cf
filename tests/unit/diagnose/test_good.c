/* Nothing is held against a good token; and what the judge refuses for is always named, on either
 * side of every edge of time.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <string.h>

#define X51 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define GOOD(title) .name = title, .first = CSN_FINDING_ACCEPTED

static void
with_kids(struct scene *s, const struct row *row)
{
    (void)row;
    for (size_t i = 0; i < s->key_count; i++)
        s->keys[i].key.kid = s->keys[i].label;
}

static void
retiring(struct scene *s, const struct row *row)
{
    (void)row;
    s->keys[OWN].key.state = CSN_KEY_RETIRING;
    s->keys[OWN].key.expires_ms = NOW_MS + 1;
}

static void
expect_identity(struct scene *s, const struct row *row)
{
    s->request.expected_identity = csn_bytes_text(row->with);
}

static void
the_same_twice(struct scene *s, const struct row *row)
{
    (void)row;
    s->request.second = scene_token(s);
}

static void
expect_nonce(struct scene *s, const struct row *row)
{
    s->request.expected_nonce = csn_bytes_text(row->with);
}

/* It was used, says the list; but it is the one that the caller expects. */
static void
expect_known_nonce(struct scene *s, const struct row *row)
{
    expect_nonce(s, row);
    s->nonces[0] = (struct csn_diagnosis_nonce){.nonce = csn_bytes_text(row->with)};
    s->nonce_count = 1;
}

static void
know_nonce(struct scene *s, const struct row *row)
{
    s->nonces[0] = (struct csn_diagnosis_nonce){
        .nonce = csn_bytes_text(row->with), .issued_ms = NOW_MS - 1000, .other_device = true};
    s->nonces[1] = s->nonces[0];
    s->nonces[1].other_device = false;
    s->nonce_count = 2;
}

#define RS "{'algorithms':['RS256','ES256'],'required':['sub','exp']}"
#define PARTIES "{'preset':'generic','issuer':'https://id.test','audience':'https://api.test'}"
#define DOTDIGITAL "{'preset':'dotdigital'}"
#define WITH_NONCE(nonce) "{'iss':'i','aud':'a','sub':'u','nonce':" nonce ",'iat':@-1,'exp':@+900}"

static const struct row good_rows[] = {
    {GOOD("the good token")},
    {GOOD("without typ"), .header = "{'alg':'HS256'}"},
    {GOOD("typ in lower case"), .header = "{'typ':'jwt','alg':'HS256'}"},
    {GOOD("the long typ"), .header = "{'typ':'application/jwt','alg':'HS256'}"},
    {GOOD("a typ of the policy's own"), .policy = "{'preset':'generic','type':'login+jwt'}",
     .header = "{'typ':'login+jwt','alg':'HS256'}"},
    {GOOD("white space around the header"), .header = " {'alg':'HS256'} "},
    {GOOD("RS256"), .policy = RS, .algorithm = CSN_RS256},
    {GOOD("ES256"), .policy = RS, .algorithm = CSN_ES256},
    {GOOD("a kid where keys have one"), .header = "{'alg':'HS256','kid':'key-own'}",
     .stage = with_kids},
    {GOOD("a kid where no key has one"), .header = "{'alg':'HS256','kid':'anything'}"},
    {GOOD("no kid where keys have one"), .stage = with_kids},
    {GOOD("a key on its way out"), .stage = retiring},
    {GOOD("a secret in base64"), .secret = LIT("Y29ycmVjdC1ob3JzZV9iYXR0ZXJ5LnN0YXBsZQ=="),
     .encoding = CSN_ENCODING_BASE64},
    {GOOD("alchemer"), .policy = "{'preset':'alchemer'}", .claims = "{'sub':'u','iat':@-600000}"},
    {GOOD("kustomer"), .policy = "{'preset':'kustomer'}",
     .claims = "{'externalId':'u','email':'a@example.test','iat':@-899}"},
    {GOOD("appcues"), .policy = "{'preset':'appcues'}",
     .claims = "{'iss':'4242','sub':'u','exp':@+3600}"},
    {GOOD("intercom"), .policy = "{'preset':'intercom'}",
     .claims = "{'user_id':'u','sub':'v','exp':@+3600}"},
    {GOOD("iterable"), .policy = "{'preset':'iterable'}",
     .claims = "{'userId':'u','iat':@-1,'exp':@+3600}"},
    {GOOD("zendesk"), .policy = "{'preset':'zendesk'}", .stage = with_kids,
     .header = "{'alg':'HS256','kid':'key-own'}",
     .claims = "{'scope':'user','external_id':'u','exp':@+3600}"},
    {GOOD("two steps"), .policy = "{'algorithms':['HS256'],'identity':['/identity/external_id']}",
     .claims = "{'identity':{'id':'7','external_id':'8'},'exp':@+900}"},
    {GOOD("milliseconds where they are read"), .policy = "{'preset':'generic','time_unit':'auto'}",
     .claims = "{'sub':'u','iat':@ms-1,'exp':@ms+900}"},
    {GOOD("times in every notation"),
     .claims = "{'sub':'u','iat':1.767312e9,'nbf':1767311999.25,'exp':@+60}"},
    {GOOD("a number as identity"), .policy = "{'preset':'generic','identity_number':true}",
     .claims = "{'sub':4711.0,'exp':@+900}", .stage = expect_identity, .with = "4711"},
    {GOOD("the identity expected"), .stage = expect_identity, .with = "user-4711"},
    {GOOD("an identity with spaces around"), .claims = "{'sub':' ann ','exp':@+900}"},
    {GOOD("an identity of many scripts"),
     .claims = "{'sub':'Zoë 漢字 \\ud83d\\ude00','exp':@+900}"},
    {GOOD("an identity with a bracket"), .claims = "{'sub':'{ann','exp':@+900}"},
    {GOOD("an identity with another bracket"), .claims = "{'sub':'<ann','exp':@+900}"},
    {GOOD("an identity with a price"), .claims = "{'sub':'$<ann>','exp':@+900}"},
    {GOOD("an identity like an arrow"), .claims = "{'sub':'a>','exp':@+900}"},
    {GOOD("an audience that looks like a placeholder, as configured"),
     .policy = "{'preset':'generic','audience':'{app}'}",
     .claims = "{'sub':'u','exp':@+900,'aud':'{app}'}"},
    {GOOD("an identity of 255 bytes"), .claims = "{'sub':'" X51 X51 X51 X51 X51 "','exp':@+900}"},
    {GOOD("an identity like a number"), .claims = "{'sub':'1767312000','exp':@+900}"},
    {GOOD("an identity like a token"), .claims = "{'sub':'eyJhbGciOiJIUzI1NiJ9.e30.x','exp':@+9}"},
    {GOOD("names next to the right ones"),
     .claims = "{'Sub':'v','sub':'u','user_id':'w','Exp':1,'exp':@+900,'iatt':'x'}"},
    {GOOD("placeholders that nothing depends on"),
     .claims = "{'sub':'u','exp':@+900,'name':'YOUR_NAME','iss':'<Issuer>','aud':['<Audience>']}"},
    {GOOD("an issuer that looks like a placeholder, as configured"),
     .policy = "{'preset':'generic','issuer':'https://your-app.test'}",
     .claims = "{'sub':'u','exp':@+900,'iss':'https://your-app.test'}"},
    {GOOD("iss and aud"), .policy = PARTIES,
     .claims = "{'sub':'u','exp':@+900,'iss':'https://id.test','aud':'https://api.test'}"},
    {GOOD("aud first in a list"), .policy = PARTIES,
     .claims = "{'sub':'u','exp':@+900,'iss':'https://id.test','aud':['https://api.test','x']}"},
    {GOOD("aud in a list"), .policy = PARTIES,
     .claims = "{'sub':'u','exp':@+900,'iss':'https://id.test','aud':['x','https://api.test']}"},
    {GOOD("a value that must be so"), .policy = "{'preset':'generic','equals':{'scope':'user'}}",
     .claims = "{'sub':'u','exp':@+900,'scope':'user'}"},
    {GOOD("the nonce expected"), .policy = DOTDIGITAL, .claims = WITH_NONCE("'abc-123'"),
     .stage = expect_nonce, .with = "abc-123"},
    {GOOD("the nonce expected, which is known"), .policy = DOTDIGITAL,
     .claims = WITH_NONCE("'abc-123'"), .stage = expect_known_nonce, .with = "abc-123"},
    {GOOD("the nonce of a challenge known"), .policy = DOTDIGITAL,
     .claims = WITH_NONCE("'abc-123'"), .stage = know_nonce, .with = "abc-123"},
    {GOOD("a nonce that nobody asks for"), .claims = "{'sub':'u','exp':@+900,'nonce':7}"},
    {GOOD("the same token twice"), .mangle = the_same_twice},
};

static void
says_nothing_against_a_good_token(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good_rows / sizeof good_rows[0]; i++) {
        struct scene *s = scene_open(&good_rows[i]);
        enum csn_finding_code first = scene_run(s);
        if (s->diagnosis.verdict.reason != CSN_REASON_ACCEPTED || first != CSN_FINDING_ACCEPTED ||
            s->diagnosis.count != 1)
            fail_msg("%s: %s, %s: %s", good_rows[i].name,
                     csn_reason_name(s->diagnosis.verdict.reason), csn_finding_name(first),
                     s->diagnosis.findings[0].seen);
        scene_close(s);
    }
}

/* Returns: with the one mistake made that it is handed over for somebody else, that is all that is
 * said, where the judge has nothing else against it. */
static bool
only_the_user_is_wrong(struct scene *s)
{
    s->request.expected_identity = csn_bytes_text("somebody else");
    enum csn_finding_code first = scene_run(s);
    return s->diagnosis.verdict.reason != CSN_REASON_IDENTITY_MISMATCH ||
           (first == CSN_FINDING_IDENTITY_OTHER_USER && s->diagnosis.count == 1);
}

static void
says_nothing_else_where_one_thing_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good_rows / sizeof good_rows[0]; i++) {
        struct scene *s = scene_open(&good_rows[i]);
        if (!only_the_user_is_wrong(s))
            fail_msg("%s: %s, then %s: %s", good_rows[i].name,
                     csn_finding_name(s->diagnosis.findings[0].code),
                     csn_finding_name(s->diagnosis.findings[1].code),
                     s->diagnosis.findings[1].seen);
        assert_int_equal(s->diagnosis.verdict.reason, CSN_REASON_IDENTITY_MISMATCH);
        scene_close(s);
    }
}

/* --- both sides of every edge of time --- */

/* Returns: this finding is what the judge refuses for, or the cause of it. */
static bool
fits(enum csn_finding_code f, enum csn_reason reason)
{
    bool clock = f == CSN_FINDING_CLOCK_AHEAD || f == CSN_FINDING_TIME_LOCAL;
    switch (reason) {
    case CSN_REASON_ACCEPTED: return f == CSN_FINDING_ACCEPTED;
    case CSN_REASON_EXPIRED: return f == CSN_FINDING_EXPIRED;
    case CSN_REASON_NOT_YET_VALID: return f == CSN_FINDING_NOT_YET_VALID;
    case CSN_REASON_ISSUED_IN_FUTURE: return clock;
    case CSN_REASON_ISSUED_TOO_LONG_AGO: return f == CSN_FINDING_ISSUED_TOO_LONG_AGO;
    case CSN_REASON_LIFETIME_TOO_LONG: return f == CSN_FINDING_LIFETIME_TOO_LONG;
    case CSN_REASON_CLAIM_INVALID: return f == CSN_FINDING_EXP_BEFORE_IAT;
    case CSN_REASON_CLAIM_MISSING: return f == CSN_FINDING_CLAIM_MISSING;
    default: return false;
    }
}

static void
check_times(const char *policy, const char *claims)
{
    struct row row = {.name = claims, .policy = policy, .claims = claims};
    struct scene *s = scene_open(&row);
    enum csn_finding_code first = scene_run(s);
    enum csn_reason reason = s->diagnosis.verdict.reason;
    bool named = false;
    for (size_t i = 0; i < s->diagnosis.count; i++)
        named = named || fits(s->diagnosis.findings[i].code, reason);
    bool accepted = reason == CSN_REASON_ACCEPTED;
    if (!named || (first == CSN_FINDING_ACCEPTED) != accepted || !only_the_user_is_wrong(s))
        fail_msg("%s %s: %s, but %s", policy, claims, csn_reason_name(reason),
                 csn_finding_name(first));
    scene_close(s);
}

/* Fractions of a second around each edge that the policies below draw. */
static const char *const TIMES[] = {
    NULL,           "1767311940",        "1767311940.000001", "1767312000.0", "1767312060",
    "1767312060.1", "1767311039.999999", "1767311040",        "1767312900",   "1767312960.000001",
};
#define COUNT (sizeof TIMES / sizeof TIMES[0])
#define EARLY 6 /* of these lie near now: the others are none of nbf's edges */

static void
agrees_with_the_judge_on_every_edge_of_time(void **state)
{
    (void)state;
    static const char *const POLICIES[] = {
        "{'algorithms':['HS256'],'issued_within_s':900}",
        "{'algorithms':['HS256'],'issued_within_s':900,'lifetime_max_s':900}",
        "{'algorithms':['HS256'],'lifetime_max_s':900,'leeway_s':0}",
    };
    for (size_t i = 0; i < 3 * COUNT * COUNT * EARLY; i++) {
        const char *times[3] = {TIMES[i / 3 % COUNT], TIMES[i / 3 / COUNT % COUNT],
                                TIMES[i / 3 / COUNT / COUNT]};
        static const char *const NAMES[3] = {",'iat':", ",'exp':", ",'nbf':"};
        char claims[160] = "{'sub':'u'";
        for (size_t t = 0; t < 3; t++) {
            if (times[t] != NULL)
                strcat(strcat(claims, NAMES[t]), times[t]);
        }
        check_times(POLICIES[i % 3], strcat(claims, "}"));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_nothing_against_a_good_token),
        cmocka_unit_test(says_nothing_else_where_one_thing_is_wrong),
        cmocka_unit_test(agrees_with_the_judge_on_every_edge_of_time),
    };
    return cmocka_run_group_tests(tests, scene_make_pairs, NULL);
}
