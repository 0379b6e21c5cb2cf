/* Two apps with rows in every table that names its app, whatever the table: the schema says which
 * those are. For tests of what an app that was removed leaves behind.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_SERVER_REMOVAL_WORLD_H
#define CSN_TESTS_SERVER_REMOVAL_WORLD_H

#include "server/store/sqlite.h"
#include "tests/unit/server/session_world.h"

#define ACCOUNT "01ARZ3NDEKTSV4RRFFQ69G5FAA"
#define GONE "01ARZ3NDEKTSV4RRFFQ69G5FA1"  /* the app that is removed */
#define STAYS "01ARZ3NDEKTSV4RRFFQ69G5FA2" /* and the one beside it */
#define ROWS 5                             /* of each table and app; of deliveries more */
#define LIMIT 2                            /* of a slice */
#define NOW 1795219200000LL                /* 2026-11-21T12:00:00Z */
#define TABLES_MAX 64

extern struct removal_stage {
    struct world w;
    char tables[TABLES_MAX][64]; /* with a column `app` */
    size_t table_count;
} stage;

/* Adds both apps to the open world, and reads `tables`. */
void removal_add_apps(void);
void removal_add_app(const char *id);

/* It may keep rows of a removed app, and there is a reason. */
bool removal_is_kept(const char *table);
/* Its rows refer to the app's own: they go with it, and none can come later. */
bool removal_goes_with_its_app(const char *table);

/* Rows that no operation would write, but of the right types: references and checks are not the
 * point here. Of a table with one row for each app, the first is planted. */
void removal_plant(const char *table, const char *app, int first, int count);
/* ROWS of each table, and of deliveries more than a slice takes. */
void removal_plant_all(const char *app, int first);

int64_t removal_count_of(const char *table, const char *app);
/* Everything the tables hold of an app, in whatever order. */
uint64_t removal_fold(const char *app);
sqlite3_stmt *removal_prepare(const char *sql);

/* --- removing and sweeping --- */
void removal_remove_app(void); /* GONE */

struct removal_slice {
    size_t limit;
    bool more, fails;
    int64_t now_ms, touched;
};
/* A job: one slice, which fails in the end where `fails` says so. In, out: struct removal_slice. */
enum csn_status removal_run_slice(void *state, struct csn_store *store);
struct removal_slice removal_sweep_once(int64_t now_ms);
/* Slices until there is nothing to do now. Returns: how many. */
int removal_sweep(int64_t now_ms);
void assert_nothing_left(const char *app);

#endif
