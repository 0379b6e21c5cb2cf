/* Out of power at any write or sync: what was acknowledged before the cut is on the disk after it,
 * though only synced data can be relied on (cut_vfs.h).
 *
 *     durability_power_cut [--rounds N] [--seed N]
 *
 * A killed process loses nothing that it has written; a computer does. So this, and not the crash
 * test, shows that each commit is synced before it is acknowledged. Checkpoints are made frequent,
 * so that cuts fall into them too.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "server/domain/id.h"
#include "server/store/sqlite.h"
#include "tests/integration/durability/check.h"
#include "tests/integration/durability/cut_vfs.h"

#define ROUNDS 400 /* acts; at about every tenth write or sync there is a cut */
#define CUTS_PER_ACT_MAX 4

struct run {
    char directory[64];
    uint64_t dice;
    bool cutting; /* writes of the store under test, not those of a check */
    uint64_t cuts;
    int pending; /* cuts taken during the act under way */
    struct ack *acks;
    size_t count;
};

static void
cut_path(const struct run *run, int number, char out[96])
{
    snprintf(out, 96, "%s/cut%d", run->directory, number);
}

static void
maybe_cut(void *state)
{
    struct run *run = state;
    char into[96];
    if (!run->cutting || run->pending == CUTS_PER_ACT_MAX || dice(&run->dice, 10) != 0) {
        return;
    }
    cut_path(run, run->pending++, into);
    cut_vfs_take(run->directory, into, &run->dice);
}

static void
remove_files(const char *directory)
{
    static const char *const names[] = {"countersign.db", "countersign.db-wal",
                                        "countersign.db-shm", "countersign.lock"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        unlink(path);
    }
    rmdir(directory);
}

/* `known` acts were acknowledged before the cuts were taken. */
static void
look_at_cuts(struct run *run, struct stage *stage, size_t known)
{
    run->cutting = false;
    for (int i = 0; i < run->pending; i++) {
        char path[96];
        struct csn_store *store = NULL;
        cut_path(run, i, path);
        require(csn_store_open(path, &store) == CSN_OK, "the store does not open after", path);
        check_whole(store);
        check_acks(stage, store, run->acks, known);
        csn_store_close(store);
        remove_files(path);
        run->cuts++;
    }
    run->pending = 0;
    run->cutting = true;
}

static void
note_done(struct csn_job *job)
{
    (void)job;
}

/* The last login, or the last link; NULL: none. */
static const struct ack *
last_of(const struct run *run, bool link)
{
    for (size_t i = run->count; i > 0; i--) {
        const struct ack *ack = &run->acks[i - 1];
        if (ack->kind == ACT_LINK || (!link && ack->kind == ACT_LOGIN)) {
            return ack;
        }
    }
    return NULL;
}

static void
do_one_act(struct run *run, struct stage *stage, struct csn_store *store)
{
    static const enum act_kind kinds[] = {ACT_LOGIN,  ACT_LINK,        ACT_UNLINK, ACT_APPEND,
                                          ACT_LOGOUT, ACT_ENFORCEMENT, ACT_KEY};
    struct act act = {0};
    enum act_kind kind = kinds[dice(&run->dice, 7)];
    const struct ack *login = last_of(run, kind == ACT_UNLINK);
    if (login == NULL) {
        kind = kind == ACT_ENFORCEMENT || kind == ACT_KEY ? kind : ACT_LINK;
    } else {
        act.session = login->session;
        act.customer = login->customer;
        act.linked = login->linked;
    }
    act_prepare(&act, stage, kind, 1795219200000LL + (int64_t)run->count);
    act.job.done = note_done;
    snprintf(act.identity, sizeof act.identity, "customer-%u", dice(&run->dice, 40));
    snprintf(act.device, sizeof act.device, "device-%u", dice(&run->dice, 10));
    snprintf(act.item, sizeof act.item, "item-%zu", run->count);
    size_t known = run->count;
    csn_queue_inline(store, &act.job);
    require(act.job.status == CSN_OK, "an act failed", csn_status_name(act.job.status));
    look_at_cuts(run, stage, known);
    run->acks[run->count++] = act.ack;
    if (dice(&run->dice, 4) == 0) {
        char path[96];
        cut_path(run, run->pending++, path);
        cut_vfs_take(run->directory, path, &run->dice);
        look_at_cuts(run, stage, run->count);
    }
}

static uint64_t
option(int argc, char **argv, const char *name, uint64_t otherwise)
{
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], name) == 0) {
            return strtoull(argv[i + 1], NULL, 10);
        }
    }
    return otherwise;
}

int
main(int argc, char **argv)
{
    struct run run = {.directory = "/tmp/countersign-cut-XXXXXX"};
    struct stage stage;
    struct csn_store *store = NULL;
    uint64_t rounds = option(argc, argv, "--rounds", ROUNDS);
    run.dice = option(argc, argv, "--seed", (uint64_t)time(NULL));
    printf("durability_power_cut: seed %llu\n", (unsigned long long)run.dice);
    run.acks = calloc(rounds, sizeof *run.acks);
    require(run.acks != NULL && mkdtemp(run.directory) != NULL, "no directory", run.directory);
    stage_open(&stage);
    cut_vfs_install(maybe_cut, &run);
    require(csn_store_open(run.directory, &store) == CSN_OK, "the store does not open", "");
    require(stage_populate(&stage, store) == CSN_OK, "no app", "");
    sqlite3_exec(store->db, "PRAGMA wal_autocheckpoint=40", NULL, NULL, NULL);
    run.cutting = true;
    for (uint64_t round = 0; round < rounds; round++) {
        do_one_act(&run, &stage, store);
    }
    run.cutting = false;
    csn_store_close(store);
    printf("durability_power_cut: %zu acknowledged acts, %llu cuts, 0 lost\n", run.count,
           (unsigned long long)run.cuts);
    remove_files(run.directory);
    stage_close(&stage);
    free(run.acks);
    return 0;
}
