/* Every allocation fails in turn: ours and OpenSSL's own, in the whole life of each kind of key.
 *
 * For each scenario and each allocation it makes, the scenario is run again with that one failing,
 * and again with that one and all after it failing. It may refuse; it may not crash, keep memory,
 * leave an error queued, or accept what is forged. Afterwards it must work as before.
 *
 * usage: crypto_allocation [STEP]
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <openssl/crypto.h>
#include <openssl/err.h>

#include "rfc_vectors.h"
#include "support.h"

/* --- an allocator that counts, and fails when told to --- */

static struct {
    size_t made;     /* allocations asked for since `arm` */
    size_t fail_at;  /* this one fails; 0: none */
    bool fail_after; /* and all that follow */
    long alive;
} heap;

static bool
is_to_fail(void)
{
    heap.made++;
    return heap.fail_at != 0 &&
           (heap.made == heap.fail_at || (heap.fail_after && heap.made > heap.fail_at));
}

static void *
heap_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    void *memory = is_to_fail() ? NULL : malloc(size);
    heap.alive += memory != NULL;
    return memory;
}

static void *
heap_realloc(void *old, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    if (is_to_fail())
        return NULL;
    void *memory = realloc(old, size);
    heap.alive += old == NULL && memory != NULL;
    return memory;
}

static void
heap_free(void *memory, const char *file, int line)
{
    (void)file;
    (void)line;
    heap.alive -= memory != NULL;
    free(memory);
}

static void
arm(size_t fail_at, bool fail_after)
{
    heap.made = 0;
    heap.fail_at = fail_at;
    heap.fail_after = fail_after;
}

/* Every how-manyth allocation fails: 1 in the full test, which takes a minute. */
static size_t step = 1;

/* --- scenarios: each loads, uses and frees; returns whether all of it worked --- */

static char texts[32][4096];

struct scenario {
    const char *name;
    bool (*run)(const struct scenario *scenario);
    enum csn_algorithm algorithm;
    struct csn_bytes document;
    struct csn_bytes input, signature; /* what the key of the document signed */
};

static bool
use(const struct scenario *s, enum csn_status loaded, struct csn_verifier *verifier)
{
    assert_int_equal(loaded == CSN_OK, verifier != NULL);
    if (verifier == NULL)
        return false;
    bool holds = csn_verifier_check(verifier, s->input, s->signature);
    assert_false(csn_verifier_check(verifier, TEXT("forged"), s->signature));
    assert_false(csn_verifier_check_as(verifier, CSN_PS512, false, TEXT("forged"), s->signature));
    csn_verifier_free(verifier);
    return holds;
}

static bool
verify_pem(const struct scenario *s)
{
    struct csn_verifier *verifier = NULL;
    struct csn_key_report report;
    enum csn_status status = csn_verifier_from_pem(s->algorithm, s->document, &verifier, &report);
    return use(s, status, verifier);
}

static bool
verify_jwk(const struct scenario *s)
{
    struct csn_verifier *verifier = NULL;
    struct csn_key_report report;
    enum csn_status status = csn_verifier_from_jwk(s->algorithm, s->document, &verifier, &report);
    return use(s, status, verifier);
}

static bool
verify_secret(const struct scenario *s)
{
    struct csn_verifier *verifier = NULL;
    struct csn_key_report report;
    enum csn_status status =
        csn_verifier_from_secret(s->algorithm, s->document, &verifier, &report);
    return use(s, status, verifier);
}

static bool
verify_set(const struct scenario *s)
{
    struct csn_verifier *verifiers[4] = {NULL};
    struct csn_key_report reports[4];
    size_t count = 0;
    enum csn_status status =
        csn_verifiers_from_jwks(CSN_RS256, s->document, verifiers, reports, 4, &count);
    assert_int_equal(status == CSN_OK, count > 0);
    for (size_t i = 0; i < count; i++)
        csn_verifier_free(verifiers[i]);
    return count == 3;
}

