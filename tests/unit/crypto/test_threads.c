/* One key, many threads: verifiers and signers are immutable, so all may use one at once. Meant for
 * the thread sanitizer; without it, a torn state shows as a wrong answer.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>

#include "support.h"

#define THREADS 4
#define ROUNDS 50

struct shared {
    const struct csn_signer *signer;
    const struct csn_verifier *verifier;
};

struct worker {
    pthread_t thread;
    const struct shared *shared;
    unsigned number, wrong;
};

static void *
work(void *argument)
{
    struct worker *worker = argument;
    for (unsigned round = 0; round < ROUNDS; round++) {
        unsigned text[2] = {worker->number, round};
        uint8_t memory[CSN_SIGNATURE_MAX];
        struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
        struct csn_bytes input = csn_bytes_of(text, sizeof text);
        const struct csn_verifier *verifier = worker->shared->verifier;
        bool made = csn_signer_sign(worker->shared->signer, input, &out) == CSN_OK;
        struct csn_bytes signature = csn_buffer_view(&out);
        worker->wrong += !made || !csn_verifier_check(verifier, input, signature);
        worker->wrong += csn_verifier_check(verifier, TEXT("other"), signature);
    }
    return NULL;
}

static void
expect_all_right(const struct shared *shared)
{
    struct worker workers[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.shared = shared, .number = i};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        assert_int_equal(workers[i].wrong, 0);
    }
}

static void
serves_many_threads_with_one_pair_of_keys(void **state)
{
    (void)state;
    static const struct {
        enum csn_algorithm algorithm;
        const char *private_file, *public_file;
    } pairs[] = {
        {CSN_RS256, "rsa_private.pem", "rsa_public.pem"},
        {CSN_PS256, "rsa_private.pem", "rsa_public.pem"},
        {CSN_ES256, "ec_p256_private.pem", "ec_p256_public.pem"},
        {CSN_ES512, "ec_p521_private.pem", "ec_p521_public.pem"},
        {CSN_EDDSA, "ed25519_private.pem", "ed25519_public.pem"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct csn_signer *signer = signer_of_file(pairs[i].algorithm, pairs[i].private_file);
        struct csn_verifier *verifier = verifier_of_file(pairs[i].algorithm, pairs[i].public_file);
        expect_all_right(&(struct shared){signer, verifier});
        csn_signer_free(signer);
        csn_verifier_free(verifier);
    }
}

static void
serves_many_threads_with_one_secret(void **state)
{
    (void)state;
    for (int a = CSN_HS256; a <= CSN_HS512; a++) {
        struct csn_signer *signer = NULL;
        struct csn_verifier *verifier = NULL;
        struct csn_key_report report;
        struct csn_bytes secret = TEXT("a secret of quite some length, as it should be");
        enum csn_algorithm algorithm = (enum csn_algorithm)a;
        assert_int_equal(csn_signer_from_secret(algorithm, secret, &signer, &report), CSN_OK);
        assert_int_equal(csn_verifier_from_secret(algorithm, secret, &verifier, &report), CSN_OK);
        expect_all_right(&(struct shared){signer, verifier});
        csn_signer_free(signer);
        csn_verifier_free(verifier);
    }
}

/* Applications need not ready anything: the first load may happen on any thread. */
static void *
load(void *argument)
{
    struct worker *worker = argument;
    struct csn_verifier *verifier = NULL;
    struct csn_key_report report;
    struct csn_bytes jwk = TEXT("{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
                                "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}");
    worker->wrong += csn_verifier_from_jwk(CSN_EDDSA, jwk, &verifier, &report) != CSN_OK;
    csn_verifier_free(verifier);
    return NULL;
}

static void
loads_first_on_several_threads_at_once(void **state)
{
    (void)state;
    struct worker workers[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.number = i};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, load, &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        assert_int_equal(workers[i].wrong, 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads_first_on_several_threads_at_once),
        cmocka_unit_test(serves_many_threads_with_one_pair_of_keys),
        cmocka_unit_test(serves_many_threads_with_one_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
