/* SPDX-License-Identifier: Apache-2.0
 * The stage on which every mistake is made. */
#include "scene.h"

#include "core/crypto.h"

#include <stdlib.h>
#include <string.h>

#define GOOD_POLICY "{'preset':'generic'}"
#define GOOD_CLAIMS "{'sub':'user-4711','iat':@-5,'exp':@+895}"

/* --- key pairs, made once --- */

static struct {
    char public_pem[2048], private_pem[4096];
} pairs[PAIRS];

const char *
pair_public(enum pair pair)
{
    return pairs[pair].public_pem;
}

const char *
pair_private(enum pair pair)
{
    return pairs[pair].private_pem;
}

int
scene_make_pairs(void **state)
{
    (void)state;
    static const enum csn_algorithm KIND[PAIRS] = {CSN_RS256, CSN_RS256, CSN_RS256, CSN_ES256};
    for (size_t i = 0; i < PAIRS; i++) {
        uint8_t jwk[2048];
        struct csn_buffer private_out =
            csn_buffer_over(pairs[i].private_pem, sizeof pairs[i].private_pem);
        struct csn_buffer public_out =
            csn_buffer_over(pairs[i].public_pem, sizeof pairs[i].public_pem);
        struct csn_buffer jwk_out = csn_buffer_over(jwk, sizeof jwk);
        if (csn_key_generate(KIND[i], 0, (struct csn_bytes){0}, &private_out, &public_out,
                             &jwk_out) != CSN_OK)
            return -1;
        csn_buffer_terminate(&private_out);
        csn_buffer_terminate(&public_out);
    }
    return 0;
}

/* --- text --- */

static void
write_time(struct csn_buffer *out, const char **at)
{
    bool ms = strncmp(*at, "ms", 2) == 0;
    char *end = NULL;
    long long offset_s = strtoll(*at + (ms ? 2 : 0), &end, 10);
    csn_buffer_int(out, (NOW_S + offset_s) * (ms ? 1000 : 1));
    *at = end;
}

void
scene_write(struct csn_buffer *out, const char *json_template)
{
    const char *at = json_template;
    while (*at != '\0') {
        if (*at == '@' && (at[1] == '+' || at[1] == '-' || strncmp(at + 1, "ms", 2) == 0)) {
            at++;
            write_time(out, &at);
            continue;
        }
        csn_buffer_byte(out, *at == '\'' ? '"' : (uint8_t)*at);
        at++;
    }
    assert_false(out->overflowed);
}

/* --- keys --- */

static struct csn_diagnosis_key
secret_key(enum csn_algorithm algorithm, struct csn_bytes secret, enum csn_key_state state,
           const char *label)
{
    struct csn_verifier *verifier = NULL;
    struct csn_key_report report;
    assert_int_equal(csn_verifier_from_secret(algorithm, secret, &verifier, &report), CSN_OK);
    return (struct csn_diagnosis_key){
        .key = {.algorithm = algorithm, .state = state, .verifier = verifier},
        .secret = secret,
        .label = csn_bytes_text(label),
    };
}

static struct csn_diagnosis_key
public_key(enum csn_algorithm algorithm, enum pair pair, const char *label)
{
    struct csn_verifier *verifier = NULL;
    struct csn_key_report report;
    assert_int_equal(
        csn_verifier_from_pem(algorithm, csn_bytes_text(pair_public(pair)), &verifier, &report),
        CSN_OK);
    return (struct csn_diagnosis_key){
        .key = {.algorithm = algorithm, .state = CSN_KEY_ACTIVE, .verifier = verifier},
        .public_pem = csn_bytes_text(pair_public(pair)),
        .label = csn_bytes_text(label),
    };
}

static enum csn_algorithm
hash_of(const struct csn_policy *policy)
{
    for (enum csn_algorithm a = CSN_HS256; a <= CSN_HS512; a++) {
        if ((policy->algorithms & 1u << a) != 0)
            return a;
    }
    return CSN_HS256;
}

