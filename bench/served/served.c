/* A server without sockets, and who asks it. See served.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "bench/served/served.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "countersign/key.h"
#include "crypto/init.h"
#include "server/store/sqlite.h"

#define BODY_MAX CSN_REQUEST_SYNC_BODY_MAX
/* Of no worth: with one given, no line is logged about one that was made. */
#define MASTER "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

/* --- the server --- */

static bool
keep_admin_key(const struct csn_server *server)
{
    (void)server; /* it stays in server->admin */
    return true;
}

bool
csn_served_open_folder(struct csn_served *s, const char *folder)
{
    *s = (struct csn_served){.server = {.hand_out_admin_key = keep_admin_key}};
    snprintf(s->folder, sizeof s->folder, "%s", folder);
    struct csn_key_report report;
    if (csn_crypto_init() != CSN_OK ||
        csn_signer_from_secret(CSN_HS256, csn_bytes_text(CSN_SERVED_SECRET), &s->signer, &report) !=
            CSN_OK)
        return false;
    setenv("COUNTERSIGN_MASTER_KEY", MASTER, 1);
    s->server.settings.data = s->folder;
    s->server.settings.cache_entries = 65536;
    if (csn_server_open(&s->server) != CSN_OK)
        return false;
    snprintf(s->admin, sizeof s->admin, "%s.%s", s->server.admin.info.key, s->server.admin.secret);
    return true;
}

bool
csn_served_open(struct csn_served *s, const char *where)
{
    char folder[CSN_FOLDER_MAX];
    return csn_folder_make(where, folder) && csn_served_open_folder(s, folder);
}

void
csn_served_close(struct csn_served *s)
{
    csn_server_close(&s->server);
    csn_signer_free(s->signer);
    csn_folder_remove(s->folder);
}

static enum csn_status
do_hurry(struct csn_job *job, struct csn_store *store)
{
    (void)job;
    /* Outside any transaction a pragma takes effect at once; in one it would not. */
    csn_store_rollback(store);
    sqlite3_exec(store->db, "PRAGMA synchronous=OFF", NULL, NULL, NULL);
    return CSN_UNAVAILABLE;
}

static enum csn_status
do_care(struct csn_job *job, struct csn_store *store)
{
    (void)job;
    csn_store_rollback(store);
    sqlite3_exec(store->db, "PRAGMA synchronous=FULL", NULL, NULL, NULL);
    return CSN_UNAVAILABLE;
}

