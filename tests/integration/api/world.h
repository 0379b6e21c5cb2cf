/* The world of the API tests: a whole server without sockets, over a store in memory, at a time the
 * test chooses, with randomness from a seed.
 *
 *   world_open(&w);
 *   assert_int_equal(world_ask(&w, &(struct ask){CSN_GET, "/healthz"}), 200);
 *   assert_string_equal(world_text(&w, "status"), "alive");
 *
 * Every answer is also written, one a line, to the file named by CSN_API_ANSWERS, for the test that
 * holds answers against api/openapi.yaml.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_API_WORLD_H
#define CSN_TESTS_API_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/api/exchange.h"
#include "server/api/route.h"

#define NOW_MS 1795253548977LL /* 2026-11-21T09:32:28.977Z */
#define SECRET "a-shared-secret-of-exactly-64-bytes-0123456789abcdefghijklmnopqr"
#define DEVICE "{\"id\":\"device-1\"}"
#define TEXTS_MAX 32

struct world {
    struct csn_service service;
    struct csn_random_seeded seeded;
    struct csn_workspace workspace;
    struct csn_exchange x;
    int64_t now_ms;
    void *memory; /* of the exchange */
    void *tree;   /* memory of the parsed answer */
    char body[400000];
    const struct csn_json_node *json; /* of the last answer; NULL: no JSON */
    char headers[4096];               /* of the last answer, "name: value\n" each, lower case */
    char admin[128];                  /* "key.secret" of the root account */
    char account[CSN_ID_LENGTH + 1];  /* the root account */
    char texts[TEXTS_MAX][2048];      /* what world_text and world_format gave */
    unsigned next_text;
    bool has_source;
    char source[64];
};

struct ask {
    enum csn_method method;
    const char *target; /* path and query */
    const char *bearer; /* Authorization: Bearer ... */
    const char *body;   /* JSON unless `type` says otherwise */
    const char *type;
    const char *headers[8]; /* more, "Name: value" */
    size_t body_len;        /* 0: strlen(body) */
    /* Takes the stream that answers, to be closed before the world is; NULL: it ends at once. */
    struct csn_live_stream **stream;
};

void world_open(struct world *w);
void world_close(struct world *w);

/* Returns: the status of the answer. What it said is in w until the next question. */
int world_ask(struct world *w, const struct ask *ask);

/* Of the last answer: the member at a path ("session.token", "items.0.id"); numbers as text, NULL
 * where there is none or null. Lives for the next TEXTS_MAX texts. */
const char *world_text(struct world *w, const char *path);
const struct csn_json_node *world_node(const struct world *w, const char *path);
bool world_bool(const struct world *w, const char *path);
int64_t world_int(const struct world *w, const char *path);

/* A response header, lower-case name; NULL when absent. */
const char *world_header(struct world *w, const char *name);

/* printf into a text that lives for the next TEXTS_MAX texts. */
const char *world_format(struct world *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* --- shortcuts --- */
int world_get(struct world *w, const char *bearer, const char *target);
int world_post(struct world *w, const char *bearer, const char *target, const char *body);

/* Makes an account with an API key of those roles ("\"admin\""). Returns: "key.secret". */
const char *world_account(struct world *w, const char *name, const char *roles);
/* Makes an app by a policy or preset member (`"preset":"kustomer"`) with SECRET as its key of that
 * algorithm. Returns: its id. */
const char *world_app(struct world *w, const char *bearer, const char *members,
                      const char *algorithm);
/* A token over `payload`, signed with `secret`. */
const char *world_token(struct world *w, enum csn_algorithm algorithm, const char *secret,
                        const char *payload);
/* The usual: HS256 by SECRET, for `sub`, issued now, for an hour. */
const char *world_token_for(struct world *w, const char *sub);
/* Logs in with a token (NULL: anonymously). Returns: the session token, NULL when refused. */
const char *world_login(struct world *w, const char *app, const char *device, const char *token);

/* Writes the gathered decisions into the store. */
void world_flush(struct world *w);

#define PROBLEM_IS(w, expected) assert_string_equal(world_text((w), "reason"), (expected))

#endif
