/* Last uses of keys that are not written down yet: gathered, on their way, and written.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/domain/management_keys.h"
#include "tests/unit/server/decision_world.h"

#define KEY 7
#define OTHER 8
#define AT_MS 1795253548977LL

static void
use_until(int64_t key, enum csn_reason reason, int64_t at_ms, int64_t expires_ms)
{
    struct csn_decision decision = {.at_ms = at_ms,
                                    .app = w.app.id,
                                    .key_number = key,
                                    .expires_ms = expires_ms,
                                    .algorithm = CSN_HS256,
                                    .reason = reason,
                                    .mode = CSN_ENFORCE_OPTIONAL,
                                    .admitted = true};
    csn_decisions_record(decisions, &decision);
}

static void
use(int64_t key, enum csn_reason reason, int64_t at_ms)
{
    use_until(key, reason, at_ms, 0);
}

static int64_t
last_use(int64_t known_ms)
{
    struct csn_key_touch uses[] = {{.number = OTHER}, {.number = KEY, .used_ms = known_ms}};
    csn_decisions_last_uses(decisions, uses, 2);
    assert_int_equal(uses[0].used_ms, 0);
    return uses[1].used_ms;
}

static void
knows_the_latest_use_of_a_key_that_verified(void **state)
{
    (void)state;
    assert_int_equal(last_use(0), 0);
    use(KEY, CSN_REASON_ACCEPTED, AT_MS);
    use(KEY, CSN_REASON_ACCEPTED, AT_MS - 5);
    use(OTHER, CSN_REASON_SIGNATURE_INVALID, AT_MS);
    use(KEY, CSN_REASON_EXPIRED, AT_MS + 9);
    assert_int_equal(last_use(0), AT_MS);
    assert_int_equal(last_use(AT_MS + 1), AT_MS + 1);
}

static void
knows_the_latest_end_of_the_tokens_and_when_one_without_was_seen(void **state)
{
    (void)state;
    struct csn_key_touch key = {.number = KEY};
    use_until(KEY, CSN_REASON_ACCEPTED, AT_MS, AT_MS + 900);
    use_until(KEY, CSN_REASON_ACCEPTED, AT_MS + 5, AT_MS + 300);
    use_until(KEY, CSN_REASON_EXPIRED, AT_MS + 9, AT_MS + 2000);
    csn_decisions_last_uses(decisions, &key, 1);
    assert_int_equal(key.used_ms, AT_MS + 5);
    assert_int_equal(key.ends_ms, AT_MS + 900);
    assert_int_equal(key.endless_ms, 0);
    use(KEY, CSN_REASON_ACCEPTED, AT_MS + 2);
    csn_decisions_last_uses(decisions, &key, 1);
    assert_int_equal(key.number, KEY);
    assert_int_equal(key.used_ms, AT_MS + 5);
    assert_int_equal(key.ends_ms, AT_MS + 900);
    assert_int_equal(key.endless_ms, AT_MS + 2);
}

static void
leaves_to_the_rows_what_was_written(void **state)
{
    (void)state;
    use(KEY, CSN_REASON_ACCEPTED, AT_MS);
    assert_int_equal(csn_decisions_flush(decisions, queue), CSN_OK);
    assert_int_equal(last_use(0), 0);
    use(KEY, CSN_REASON_ACCEPTED, AT_MS + 1);
    assert_int_equal(last_use(0), AT_MS + 1);
}

/* --- a question on the store's thread, while a flush waits behind it --- */

struct question {
    struct csn_job job;
    atomic_bool is_asking;
    int64_t seen_ms;
};

static enum csn_status
ask_while_a_flush_waits(struct csn_job *job, struct csn_store *unused)
{
    (void)unused;
    struct question *question = (struct question *)job;
    atomic_store(&question->is_asking, true);
    while (csn_queue_counts(queue).waiting == 0)
        sched_yield();
    question->seen_ms = last_use(0);
    return CSN_OK;
}

static void
note_nothing(struct csn_job *job)
{
    (void)job;
}

static void *
flush_beside(void *state)
{
    *(enum csn_status *)state = csn_decisions_flush(decisions, queue);
    return NULL;
}

static void
misses_no_use_that_is_on_its_way_to_the_rows(void **state)
{
    (void)state;
    use(KEY, CSN_REASON_ACCEPTED, AT_MS);
    pthread_t thread;
    enum csn_status flushed = CSN_STATUS_UNSET;
    struct question question = {.job = {.run = ask_while_a_flush_waits, .done = note_nothing}};
    assert_int_equal(csn_queue_submit(queue, &question.job), CSN_OK);
    while (!atomic_load(&question.is_asking))
        sched_yield();
    assert_int_equal(pthread_create(&thread, NULL, flush_beside, &flushed), 0);
    pthread_join(thread, NULL);
    assert_int_equal(flushed, CSN_OK);
    assert_int_equal(question.seen_ms, AT_MS);
    assert_int_equal(last_use(0), 0);
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, decision_setup, decision_teardown)
    const struct CMUnitTest tests[] = {
        SENTENCE(knows_the_latest_use_of_a_key_that_verified),
        SENTENCE(knows_the_latest_end_of_the_tokens_and_when_one_without_was_seen),
        SENTENCE(leaves_to_the_rows_what_was_written),
        SENTENCE(misses_no_use_that_is_on_its_way_to_the_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