static int
read_synchronous(struct csn_store *store)
{
    sqlite3_stmt *statement = NULL;
    int value = -1;
    if (sqlite3_prepare_v2(store->db, "PRAGMA synchronous", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        value = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

struct reading_job {
    struct csn_job job; /* first */
    int synchronous;
};

static enum csn_status
do_read(struct csn_job *job, struct csn_store *store)
{
    ((struct reading_job *)job)->synchronous = read_synchronous(store);
    return CSN_OK;
}

bool
csn_served_hurry(struct csn_served *s, bool hurry)
{
    struct csn_job change = {.run = hurry ? do_hurry : do_care};
    struct reading_job reading = {.job = {.run = do_read}};
    (void)!csn_queue_run(s->server.service.queue, &change); /* its transaction is gone, as meant */
    bool read = csn_queue_run(s->server.service.queue, &reading.job) == CSN_OK;
    return read && reading.synchronous == (hurry ? 0 : 2);
}

bool
csn_served_token(struct csn_served *s, const char *sub, char out[CSN_TEXT_MAX])
{
    char payload[256];
    long long now_s = (long long)(csn_clock_now(&s->server.service.clock) / 1000);
    snprintf(payload, sizeof payload, "{\"sub\":\"%s\",\"iat\":%lld,\"exp\":%lld}", sub, now_s,
             now_s + 3600);
    struct csn_buffer token = csn_buffer_over(out, CSN_TEXT_MAX);
    struct csn_mint_request request = {
        .signer = s->signer, .type = csn_bytes_text("JWT"), .payload = csn_bytes_text(payload)};
    return csn_mint(&request, &token) == CSN_OK && csn_buffer_terminate(&token) != NULL;
}

/* --- a client --- */

bool
csn_client_open(struct csn_client *c, struct csn_served *served)
{
    *c = (struct csn_client){.served = served, .memory_size = CSN_EXCHANGE_MEMORY + BODY_MAX};
    c->memory = malloc(c->memory_size);
    c->answer = malloc(CSN_ANSWER_MAX);
    return c->memory != NULL && c->answer != NULL;
}

void
csn_client_close(struct csn_client *c)
{
    free(c->memory);
    free(c->answer);
}

int
csn_client_ask(struct csn_client *c, enum csn_method method, const char *target, const char *bearer,
               struct csn_bytes body)
{
    char authorization[CSN_TEXT_MAX];
    struct csn_header headers[2];
    size_t count = 0;
    if (bearer != NULL) {
        snprintf(authorization, sizeof authorization, "Bearer %s", bearer);
        headers[count++] =
            (struct csn_header){csn_bytes_text("Authorization"), csn_bytes_text(authorization)};
    }
    if (body.len > 0)
        headers[count++] =
            (struct csn_header){csn_bytes_text("Content-Type"), csn_bytes_text("application/json")};
    csn_api_prepare(&c->x, &c->served->server.service, c->memory, CSN_EXCHANGE_MEMORY + body.len);
    c->x.workspace = &c->workspace;
    c->x.request = (struct csn_request){.method = method,
                                        .path = csn_bytes_text(target),
                                        .headers = headers,
                                        .header_count = count,
                                        .body = body,
                                        .source = csn_bytes_text("127.0.0.1")};
    csn_api_answer(&c->x);
    struct csn_bytes said = c->x.response.body;
    size_t len = said.len < CSN_ANSWER_MAX ? said.len : CSN_ANSWER_MAX - 1;
    if (len > 0)
        memcpy(c->answer, said.ptr, len);
    c->answer[len] = '\0';
    int status = c->x.response.status;
    csn_api_end(&c->x);
    return status;
}

bool
csn_client_text(const struct csn_client *c, const char *before, char *out, size_t cap)
{
    const char *at = strstr(c->answer, before);
    if (at == NULL)
        return false;
    at += strlen(before);
    size_t len = strcspn(at, "\"");
    if (len >= cap)
        return false;
    memcpy(out, at, len);
    out[len] = '\0';
    return true;
}

bool
csn_client_app(struct csn_client *c, char app[CSN_ID_LENGTH + 1])
{
    char target[128];
    const char *admin = c->served->admin;
    if (csn_client_ask(c, CSN_POST, "/api/v1/apps", admin,
                       csn_bytes_text("{\"name\":\"bench\",\"preset\":\"generic\"}")) != 201 ||
        !csn_client_text(c, "\"id\":\"", app, CSN_ID_LENGTH + 1))
        return false;
    snprintf(target, sizeof target, "/api/v1/apps/%s/keys", app);
    return csn_client_ask(c, CSN_POST, target, admin,
                          csn_bytes_text("{\"secret\":\"" CSN_SERVED_SECRET
                                         "\",\"algorithm\":\"HS256\"}")) == 201;
}

bool
csn_client_login(struct csn_client *c, const char *app, const char *device, const char *token,
                 char *session)
{
    char target[128], body[CSN_TEXT_MAX + 256];
    snprintf(target, sizeof target, "/sdk/v1/apps/%s/sessions", app);
    snprintf(body, sizeof body,
             "{\"device\":{\"id\":\"%s\",\"platform\":\"ios\",\"app_version\":\"1.2.3\","
             "\"sdk_version\":\"0.1.0\"},\"token\":\"%s\"}",
             device, token);
    if (csn_client_ask(c, CSN_POST, target, NULL, csn_bytes_text(body)) != 201)
        return false;
    return session == NULL || csn_client_text(c, "\"token\":\"", session, CSN_TEXT_MAX);
}
