/* Documents under test lie in memory of exactly their size, so that a sanitizer sees a step beyond.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_UNIT_BASE_JSON_SUPPORT_H
#define CSN_TESTS_UNIT_BASE_JSON_SUPPORT_H

#include "support.h"

/* Returns: the reader accepts the whole document. Asserts that a refusal is final, and that a
 * finished document stays finished. */
bool accepts(struct csn_bytes document);

#define ACCEPTS(literal) accepts(BYTES(literal))

/* For lists of documents: each literal with its length, NULs inside included. */
struct document {
    const char *text;
    size_t len;
};
#define DOCUMENT(literal)                                                                          \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

void assert_all_accepted(const struct document *documents, size_t count);
void assert_all_refused(const struct document *documents, size_t count);

#endif