/* A document that must be refused is refused whatever fails. */
static bool
refuse_pem(const struct scenario *s)
{
    struct csn_verifier *verifier = NULL;
    struct csn_key_report report;
    assert_int_not_equal(csn_verifier_from_pem(s->algorithm, s->document, &verifier, &report),
                         CSN_OK);
    assert_null(verifier);
    return true;
}

static bool
refuse_jwk(const struct scenario *s)
{
    struct csn_verifier *verifier = NULL;
    struct csn_key_report report;
    assert_int_not_equal(csn_verifier_from_jwk(s->algorithm, s->document, &verifier, &report),
                         CSN_OK);
    assert_null(verifier);
    return true;
}

static bool
sign_something(enum csn_status loaded, struct csn_signer *signer)
{
    uint8_t memory[CSN_SIGNATURE_MAX];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    assert_int_equal(loaded == CSN_OK, signer != NULL);
    bool made = signer != NULL && csn_signer_sign(signer, TEXT("x"), &out) == CSN_OK;
    assert_int_equal(made, out.len > 0);
    csn_signer_free(signer);
    return made;
}

static bool
sign_pem(const struct scenario *s)
{
    struct csn_signer *signer = NULL;
    struct csn_key_report report;
    enum csn_status status = csn_signer_from_pem(s->algorithm, s->document, &signer, &report);
    return sign_something(status, signer);
}

static bool
sign_jwk(const struct scenario *s)
{
    struct csn_signer *signer = NULL;
    struct csn_key_report report;
    enum csn_status status = csn_signer_from_jwk(s->algorithm, s->document, &signer, &report);
    return sign_something(status, signer);
}

static bool
sign_secret(const struct scenario *s)
{
    struct csn_signer *signer = NULL;
    struct csn_key_report report;
    enum csn_status status = csn_signer_from_secret(s->algorithm, s->document, &signer, &report);
    return sign_something(status, signer);
}

static bool
generate(const struct scenario *s)
{
    uint8_t memory[3][2048];
    struct csn_buffer private_out = csn_buffer_over(memory[0], sizeof memory[0]);
    struct csn_buffer public_out = csn_buffer_over(memory[1], sizeof memory[1]);
    struct csn_buffer jwk_out = csn_buffer_over(memory[2], sizeof memory[2]);
    return csn_key_generate(s->algorithm, 0, TEXT("k"), &private_out, &public_out, &jwk_out) ==
           CSN_OK;
}

/* --- trying every failure --- */

static bool
run_failing(const struct scenario *s, size_t fail_at, bool fail_after)
{
    arm(fail_at, fail_after);
    bool worked = s->run(s);
    heap.fail_at = 0;
    assert_true(queue_is_empty());
    return worked;
}

static void
expect_same_heap(const struct scenario *s, long before, size_t fail_at)
{
    if (heap.alive != before)
        fail_msg("%s: %ld allocations kept when number %zu fails", s->name, heap.alive - before,
                 fail_at);
}

/* Each place of the error queue keeps its buffer once it has had one. */
static void
fill_error_queue(void)
{
    for (unsigned i = 0; i < 2 * ERR_NUM_ERRORS; i++)
        ERR_raise_data(ERR_LIB_USER, 1, "%80s", "");
    ERR_clear_error();
}

static void
try_all(const struct scenario *s)
{
    fill_error_queue();
    for (unsigned warm = 0; warm < 3; warm++) /* the library fills its caches */
        if (!run_failing(s, 0, false))
            fail_msg("%s does not work", s->name);
    size_t made = heap.made;
    for (unsigned after = 0; after < 2; after++)
        for (size_t i = 1; i <= made; i += step) {
            long before = heap.alive;
            run_failing(s, i, after != 0);
            if (heap.alive != before) { /* once for a cache is no leak */
                before = heap.alive;
                run_failing(s, i, after != 0);
                expect_same_heap(s, before, i);
            }
        }
    if (!run_failing(s, 0, false))
        fail_msg("%s does not work again", s->name);
}

