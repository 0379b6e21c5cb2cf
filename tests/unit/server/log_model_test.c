/* Appends, links, unlinks and their repetitions in any order, beside a model that is obviously
 * right: after each step every log reads as the model's does.
 *
 *     server_log_model_test [seed]
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/server/link_world.h"
#include "tests/unit/server/log_world.h"

#define HISTORIES 60
#define STEPS 60
#define OWNERS 3
#define NOBODIES 5
#define IDS 24 /* few, so that they meet */
#define WHO_MAX (OWNERS + NOBODIES)

/* An item of the model: its id, whose it is, and its place in the log it was written to. */
struct entry {
    int id, origin, born;
};

struct log {
    struct entry entries[IDS * WHO_MAX];
    int count;
};

struct model {
    struct world w;
    uint64_t dice;
    struct csn_id customers[WHO_MAX]; /* the owners, then those who are nobody */
    struct csn_session_outcome sessions[WHO_MAX];
    struct log logs[WHO_MAX];
    int owner[WHO_MAX];       /* whose a nobody is; -1: its own */
    bool was_linked[WHO_MAX]; /* once: its session is over */
    int born;
};

static int
roll(struct model *m, int limit)
{
    m->dice = m->dice * 6364136223846793005u + 1442695040888963407u;
    return (int)((m->dice >> 33) % (uint64_t)limit);
}

/* --- the model --- */

static int
find(const struct log *log, int id)
{
    for (int i = 0; i < log->count; i++) {
        if (log->entries[i].id == id) {
            return i;
        }
    }
    return -1;
}

static void
put(struct log *log, struct entry entry)
{
    log->entries[log->count++] = entry;
}

static struct entry
take(struct log *log, int at)
{
    struct entry entry = log->entries[at];
    memmove(&log->entries[at], &log->entries[at + 1],
            ((size_t)log->count - (size_t)at - 1) * sizeof log->entries[0]);
    log->count--;
    return entry;
}

static int
model_link(struct model *m, int owner, int nobody)
{
    struct log *from = &m->logs[nobody];
    int moved = 0;
    for (int i = 0; i < from->count;) {
        if (find(&m->logs[owner], from->entries[i].id) >= 0) {
            i++;
            continue;
        }
        put(&m->logs[owner], take(from, i));
        moved++;
    }
    m->owner[nobody] = owner;
    m->was_linked[nobody] = true;
    return moved;
}

static int
by_birth(const void *a, const void *b)
{
    return ((const struct entry *)a)->born - ((const struct entry *)b)->born;
}

static int
model_unlink(struct model *m, int owner, int nobody)
{
    struct log *from = &m->logs[owner], *to = &m->logs[nobody];
    int moved = 0;
    for (int i = 0; i < from->count;) {
        if (from->entries[i].origin != nobody) {
            i++;
            continue;
        }
        put(to, take(from, i));
        moved++;
    }
    qsort(to->entries, (size_t)to->count, sizeof to->entries[0], by_birth);
    m->owner[nobody] = -1;
    return moved;
}

/* --- the steps --- */

static const char *const names[OWNERS] = {"alice", "bob", "carol"};

static void
device_of(int who, char out[16])
{
    snprintf(out, 16, "device %d", who);
}

static void
begin(struct model *m)
{
    world_open(&m->w);
    for (int who = 0; who < WHO_MAX; who++) {
        char device[16];
        device_of(who, device);
        m->sessions[who] = world_login_as(&m->w, device, who < OWNERS ? names[who] : NULL);
        m->customers[who] = m->sessions[who].claims.customer;
        m->owner[who] = -1;
    }
}

