/* Group commit on SQLite, and nothing else. See bare.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "bench/served/bare.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/clock.h"
#include "server/store/queue.h"
#include "server/store/sqlite.h"

struct csn_bare {
    char folder[CSN_FOLDER_MAX];
    struct csn_store *store;
    sqlite3_stmt *begin, *commit, *statements[CSN_BARE_STATEMENTS_MAX];
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    struct csn_bare_rows *first, *last; /* under the mutex, as all below */
    bool stopping;
    size_t jobs, batches; /* committed since they were last asked for */
};

static struct csn_bare_rows *
take_batch(struct csn_bare *bare)
{
    struct csn_bare_rows *batch = bare->first, *last = batch;
    size_t count = 1;
    for (; count < CSN_QUEUE_BATCH_MAX && last->next != NULL; count++)
        last = last->next;
    bare->first = last->next;
    last->next = NULL;
    bare->jobs += count;
    bare->batches++;
    return batch;
}

static bool
write_batch(struct csn_bare *bare, struct csn_bare_rows *batch)
{
    bool held = csn_bare_done(bare->begin);
    for (struct csn_bare_rows *rows = batch; rows != NULL && held; rows = rows->next)
        held = rows->write(bare, rows);
    return held && csn_bare_done(bare->commit);
}

static void
tell(struct csn_bare_rows *batch, bool held)
{
    for (struct csn_bare_rows *rows = batch, *next; rows != NULL; rows = next) {
        next = rows->next;
        rows->held = held;
        sem_post(&rows->done); /* from here on it is its submitter's again */
    }
}

static void *
work(void *argument)
{
    struct csn_bare *bare = argument;
    pthread_mutex_lock(&bare->mutex);
    for (;;) {
        while (bare->first == NULL && !bare->stopping)
            pthread_cond_wait(&bare->wake, &bare->mutex);
        if (bare->first == NULL)
            break;
        struct csn_bare_rows *batch = take_batch(bare);
        pthread_mutex_unlock(&bare->mutex);
        tell(batch, write_batch(bare, batch));
        pthread_mutex_lock(&bare->mutex);
    }
    pthread_mutex_unlock(&bare->mutex);
    return NULL;
}

bool
csn_bare_write(struct csn_bare *bare, struct csn_bare_rows *rows)
{
    rows->next = NULL;
    sem_init(&rows->done, 0, 0);
    pthread_mutex_lock(&bare->mutex);
    if (bare->first == NULL) {
        bare->first = rows;
        pthread_cond_signal(&bare->wake);
    } else {
        bare->last->next = rows;
    }
    bare->last = rows;
    pthread_mutex_unlock(&bare->mutex);
    while (sem_wait(&rows->done) != 0) { /* a signal came between */
    }
    sem_destroy(&rows->done);
    return rows->held;
}

static bool
prepare(struct csn_bare *bare, const char *sql, sqlite3_stmt **out)
{
    return sqlite3_prepare_v3(bare->store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL) ==
           SQLITE_OK;
}

static bool
start(struct csn_bare *bare, const char *const *sql)
{
    bool held = csn_store_open(bare->folder, &bare->store) == CSN_OK &&
                prepare(bare, "BEGIN IMMEDIATE", &bare->begin) &&
                prepare(bare, "COMMIT", &bare->commit);
    for (size_t i = 0; held && sql[i] != NULL; i++)
        held = prepare(bare, sql[i], &bare->statements[i]);
    pthread_mutex_init(&bare->mutex, NULL);
    pthread_cond_init(&bare->wake, NULL);
    return held && pthread_create(&bare->thread, NULL, work, bare) == 0;
}

struct csn_bare *
csn_bare_open(const char *where, const char *const *sql)
{
    struct csn_bare *bare = calloc(1, sizeof *bare);
    if (bare == NULL || !csn_folder_make(where, bare->folder))
        return NULL;
    if (start(bare, sql))
        return bare;
    fprintf(stderr, "bench: the reference cannot start\n");
    return NULL;
}

void
csn_bare_close(struct csn_bare *bare)
{
    if (bare == NULL)
        return;
    pthread_mutex_lock(&bare->mutex);
    bare->stopping = true;
    pthread_mutex_unlock(&bare->mutex);
    pthread_cond_signal(&bare->wake);
    pthread_join(bare->thread, NULL);
    sqlite3_finalize(bare->begin);
    sqlite3_finalize(bare->commit);
    for (size_t i = 0; i < CSN_BARE_STATEMENTS_MAX; i++)
        sqlite3_finalize(bare->statements[i]);
    csn_store_close(bare->store);
    csn_folder_remove(bare->folder);
    free(bare);
}

sqlite3_stmt *
csn_bare_statement(struct csn_bare *bare, size_t index)
{
    return bare->statements[index];
}

const char *
csn_bare_folder(const struct csn_bare *bare)
{
    return bare->folder;
}

bool
csn_bare_done(sqlite3_stmt *statement)
{
    int result = sqlite3_step(statement);
    sqlite3_reset(statement);
    return result == SQLITE_DONE;
}

double
csn_bare_batch(struct csn_bare *bare)
{
    pthread_mutex_lock(&bare->mutex);
    size_t jobs = bare->jobs, batches = bare->batches;
    bare->jobs = bare->batches = 0;
    pthread_mutex_unlock(&bare->mutex);
    return batches > 0 ? (double)jobs / (double)batches : 0;
}

int64_t
csn_bare_now_ms(void)
{
    const struct csn_clock clock = csn_clock_system();
    return csn_clock_now(&clock);
}

#define IDENTITY_SEALED 52 /* an identity of 12 bytes */
#define KEY_SEALED 72

bool
csn_bare_customer(sqlite3_stmt *q, const char *app, const char *id,
                  const unsigned char identity_hash[16], int64_t now_ms)
{
    unsigned char sealed[IDENTITY_SEALED + KEY_SEALED];
    sqlite3_randomness(sizeof sealed, sealed);
    sqlite3_bind_text(q, 1, app, -1, SQLITE_STATIC);
    sqlite3_bind_text(q, 2, id, -1, SQLITE_STATIC);
    sqlite3_bind_blob(q, 3, identity_hash, 16, SQLITE_STATIC);
    sqlite3_bind_blob(q, 4, sealed, IDENTITY_SEALED, SQLITE_STATIC);
    sqlite3_bind_blob(q, 5, sealed + IDENTITY_SEALED, KEY_SEALED, SQLITE_STATIC);
    sqlite3_bind_int64(q, 6, now_ms);
    sqlite3_bind_int64(q, 7, now_ms);
    return csn_bare_done(q);
}
