/* Killed at random points: a child acts and acknowledges, the parent ends it with SIGKILL in the
 * middle of its work, opens the directory again, and looks for everything acknowledged.
 *
 *     durability_crash [--rounds N] [--seed N]
 *
 * The directory lives on through all rounds. What a child did without acknowledging it may be there
 * or not, but never by half.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/integration/durability/check.h"
#include "tests/integration/durability/hammer.h"

#define ROUNDS 60
#define ACKS_PER_ROUND_MAX 1000 /* a round ends after a random number of them */
#define MERCY_US_MAX 20000 /* in every eighth round: after a random time, mostly in the opening */

struct run {
    char directory[64];
    uint64_t dice;
    struct ack *acks;
    size_t count, cap;
    int64_t slowest_us; /* to be ready again */
};

static void
keep(struct run *run, const struct ack *ack)
{
    if (run->count == run->cap) {
        run->cap = run->cap == 0 ? 4096 : 2 * run->cap;
        run->acks = realloc(run->acks, run->cap * sizeof *run->acks);
        require(run->acks != NULL, "no memory for", "acknowledgements");
    }
    run->acks[run->count++] = *ack;
}

/* Reads at most `limit` acknowledgements; stops where the pipe ends. */
static void
listen_to(struct run *run, int fd, uint32_t limit)
{
    struct ack ack;
    for (uint32_t i = 0; i < limit; i++) {
        ssize_t got = read(fd, &ack, sizeof ack);
        if (got == 0) {
            return;
        }
        require(got == (ssize_t)sizeof ack, "an acknowledgement came in pieces", "");
        keep(run, &ack);
    }
}

static void
kill_one_child(struct run *run, uint64_t round)
{
    int fds[2], status = 0;
    require(pipe(fds) == 0, "no pipe", "");
    fflush(NULL);
    pid_t child = fork();
    require(child >= 0, "no child", "");
    if (child == 0) {
        close(fds[0]);
        hammer(run->directory, run->dice + round, fds[1]);
    }
    close(fds[1]);
    if (round % 8 == 7) {
        usleep(dice(&run->dice, MERCY_US_MAX));
    } else {
        listen_to(run, fds[0], 1 + dice(&run->dice, ACKS_PER_ROUND_MAX));
    }
    kill(child, SIGKILL);
    listen_to(run, fds[0], UINT32_MAX);
    close(fds[0]);
    require(waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
                WTERMSIG(status) == SIGKILL,
            "the child ended by itself", "");
}

static int64_t
microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void
look(struct run *run, struct stage *stage, size_t from)
{
    struct csn_store *store = NULL;
    int64_t begin_us = microseconds();
    require(csn_store_open(run->directory, &store) == CSN_OK, "the store does not open again",
            run->directory);
    int64_t took_us = microseconds() - begin_us;
    run->slowest_us = took_us > run->slowest_us ? took_us : run->slowest_us;
    check_whole(store);
    check_acks(stage, store, run->acks + from, run->count - from);
    csn_store_close(store);
}

static int
by_session(const void *a, const void *b)
{
    return memcmp(((const struct ack *)a)->session.text, ((const struct ack *)b)->session.text,
                  CSN_ID_LENGTH);
}

/* No two logins were given the same session. */
static void
check_doubles(struct run *run)
{
    size_t logins = 0;
    for (size_t i = 0; i < run->count; i++) {
        if (run->acks[i].kind == ACT_LOGIN || run->acks[i].kind == ACT_LINK) {
            run->acks[logins++] = run->acks[i];
        }
    }
    qsort(run->acks, logins, sizeof *run->acks, by_session);
    for (size_t i = 1; i < logins; i++) {
        require(by_session(&run->acks[i - 1], &run->acks[i]) != 0, "a session was given twice",
                run->acks[i].session.text);
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
    struct run run = {.directory = "/tmp/countersign-crash-XXXXXX"};
    struct stage stage;
    uint64_t rounds = option(argc, argv, "--rounds", ROUNDS);
    run.dice = option(argc, argv, "--seed", (uint64_t)time(NULL));
    printf("durability_crash: seed %llu\n", (unsigned long long)run.dice);
    require(mkdtemp(run.directory) != NULL, "no directory", run.directory);
    stage_open(&stage);
    for (uint64_t round = 0; round < rounds; round++) {
        size_t before = run.count;
        kill_one_child(&run, round);
        look(&run, &stage, before);
    }
    look(&run, &stage, 0);
    check_doubles(&run);
    printf("durability_crash: %llu kills, %zu acknowledged acts, 0 lost, 0 double; ready again "
           "after at most %.1f ms\n",
           (unsigned long long)rounds, run.count, (double)run.slowest_us / 1000);
    stage_close(&stage);
    free(run.acks);
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", run.directory);
    return system(command) == 0 ? 0 : 1;
}
