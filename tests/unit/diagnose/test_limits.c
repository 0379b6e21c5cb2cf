/* What a diagnosis may cost, and what it does with nonsense.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

int
main(void)
{
    return 0;
}