static void
add_keys(struct scene *s, const struct row *row)
{
    struct csn_bytes text = row->secret.len > 0 ? row->secret : csn_bytes_text(SECRET);
    enum csn_encoding encoding =
        row->encoding != CSN_ENCODING_UNSET ? row->encoding : CSN_ENCODING_UTF8;
    assert_int_equal(csn_secret_decode(text, encoding, &s->secret), CSN_OK);
    enum csn_algorithm hash = hash_of(&s->policy);
    s->keys[OWN] = secret_key(hash, csn_secret_view(&s->secret), CSN_KEY_ACTIVE, "key-own");
    if (encoding != CSN_ENCODING_UTF8)
        s->keys[OWN].secret_text = text;
    s->keys[OWN_RS] = public_key(CSN_RS256, PAIR_OWN_RSA, "key-rsa");
    s->keys[OWN_ES] = public_key(CSN_ES256, PAIR_OWN_EC, "key-ec");
    s->keys[STANDBY] = secret_key(hash, csn_bytes_text("a secret on standby, of 42 characters."),
                                  CSN_KEY_STANDBY, "key-new");
    s->keys[RETIRED] = secret_key(hash, csn_bytes_text("a secret long retired, 40 characters ."),
                                  CSN_KEY_RETIRED, "key-old");
    s->keys[EXPIRED] = secret_key(hash, csn_bytes_text("a secret whose time is over, 1234567890"),
                                  CSN_KEY_ACTIVE, "key-exp");
    s->keys[EXPIRED].key.expires_ms = NOW_MS;
    s->keys[OTHER] =
        secret_key(hash, csn_bytes_text(OTHER_SECRET), CSN_KEY_ACTIVE, "The other shop");
    s->keys[OTHER].origin = CSN_ORIGIN_OTHER_APP;
    s->keys[OTHER_RS] = public_key(CSN_RS256, PAIR_OTHER_APP_RSA, "The other shop");
    s->keys[OTHER_RS].origin = CSN_ORIGIN_OTHER_APP;
    s->keys[API] = (struct csn_diagnosis_key){
        .secret = csn_bytes_text("csn_api_secret_0123456789abcdef"),
        .origin = CSN_ORIGIN_API_CREDENTIAL,
        .label = csn_bytes_text("the secret of the API key"),
    };
    s->key_count = KEYS;
}

/* --- tokens --- */

struct csn_bytes
scene_token(const struct scene *s)
{
    return csn_buffer_view(&s->token);
}

void
scene_append_part(struct scene *s, const char *json)
{
    uint8_t memory[32768];
    struct csn_buffer text = csn_buffer_over(memory, sizeof memory);
    scene_write(&text, json);
    csn_base64url_append(&s->token, csn_buffer_view(&text));
}

void
scene_begin(struct scene *s, const struct row *row)
{
    enum csn_algorithm algorithm =
        row->algorithm != CSN_ALGORITHM_UNSET ? row->algorithm : hash_of(&s->policy);
    char header[128] = "{'alg':'";
    strcat(header, csn_algorithm_name(algorithm));
    strcat(header, "','typ':'JWT'}");
    scene_append_part(s, row->header != NULL ? row->header : header);
    csn_buffer_byte(&s->token, '.');
    scene_append_part(s, row->claims != NULL ? row->claims : GOOD_CLAIMS);
}

void
scene_append_signature(struct scene *s, struct csn_bytes signature)
{
    csn_buffer_byte(&s->token, '.');
    csn_base64url_append(&s->token, signature);
}

void
scene_replace(struct scene *s, struct csn_bytes text)
{
    assert_true(text.len <= s->token.cap);
    memmove(s->token.ptr, text.ptr, text.len);
    s->token.len = text.len;
}

size_t
scene_mac(enum csn_algorithm algorithm, struct csn_bytes secret, struct csn_bytes input,
          uint8_t mac[64])
{
    csn_hmac(algorithm, secret, input, mac);
    return csn_algorithm_hash_length(algorithm);
}

void
scene_sign_pair(struct scene *s, enum pair pair, enum csn_algorithm algorithm,
                struct csn_buffer *signature)
{
    struct csn_signer *signer = NULL;
    struct csn_key_report report;
    assert_int_equal(
        csn_signer_from_pem(algorithm, csn_bytes_text(pair_private(pair)), &signer, &report),
        CSN_OK);
    assert_int_equal(csn_signer_sign(signer, scene_token(s), signature), CSN_OK);
    csn_signer_free(signer);
}

