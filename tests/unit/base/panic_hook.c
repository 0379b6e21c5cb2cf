/* The assert hook of the unit tests: expect_assert_failure() catches it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "base/panic.h"

void
csn_panic(const char *file, int line, const char *text)
{
    mock_assert(0, text, file, line);
    abort(); /* only reached where no test expects the failure */
}
