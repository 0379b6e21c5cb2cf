/* What the tests of crypto/ share: cmocka with what it needs, key files, tokens taken apart.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_UNIT_CRYPTO_SUPPORT_H
#define CSN_TESTS_UNIT_CRYPTO_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/crypto.h"

#define TEXT(literal) csn_bytes_of((literal), sizeof(literal) - 1)

/* Returns: the text of keys/NAME. Borrows a buffer that the next call overwrites. */
struct csn_bytes key_file(const char *name);

/* Returns: the JWK without its private members. Borrows a buffer that the next call overwrites. */
struct csn_bytes public_part(struct csn_bytes jwk);

/* A compact JWS, its signature decoded. */
struct parts {
    struct csn_bytes input;
    uint8_t memory[CSN_SIGNATURE_MAX + 4];
    struct csn_bytes signature;
};
void take_apart(const char *token, struct parts *parts);

/* The bytes that hexadecimal text stands for. Borrows one of four buffers, used in turn. */
struct csn_bytes from_hex(const char *text);

/* The key a file or text must hold; fails the test when it does not load. */
struct csn_verifier *verifier_of_file(enum csn_algorithm algorithm, const char *name);
struct csn_signer *signer_of_file(enum csn_algorithm algorithm, const char *name);

/* Returns: no error waits in OpenSSL's queue. */
bool queue_is_empty(void);

#endif
