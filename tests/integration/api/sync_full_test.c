/* POST sync of who is nobody yet: its log has an end, and the answer says so item by item.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sdk.h"

#include "server/domain/log.h"

/* An event whose body has CSN_ITEM_BODY_MAX bytes. */
static size_t
write_large(char *out, int number)
{
    size_t used = (size_t)sprintf(out, "{\"id\":\"l%d\",\"kind\":\"event\",\"body\":\"", number);
    memset(out + used, 'x', CSN_ITEM_BODY_MAX - 2);
    used += CSN_ITEM_BODY_MAX - 2;
    return used + (size_t)sprintf(out + used, "\"}");
}

static int
append_large(const char *bearer, int first, int count)
{
    char *body = malloc((size_t)count * (CSN_ITEM_BODY_MAX + 64) + 32);
    size_t used = (size_t)sprintf(body, "{\"items\":[");
    for (int i = first; i < first + count; i++) {
        used += write_large(body + used, i);
        body[used++] = i + 1 < first + count ? ',' : ']';
    }
    memcpy(body + used, "}", 2);
    int status = sdk_sync(bearer, body);
    free(body);
    return status;
}

static void
ends_an_anonymous_log_by_its_bytes(void **state)
{
    (void)state;
    int most = CSN_LOG_ANONYMOUS_BYTES_MAX / (CSN_ITEM_BODY_MAX + 40);
    const char *nobody = sdk_login_on("device-1", NULL);
    for (int i = 0; i < most - 1; i += 18)
        assert_int_equal(append_large(nobody, i, i + 18 < most - 1 ? 18 : most - 1 - i), 200);
    assert_int_equal(append_large(nobody, most - 1, 2), 200);
    assert_string_equal(world_text(w, "results.0.status"), "accepted");
    assert_int_equal(world_int(w, "results.0.seq"), most);
    assert_string_equal(world_text(w, "results.1.status"), "refused");
    assert_string_equal(world_text(w, "results.1.reason"), "log_full");
    assert_int_equal(append_large(nobody, 0, 1), 200);
    assert_string_equal(world_text(w, "results.0.status"), "duplicate");
    free((void *)nobody);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(
        ends_an_anonymous_log_by_its_bytes, sdk_setup, sdk_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
