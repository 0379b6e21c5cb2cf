/* What every test program of base needs: cmocka with what it wants included first, and views.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_UNIT_BASE_SUPPORT_H
#define CSN_TESTS_UNIT_BASE_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "countersign/json.h"

/* A view of a literal, NULs inside included. */
#define BYTES(literal) csn_bytes_of((literal), sizeof(literal) - 1)

#define assert_bytes(actual, literal)                                                              \
    do {                                                                                           \
        struct csn_bytes seen_ = (actual);                                                         \
        assert_int_equal(seen_.len, sizeof(literal) - 1);                                          \
        if (seen_.len != 0)                                                                        \
            assert_memory_equal(seen_.ptr, (literal), seen_.len);                                  \
    } while (0)

#endif
