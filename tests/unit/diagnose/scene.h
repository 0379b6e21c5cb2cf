/* The stage on which every mistake is made: one policy, all the keys an owner may have, one token.
 *
 * A row makes one mistake in an otherwise good token, and says what must be found first. Rows are
 * data: only what differs from the good token stands in them.
 *
 * JSON is written with ' for ", and @+900 for a time 900 s after now (@ms+900: in milliseconds).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_DIAGNOSE_SCENE_H
#define CSN_TESTS_DIAGNOSE_SCENE_H

#include "countersign/diagnose.h"

/* cmocka wants these before itself */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NOW_S 1767312000LL
#define NOW_MS (NOW_S * 1000)
#define SECRET "correct-horse_battery.staple/of+the=first APP"
#define OTHER_SECRET "the signing secret of some other app, 1234"
#define ARENA_SIZE (128 * 1024)

#define LIT(text)                                                                                  \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }

struct scene;
struct row;
typedef void step_fn(struct scene *s, const struct row *row);

struct row {
    const char *name;
    enum csn_finding_code first;
    enum csn_reason reason;
    const char *seen;             /* must stand in the first finding's `seen`; NULL: anything */
    const char *why, *fix;        /* likewise */
    const char *policy;           /* NULL: sub and exp, HS256 */
    const char *header;           /* NULL: typ JWT and the algorithm that signs */
    const char *claims;           /* NULL: good ones */
    const char *with;             /* what the steps below make of it is theirs */
    enum csn_algorithm algorithm; /* that signs; unset: HS256 */
    struct csn_bytes secret;      /* of the app's key, as text; {0}: SECRET */
    enum csn_encoding encoding;   /* as the admin declared it; unset: utf8 */
    struct csn_bytes used;        /* the bytes that signed in truth; {0}: the right ones */
    step_fn *stage;               /* sets up before the token is made */
    step_fn *sign;                /* signs s->token; NULL: with the app's key */
    step_fn *mangle;              /* afterwards, on the token's way */
    size_t count;                 /* of findings, where that counts; 0: any */
    bool accepted_too;            /* the judge accepts: the finding is advice */
};

enum { OWN, OWN_RS, OWN_ES, STANDBY, RETIRED, EXPIRED, OTHER, OTHER_RS, API, KEYS };

struct scene {
    struct csn_policy policy;
    struct csn_diagnosis_key keys[CSN_DIAGNOSIS_KEYS_MAX];
    size_t key_count;
    struct csn_diagnosis_nonce nonces[4];
    size_t nonce_count;
    struct csn_diagnosis_request request;
    struct csn_workspace workspace;
    struct csn_diagnosis diagnosis;
    struct csn_secret secret;
    uint8_t policy_memory[65536];
    uint8_t token_memory[8 * CSN_TOKEN_MAX];
    struct csn_buffer token;
};

/* Key material that outlives a row: made once. */
enum pair { PAIR_OWN_RSA, PAIR_FOREIGN_RSA, PAIR_OTHER_APP_RSA, PAIR_OWN_EC, PAIRS };
const char *pair_public(enum pair pair);
const char *pair_private(enum pair pair);
int scene_make_pairs(void **state);

/* Returns: the scene with this row's token ready to be diagnosed. The same one each time. */
struct scene *scene_open(const struct row *row);
void scene_close(struct scene *s);

/* Diagnoses. Returns: the finding code that stands first. */
enum csn_finding_code scene_run(struct scene *s);

/* Returns: what the judge alone says of it. */
enum csn_reason scene_judge(struct scene *s);

/* --- pieces to make tokens of --- */
void scene_begin(struct scene *s, const struct row *row); /* header.payload */
void scene_append_part(struct scene *s, const char *json);
void scene_append_signature(struct scene *s, struct csn_bytes signature);
/* Replaces the token by this text. */
void scene_replace(struct scene *s, struct csn_bytes text);
struct csn_bytes scene_token(const struct scene *s);
/* Writes the template's text. */
void scene_write(struct csn_buffer *out, const char *json_template);
size_t scene_mac(enum csn_algorithm algorithm, struct csn_bytes secret, struct csn_bytes input,
                 uint8_t mac[64]);
/* Signs s->token with a private key. */
void scene_sign_pair(struct scene *s, enum pair pair, enum csn_algorithm algorithm,
                     struct csn_buffer *signature);

/* --- the tables --- */
struct table {
    const char *name;
    const struct row *rows;
    size_t count;
};
extern const struct table secret_table, key_table, text_table, time_table, claim_table, nonce_table,
    combination_table;
#define TABLE(name)                                                                                \
    {                                                                                              \
#name, name, sizeof(name) / sizeof((name)[0])                                              \
    }

void each_row(void (*check)(const struct row *row));

#endif
