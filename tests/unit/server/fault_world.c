/* Every step of an operation fails in turn. See fault_world.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/server/fault_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/store/sqlite.h"

/* --- the state of the database, as one number --- */

static uint64_t
mix(uint64_t hash, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ at[i]) * 0x100000001B3u;
    }
    return hash;
}

static uint64_t
table_fingerprint(struct world *w, const char *table, uint64_t hash)
{
    char sql[96];
    sqlite3_stmt *rows = NULL;
    snprintf(sql, sizeof sql, "SELECT * FROM %s", table);
    assert_int_equal(SQLITE_OK, sqlite3_prepare_v2(w->store->db, sql, -1, &rows, NULL));
    while (sqlite3_step(rows) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(rows); i++) {
            const void *value = sqlite3_column_blob(rows, i);
            hash = mix(hash, value, (size_t)sqlite3_column_bytes(rows, i));
            hash = mix(hash, "|", 1);
        }
    }
    sqlite3_finalize(rows);
    return hash;
}

static uint64_t
fingerprint(struct world *w)
{
    static const char *const tables[] = {"customers", "links",       "links_undone",
                                         "sessions",  "devices",     "challenges",
                                         "logs",      "revocations", "items"};
    uint64_t hash = 0xCBF29CE484222325u;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        hash = table_fingerprint(w, tables[i], mix(hash, tables[i], strlen(tables[i])));
    }
    return hash;
}

/* --- the fault --- */

struct fault {
    int step, at; /* fails at this step, */
    bool stays;   /* and at every one after it */
};

static bool
strikes(void *state)
{
    struct fault *fault = state;
    fault->step++;
    return fault->step == fault->at || (fault->stays && fault->step > fault->at);
}

/* Returns: it did not get as far as the fault, so every step has had its turn. */
static bool
fail_at(struct world *w, operation *run, void *state, struct fault fault)
{
    uint64_t before = fingerprint(w);
    w->store->fault_state = &fault;
    w->store->fault = strikes;
    enum csn_status status = world_run(w->store, run, state);
    w->store->fault = NULL;
    bool finished = fault.step < fault.at;
    assert_int_equal(finished ? CSN_OK : CSN_UNAVAILABLE, status);
    assert_int_equal(finished, fingerprint(w) != before);
    if (!finished) {
        assert_ok(world_run(w->store, run, state));
        assert_true(fingerprint(w) != before);
    }
    return finished;
}

void
world_fail_everywhere(struct world *(*open)(void *state), operation *run, void *state,
                      int steps_at_least)
{
    for (int stays = 0; stays < 2; stays++) {
        bool finished = false;
        int at = 0;
        while (!finished) {
            struct world *w = open(state);
            finished = fail_at(w, run, state, (struct fault){.at = ++at, .stays = stays});
            world_close(w);
        }
        assert_true(at > steps_at_least);
    }
}
