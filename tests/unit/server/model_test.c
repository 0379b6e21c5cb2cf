/* Names and pseudonyms: what the outside calls the things of the model.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "server/domain/pseudonym.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void
each_value_has_its_name(void **state)
{
    (void)state;
    static const char *assurances[] = {"none", "anonymous", "claimed", "verified", "none"};
    for (size_t i = 0; i < COUNT(assurances); i++)
        assert_string_equal(csn_assurance_name((enum csn_assurance)i), assurances[i]);
    static const char *endpoints[] = {
        "other", "session_start", "session_refresh", "session_end", "gateway", "sdk", "other"};
    for (size_t i = 0; i < COUNT(endpoints); i++)
        assert_string_equal(csn_endpoint_name((enum csn_endpoint)i), endpoints[i]);
    static const char *modes[] = {"unset", "off", "monitor", "optional", "required", "unset"};
    for (size_t i = 0; i < COUNT(modes); i++)
        assert_string_equal(csn_enforcement_name((enum csn_enforcement_mode)i), modes[i]);
}

static void
a_mode_is_read_by_its_exact_name(void **state)
{
    (void)state;
    for (int m = CSN_ENFORCE_OFF; m <= CSN_ENFORCE_REQUIRED; m++) {
        enum csn_enforcement_mode mode = (enum csn_enforcement_mode)m;
        struct csn_bytes name = csn_bytes_text(csn_enforcement_name(mode));
        assert_int_equal(csn_enforcement_from_name(name), mode);
        name.len--;
        assert_int_equal(csn_enforcement_from_name(name), CSN_ENFORCE_UNSET);
    }
    static const char *others[] = {"", "unset", "Off", "requiredx", " off"};
    for (size_t i = 0; i < COUNT(others); i++)
        assert_int_equal(csn_enforcement_from_name(csn_bytes_text(others[i])), CSN_ENFORCE_UNSET);
}

static void
a_pseudonym_is_the_same_for_one_customer_of_one_app_and_for_nobody_else(void **state)
{
    (void)state;
    struct csn_app app = {.pseudonym_key = {1}}, other = {.pseudonym_key = {2}};
    uint8_t ada[CSN_PSEUDONYM_BYTES], again[CSN_PSEUDONYM_BYTES], else_[CSN_PSEUDONYM_BYTES];
    csn_pseudonym_of(&app, csn_bytes_text("ada"), ada);
    csn_pseudonym_of(&app, csn_bytes_text("ada"), again);
    assert_memory_equal(ada, again, sizeof ada);
    csn_pseudonym_of(&app, csn_bytes_text("Ada"), else_);
    assert_memory_not_equal(ada, else_, sizeof ada);
    csn_pseudonym_of(&other, csn_bytes_text("ada"), else_);
    assert_memory_not_equal(ada, else_, sizeof ada);
}

static void
nobody_has_no_pseudonym(void **state)
{
    (void)state;
    static const uint8_t zero[CSN_PSEUDONYM_BYTES];
    struct csn_app app = {.pseudonym_key = {1}};
    uint8_t out[CSN_PSEUDONYM_BYTES];
    memset(out, 0xAA, sizeof out);
    csn_pseudonym_of(&app, (struct csn_bytes){0}, out);
    assert_memory_equal(out, zero, sizeof out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_value_has_its_name),
        cmocka_unit_test(a_mode_is_read_by_its_exact_name),
        cmocka_unit_test(a_pseudonym_is_the_same_for_one_customer_of_one_app_and_for_nobody_else),
        cmocka_unit_test(nobody_has_no_pseudonym),
    };
    return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
