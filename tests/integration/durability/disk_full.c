/* Out of space: an act is acknowledged and there, or refused and not there; when there is space
 * again, the same store goes on.
 *
 * The space ends by RLIMIT_FSIZE, which needs no mount and stops the write-ahead log in the middle
 * of a frame; and by max_page_count, which is what SQLite sees of a full file.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "server/store/sqlite.h"
#include "tests/integration/durability/check.h"

#define ACTS_MAX 4000

struct run {
    char directory[64];
    struct stage stage;
    struct csn_store *store;
    struct csn_queue *queue;
    struct ack acks[ACTS_MAX];
    size_t count, customers, refused, turn;
};

static void
keep(struct run *run, const struct act *act, enum csn_status status)
{
    if (status == CSN_OK) {
        require(run->count < ACTS_MAX, "the space never ends", "");
        run->acks[run->count++] = act->ack;
        return;
    }
    require(status == CSN_UNAVAILABLE, "a full disk is", csn_status_name(status));
    run->refused++;
}

static enum csn_status
append_to(struct run *run, struct csn_id customer)
{
    struct act act = {.customer = customer};
    act_prepare(&act, &run->stage, ACT_APPEND, 1795219200000LL);
    snprintf(act.item, sizeof act.item, "item-%zu", run->turn);
    enum csn_status status = csn_queue_run(run->queue, &act.job);
    keep(run, &act, status);
    return status;
}

static enum csn_status
log_in(struct run *run)
{
    struct act act = {0};
    act_prepare(&act, &run->stage, ACT_LOGIN, 1795219200000LL);
    snprintf(act.identity, sizeof act.identity, "customer-%zu", run->turn);
    snprintf(act.device, sizeof act.device, "device-%zu", run->turn);
    run->turn++;
    enum csn_status status = csn_queue_run(run->queue, &act.job);
    keep(run, &act, status);
    if (status != CSN_OK) {
        return status;
    }
    run->customers++;
    return append_to(run, act.ack.customer);
}

static void
look(struct run *run)
{
    csn_queue_stop(run->queue);
    csn_store_close(run->store);
    require(csn_store_open(run->directory, &run->store) == CSN_OK, "the store does not open", "");
    check_whole(run->store);
    check_acks(&run->stage, run->store, run->acks, run->count);
    struct csn_query q = csn_query(run->store, "SELECT count(*) FROM customers");
    int64_t customers = csn_query_row(&q) ? csn_row_int(&q) : -1;
    require(csn_query_end(&q) == CSN_OK && customers == (int64_t)run->customers,
            "a refused login left a customer", "");
    require(csn_queue_start(run->store, &run->queue) == CSN_OK, "no queue", "");
}

static void
limit_files(rlim_t bytes)
{
    struct rlimit limit;
    require(getrlimit(RLIMIT_FSIZE, &limit) == 0, "no limit", "");
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    require(setrlimit(RLIMIT_FSIZE, &limit) == 0, "no limit", "");
}

static rlim_t
size_of(const struct run *run, const char *name)
{
    char path[128];
    struct stat found;
    snprintf(path, sizeof path, "%s/%s", run->directory, name);
    return stat(path, &found) == 0 ? (rlim_t)found.st_size : 0;
}

/* Until it is refused, then a few more: each must be refused or kept, and none may break another.
 */
static void
use_up_the_space(struct run *run)
{
    size_t refused = run->refused;
    while (run->refused == refused) {
        (void)log_in(run);
    }
    for (int i = 0; i < 20; i++) {
        (void)log_in(run);
    }
}

static void
refuses_when_the_log_cannot_grow_and_goes_on_when_it_can(struct run *run)
{
    for (rlim_t spare = 1; spare < 200000; spare = spare * 3 + 1000) {
        limit_files(size_of(run, "countersign.db-wal") + spare);
        use_up_the_space(run);
        limit_files(RLIM_INFINITY);
        require(log_in(run) == CSN_OK, "it does not go on by itself", "");
        look(run);
    }
}

static void
refuses_when_the_file_is_full_and_goes_on_when_it_is_not(struct run *run)
{
    char sql[64];
    csn_queue_stop(run->queue);
    snprintf(sql, sizeof sql, "PRAGMA max_page_count=%llu",
             (unsigned long long)size_of(run, "countersign.db") / 4096 + 20);
    require(sqlite3_exec(run->store->db, sql, NULL, NULL, NULL) == SQLITE_OK, "no limit", sql);
    require(csn_queue_start(run->store, &run->queue) == CSN_OK, "no queue", "");
    use_up_the_space(run);
    csn_queue_stop(run->queue);
    sqlite3_exec(run->store->db, "PRAGMA max_page_count=1000000", NULL, NULL, NULL);
    require(csn_queue_start(run->store, &run->queue) == CSN_OK, "no queue", "");
    require(log_in(run) == CSN_OK, "it does not go on by itself", "");
    look(run);
}

int
main(void)
{
    static struct run run = {.directory = "/tmp/countersign-full-XXXXXX"};
    signal(SIGXFSZ, SIG_IGN);
    require(mkdtemp(run.directory) != NULL, "no directory", run.directory);
    stage_open(&run.stage);
    require(csn_store_open(run.directory, &run.store) == CSN_OK, "the store does not open", "");
    require(stage_populate(&run.stage, run.store) == CSN_OK, "no app", "");
    require(csn_queue_start(run.store, &run.queue) == CSN_OK, "no queue", "");
    refuses_when_the_log_cannot_grow_and_goes_on_when_it_can(&run);
    refuses_when_the_file_is_full_and_goes_on_when_it_is_not(&run);
    csn_queue_stop(run.queue);
    csn_store_close(run.store);
    stage_close(&run.stage);
    printf("durability_disk_full: %zu acknowledged, %zu refused, 0 lost, 0 by half\n", run.count,
           run.refused);
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", run.directory);
    return system(command) == 0 ? 0 : 1;
}