static struct csn_bytes
keep(struct csn_bytes text)
{
    static size_t next;
    assert_true(next < sizeof texts / sizeof *texts && text.len <= sizeof texts[0]);
    memcpy(texts[next], text.ptr, text.len);
    return csn_bytes_of(texts[next++], text.len);
}

/* Out: what the private key signed. */
static void
sign_input(struct scenario *s, const char *private_file)
{
    uint8_t memory[CSN_SIGNATURE_MAX];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_signer *signer = signer_of_file(s->algorithm, private_file);
    s->input = TEXT("header.payload");
    assert_int_equal(csn_signer_sign(signer, s->input, &out), CSN_OK);
    s->signature = keep(csn_buffer_view(&out));
    csn_signer_free(signer);
}

static void
survives_while_loading_and_verifying_with_pem_keys(void **state)
{
    (void)state;
    static const struct {
        enum csn_algorithm algorithm;
        const char *public_file, *private_file;
    } rows[] = {
        {CSN_RS256, "rsa_public.pem", "rsa_private.pem"},
        {CSN_PS256, "rsa_public_pkcs1.pem", "rsa_private.pem"},
        {CSN_RS512, "rsa_certificate.pem", "rsa_private.pem"},
        {CSN_PS384, "rsa_pss_public.pem", "rsa_pss_private.pem"},
        {CSN_ES256, "ec_p256_public.pem", "ec_p256_private.pem"},
        {CSN_ES512, "ec_p521_public.pem", "ec_p521_private.pem"},
        {CSN_EDDSA, "ed25519_public.pem", "ed25519_private.pem"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scenario s = {
            .name = rows[i].public_file, .run = verify_pem, .algorithm = rows[i].algorithm};
        sign_input(&s, rows[i].private_file);
        s.document = key_file(rows[i].public_file);
        try_all(&s);
    }
}

static void
survives_while_loading_and_verifying_with_jwks_and_secrets(void **state)
{
    (void)state;
    static const struct {
        enum csn_algorithm algorithm;
        const char *key, *token;
    } rows[] = {
        {CSN_HS256, rfc7515_a1_key, rfc7515_a1_token},
        {CSN_RS256, rfc7515_a2_key, rfc7515_a2_token},
        {CSN_ES256, rfc7515_a3_key, rfc7515_a3_token},
        {CSN_EDDSA, rfc8037_a4_key, rfc8037_a4_token},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct parts parts;
        take_apart(rows[i].token, &parts);
        struct scenario s = {.name = "jwk", .run = verify_jwk, .algorithm = rows[i].algorithm};
        s.document = keep(public_part(csn_bytes_text(rows[i].key)));
        s.input = parts.input;
        s.signature = parts.signature;
        try_all(&s);
    }
    uint8_t mac[64];
    struct scenario s = {.name = "secret",
                         .run = verify_secret,
                         .algorithm = CSN_HS512,
                         .document = TEXT("k7Fq2ZxW9bTn4RcK"),
                         .input = TEXT("x")};
    csn_hmac(CSN_HS512, s.document, s.input, mac);
    s.signature = csn_bytes_of(mac, sizeof mac);
    try_all(&s);
}

static void
survives_while_loading_sets(void **state)
{
    (void)state;
    char json[4096];
    struct csn_bytes rsa = keep(public_part(csn_bytes_text(rfc7515_a2_key)));
    struct csn_bytes ec = keep(public_part(csn_bytes_text(rfc7515_a3_key)));
    struct csn_bytes okp = keep(public_part(csn_bytes_text(rfc8037_a4_key)));
    int len = snprintf(json, sizeof json, "{\"keys\":[%.*s,%.*s,{\"kty\":\"x\"},%.*s]}",
                       (int)rsa.len, (const char *)rsa.ptr, (int)ec.len, (const char *)ec.ptr,
                       (int)okp.len, (const char *)okp.ptr);
    struct scenario s = {.name = "set", .run = verify_set, .algorithm = CSN_RS256};
    s.document = csn_bytes_of(json, (size_t)len);
    try_all(&s);
}

static void
never_accepts_a_bad_key_for_want_of_memory(void **state)
{
    (void)state;
    static const char *const files[] = {
        "rsa_1024_public.pem",
        "rsa_e3_public.pem",
        "ec_p256_off_curve_public.pem",
        "ec_p256_explicit_public.pem",
        "ec_p256_infinity_public.pem",
        "ed25519_small_order_public.pem",
        "rsa_pss_sha384_public.pem",
        "ec_p256_trailing_der_public.pem",
        "dsa_public.pem",
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        bool is_rsa = strncmp(files[i], "rsa", 3) == 0;
        bool is_edwards = strncmp(files[i], "ed", 2) == 0;
        enum csn_algorithm asked = is_rsa ? CSN_PS256 : is_edwards ? CSN_EDDSA : CSN_ES256;
        struct scenario s = {.name = files[i], .run = refuse_pem, .algorithm = asked};
        s.document = key_file(files[i]);
        try_all(&s);
    }
    struct scenario s = {.name = "off curve", .run = refuse_jwk, .algorithm = CSN_ES256};
    s.document = TEXT(
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\","
        "\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyI\"}");
    try_all(&s);
}

static void
survives_while_loading_signers_and_signing(void **state)
{
    (void)state;
    static const struct {
        enum csn_algorithm algorithm;
        const char *file;
    } rows[] = {
        {CSN_RS256, "rsa_private.pem"},
        {CSN_PS512, "rsa_private_pkcs1.pem"},
        {CSN_PS256, "rsa_pss_private.pem"},
        {CSN_ES256, "ec_p256_private.pem"},
        {CSN_ES256, "ec_p256_private_with_parameters.pem"},
        {CSN_ES384, "ec_p384_private.pem"},
        {CSN_EDDSA, "ed25519_private.pem"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scenario s = {.name = rows[i].file, .run = sign_pem, .algorithm = rows[i].algorithm};
        s.document = key_file(rows[i].file);
        try_all(&s);
    }
    struct scenario rsa = {.name = "RSA JWK",
                           .run = sign_jwk,
                           .algorithm = CSN_PS256,
                           .document = csn_bytes_text(rfc7515_a2_key)};
    try_all(&rsa);
    struct scenario ec = {.name = "EC JWK",
                          .run = sign_jwk,
                          .algorithm = CSN_ES256,
                          .document = csn_bytes_text(rfc7515_a3_key)};
    try_all(&ec);
    struct scenario secret = {.name = "secret",
                              .run = sign_secret,
                              .algorithm = CSN_HS256,
                              .document = TEXT("k7Fq2ZxW9bTn4RcK")};
    try_all(&secret);
}

/* RSA is left out: each try takes a quarter of a second, and there are some ten thousand. */
static void
survives_while_making_keys(void **state)
{
    (void)state;
    static const enum csn_algorithm algorithms[] = {CSN_HS256, CSN_ES256, CSN_ES512, CSN_EDDSA};
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
        struct scenario s = {
            .name = csn_algorithm_name(algorithms[i]), .run = generate, .algorithm = algorithms[i]};
        try_all(&s);
    }
}

int
main(int argc, char **argv)
{
    if (argc > 1)
        step = strtoul(argv[1], NULL, 10);
    /* Before the library's first allocation, or it refuses. */
    if (CRYPTO_set_mem_functions(heap_malloc, heap_realloc, heap_free) != 1)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_while_loading_and_verifying_with_pem_keys),
        cmocka_unit_test(survives_while_loading_and_verifying_with_jwks_and_secrets),
        cmocka_unit_test(survives_while_loading_sets),
        cmocka_unit_test(never_accepts_a_bad_key_for_want_of_memory),
        cmocka_unit_test(survives_while_loading_signers_and_signing),
        cmocka_unit_test(survives_while_making_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
