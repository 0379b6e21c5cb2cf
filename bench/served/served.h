/* A whole server without sockets, on a fresh folder of a real disk: service, queue, housekeeper and
 * all, as `countersign serve` puts it together; and clients that ask it in the calling thread.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_BENCH_SERVED_H
#define CSN_BENCH_SERVED_H

#include "bench/served/turns.h"
#include "countersign/token.h"
#include "server/api/exchange.h"
#include "server/assemble.h"

#define CSN_SERVED_SECRET "a-shared-secret-of-exactly-64-bytes-0123456789abcdefghijklmnopqr"
#define CSN_TEXT_MAX 8192      /* bytes of a bearer or a target */
#define CSN_ANSWER_MAX 1048576 /* bytes of an answer */

struct csn_served {
    char folder[CSN_FOLDER_MAX];
    struct csn_server server;
    struct csn_signer *signer; /* of CSN_SERVED_SECRET: what apps are made with */
    char admin[128];           /* "key.secret" */
};

/* Starts on a fresh folder in `where`. Returns: false after saying why. */
bool csn_served_open(struct csn_served *served, const char *where);
/* Starts on `folder` as it is, which is removed at the end. */
bool csn_served_open_folder(struct csn_served *served, const char *folder);
void csn_served_close(struct csn_served *served);

/* For filling only: commits do not wait for the disk until it is called with false. */
bool csn_served_hurry(struct csn_served *served, bool hurry);

/* One thread's means to ask. */
struct csn_client {
    struct csn_served *served;
    struct csn_exchange x;
    struct csn_workspace workspace;
    void *memory;
    size_t memory_size;
    char *answer; /* of the last question, terminated */
};
bool csn_client_open(struct csn_client *client, struct csn_served *served);
void csn_client_close(struct csn_client *client);

/* Returns: the status of the answer, which is in client->answer until the next question. */
int csn_client_ask(struct csn_client *client, enum csn_method method, const char *target,
                   const char *bearer, struct csn_bytes body);

/* Copies what stands between `before` and the next quote of the answer. Returns: it is there. */
bool csn_client_text(const struct csn_client *client, const char *before, char *out, size_t cap);

/* Makes an app by the preset "generic" whose key is CSN_SERVED_SECRET (HS256). Out: its id. */
bool csn_client_app(struct csn_client *client, char app[CSN_ID_LENGTH + 1]);
/* A token for `sub`, issued now, for an hour. */
bool csn_served_token(struct csn_served *served, const char *sub, char out[CSN_TEXT_MAX]);
/* Logs `sub` in on that device. Out: the session token; NULL: not needed. */
bool csn_client_login(struct csn_client *client, const char *app, const char *device,
                      const char *token, char *session);

#endif
