/* What is measured: one key, one token of about 250 bytes, and three ways of checking it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_BENCH_VERIFY_SUBJECT_H
#define CSN_BENCH_VERIFY_SUBJECT_H

#include "countersign/token.h"

struct csn_subject {
    enum csn_algorithm algorithm;
    char private_text[8192]; /* the secret, or PKCS#8 PEM */
    char public_pem[4096];   /* "" for HMAC */
    char token[2048];
    size_t token_len;
    struct csn_bytes input;  /* header.payload */
    uint8_t signature[1024]; /* raw */
    size_t signature_len;
    struct csn_verifier *verifier;
    struct csn_key key;
    struct csn_keyring ring;
    struct csn_policy policy;
    uint8_t policy_memory[16384];
    int64_t now_ms;
};

/* Makes key and token. Returns: false when anything fails. */
bool csn_subject_make(struct csn_subject *s, enum csn_algorithm algorithm);
void csn_subject_free(struct csn_subject *s);

/* Each checks the token `count` times. Returns: it held every time. */
bool csn_run_ours(struct csn_subject *s, unsigned count);

/* The bare primitive over the same bytes, keyed beforehand: no token, no JSON. */
struct csn_bare;
struct csn_bare *csn_bare_make(const struct csn_subject *s);
void csn_bare_free(struct csn_bare *bare);
bool csn_run_bare(struct csn_bare *bare, const struct csn_subject *s, unsigned count);

/* libjwt, or nothing where it is not installed. */
const char *csn_foreign_name(void); /* NULL: none */
bool csn_foreign_knows(enum csn_algorithm algorithm);
bool csn_run_foreign(const struct csn_subject *s, unsigned count);

#endif