static void
sign(struct scene *s, const struct row *row)
{
    uint8_t bytes[CSN_SIGNATURE_MAX];
    struct csn_buffer signature = csn_buffer_over(bytes, sizeof bytes);
    enum csn_algorithm algorithm =
        row->algorithm != CSN_ALGORITHM_UNSET ? row->algorithm : hash_of(&s->policy);
    switch (csn_algorithm_family(algorithm)) {
    case CSN_FAMILY_RSA_PKCS1:
    case CSN_FAMILY_RSA_PSS: scene_sign_pair(s, PAIR_OWN_RSA, algorithm, &signature); break;
    case CSN_FAMILY_ECDSA: scene_sign_pair(s, PAIR_OWN_EC, algorithm, &signature); break;
    default:
        signature.len =
            scene_mac(algorithm, row->used.ptr != NULL ? row->used : s->keys[OWN].secret,
                      scene_token(s), bytes);
    }
    scene_append_signature(s, csn_buffer_view(&signature));
}

/* --- the scene --- */

static void
read_policy(struct scene *s, const char *json_template)
{
    uint8_t memory[CSN_POLICY_JSON_MAX];
    struct csn_buffer json = csn_buffer_over(memory, sizeof memory);
    scene_write(&json, json_template);
    struct csn_arena arena = csn_arena_over(s->policy_memory, sizeof s->policy_memory);
    struct csn_policy_error error;
    if (csn_policy_parse(csn_buffer_view(&json), &arena, &s->policy, &error) != CSN_OK)
        fail_msg("policy %s: %s %s", json_template, error.field, error.sentence);
}

struct scene *
scene_open(const struct row *row)
{
    static struct scene scene;
    struct scene *s = &scene;
    memset(s, 0, sizeof *s);
    s->token = csn_buffer_over(s->token_memory, sizeof s->token_memory);
    read_policy(s, row->policy != NULL ? row->policy : GOOD_POLICY);
    add_keys(s, row);
    s->request =
        (struct csn_diagnosis_request){.policy = &s->policy, .keys = s->keys, .nonces = s->nonces};
    if (row->stage != NULL)
        row->stage(s, row);
    scene_begin(s, row);
    (row->sign != NULL ? row->sign : sign)(s, row);
    if (row->mangle != NULL)
        row->mangle(s, row);
    assert_false(s->token.overflowed);
    s->request.key_count = s->key_count;
    s->request.nonce_count = s->nonce_count;
    s->request.input = scene_token(s);
    return s;
}

void
scene_close(struct scene *s)
{
    for (size_t i = 0; i < s->key_count; i++)
        csn_verifier_free((struct csn_verifier *)(uintptr_t)s->keys[i].key.verifier);
    memset(s, 0, sizeof *s);
}

enum csn_finding_code
scene_run(struct scene *s)
{
    static uint8_t memory[ARENA_SIZE];
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    memset(&s->diagnosis, 0xA5, sizeof s->diagnosis); /* always wholly set */
    assert_int_equal(csn_diagnose(&s->request, &s->workspace, &arena, &s->diagnosis, NOW_MS),
                     CSN_OK);
    return s->diagnosis.count > 0 ? s->diagnosis.findings[0].code : CSN_FINDING_NONE;
}

enum csn_reason
scene_judge(struct scene *s)
{
    struct csn_key keys[CSN_DIAGNOSIS_KEYS_MAX];
    struct csn_keyring ring = {keys, 0};
    for (size_t i = 0; i < s->key_count; i++) {
        if (s->keys[i].origin == CSN_ORIGIN_OWN && s->keys[i].key.verifier != NULL)
            keys[ring.count++] = s->keys[i].key;
    }
    struct csn_presentation presented = {
        .token = s->request.input,
        .expected_identity = s->request.expected_identity,
        .expected_nonce = s->request.expected_nonce,
        .nonce_check = s->request.expected_nonce.len > 0 ? CSN_NONCE_EQUAL : CSN_NONCE_DEFER,
    };
    struct csn_verdict verdict;
    csn_judge(&s->policy, &ring, &presented, &s->workspace, &verdict, NOW_MS);
    return verdict.reason;
}

void
each_row(void (*check)(const struct row *row))
{
    static const struct table *const TABLES[] = {
        &secret_table, &key_table,   &text_table,        &time_table,
        &claim_table,  &nonce_table, &combination_table,
    };
    for (size_t t = 0; t < sizeof TABLES / sizeof TABLES[0]; t++) {
        for (size_t i = 0; i < TABLES[t]->count; i++)
            check(&TABLES[t]->rows[i]);
    }
}