static void
step_append(struct model *m)
{
    int who = roll(m, WHO_MAX);
    struct csn_append_in in = append_of(&m->w, m->customers[who]);
    struct csn_item items[6];
    struct csn_appended out[6];
    char ids[6][8];
    int numbers[6];
    in.items = items;
    in.count = 1 + (size_t)roll(m, 6);
    for (size_t i = 0; i < in.count; i++) {
        numbers[i] = roll(m, IDS);
        snprintf(ids[i], sizeof ids[i], "i%d", numbers[i]);
        items[i] = item_of(ids[i]);
    }
    enum csn_status status = world_try_append(&m->w, &in, out, NULL);
    assert_int_equal(m->owner[who] < 0 ? CSN_OK : CSN_CONFLICT, status);
    for (size_t i = 0; status == CSN_OK && i < in.count; i++) {
        bool known = find(&m->logs[who], numbers[i]) >= 0;
        assert_int_equal(known ? CSN_DUPLICATE : CSN_APPENDED, out[i].outcome);
        if (!known) {
            put(&m->logs[who], (struct entry){numbers[i], who, m->born++});
        }
    }
}

/* A login that presents a nobody's session; as often as not one that was presented before. */
static void
step_login(struct model *m)
{
    int owner = roll(m, OWNERS), nobody = OWNERS + roll(m, NOBODIES);
    char device[16];
    device_of(owner, device);
    struct csn_session_outcome out =
        world_login_from(&m->w, device, names[owner], &m->sessions[nobody]);
    if (m->owner[nobody] >= 0) {
        assert_int_equal(m->owner[nobody] == owner ? CSN_LINK_SAME : CSN_LINK_OF_OTHER, out.link);
        return;
    }
    assert_int_equal(m->was_linked[nobody] ? CSN_LINK_NONE : CSN_LINK_MADE, out.link);
    if (out.link == CSN_LINK_MADE) {
        assert_int_equal(model_link(m, owner, nobody), out.linked_items);
    }
}

static void
step_unlink(struct model *m)
{
    int owner = roll(m, OWNERS), nobody = OWNERS + roll(m, NOBODIES);
    bool linked = m->owner[nobody] == owner;
    struct csn_relink_outcome out;
    enum csn_status status = world_unlink(&m->w, m->customers[owner], m->customers[nobody], &out);
    assert_int_equal(linked ? CSN_OK : CSN_NOT_FOUND, status);
    if (linked) {
        assert_int_equal(model_unlink(m, owner, nobody), out.items);
    }
}

static void
step_link(struct model *m)
{
    int owner = roll(m, OWNERS), nobody = OWNERS + roll(m, NOBODIES);
    struct csn_relink_outcome out;
    enum csn_status status = world_link(&m->w, m->customers[owner], m->customers[nobody], &out);
    bool of_other = m->owner[nobody] >= 0 && m->owner[nobody] != owner;
    assert_int_equal(of_other ? CSN_CONFLICT : CSN_OK, status);
    if (status == CSN_OK && m->owner[nobody] < 0) {
        assert_int_equal(model_link(m, owner, nobody), out.items);
    }
}

static void
compare(struct model *m)
{
    assert_logs_whole(&m->w);
    for (int who = 0; who < WHO_MAX; who++) {
        char wanted[LINE_MAX_BYTES] = "";
        size_t used = 0;
        for (int i = 0; i < m->logs[who].count; i++) {
            used += (size_t)snprintf(wanted + used, sizeof wanted - used, "%si%d", i ? " " : "",
                                     m->logs[who].entries[i].id);
        }
        assert_string_equal(wanted, world_log(&m->w, m->customers[who]));
    }
}

static uint64_t first_seed = 20261121;

static void
every_history_reads_as_the_model_does(void **state)
{
    (void)state;
    static struct model m;
    for (uint64_t seed = first_seed; seed < first_seed + HISTORIES; seed++) {
        m = (struct model){.dice = seed};
        print_message("seed %llu\n", (unsigned long long)seed);
        begin(&m);
        for (int step = 0; step < STEPS; step++) {
            static void (*const steps[])(struct model *) = {step_append, step_append, step_login,
                                                            step_unlink, step_link};
            steps[roll(&m, 5)](&m);
            compare(&m);
        }
        world_close(&m.w);
    }
}

int
main(int argc, char **argv)
{
    if (argc > 1) {
        first_seed = strtoull(argv[1], NULL, 10);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_history_reads_as_the_model_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
