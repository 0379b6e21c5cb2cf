/* SPDX-License-Identifier: Apache-2.0
 * jws_lines: is the JWS of each line on stdin signed by the key of that line?
 *
 * In:  {"id","jwk":{...},"alg"?,"token"}; the key may be `oct`, public or private.
 * Out: id TAB accept|reject TAB reason.
 *
 * For public vectors, whose payloads are seldom claims: "accept" means that shape, header, key and
 * signature hold, which the verdict shows by naming the key. */
#define _POSIX_C_SOURCE 200809L
#include "lines.h"

#include "core/crypto.h"
#include "core/jwk.h"
#include "countersign/token.h"

#include <stdlib.h>

static struct csn_workspace workspace;

/* Vectors ship private keys where we ask for public ones: `d` and its kin are left out. */
static void
write_public(const struct csn_json_node *jwk, struct csn_buffer *out)
{
    static const char *const hidden[] = {"d", "p", "q", "dp", "dq", "qi", "oth"};
    struct csn_json_writer w = csn_json_writer_over(out);
    csn_json_open_object(&w);
    for (const struct csn_json_node *n = jwk->first; n != NULL; n = n->next) {
        bool shown = true;
        for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
            shown = shown && !csn_bytes_equal_text(n->name, hidden[i]);
        if (!shown)
            continue;
        csn_json_name_bytes(&w, n->name);
        csn_json_node(&w, n);
    }
    csn_json_close_object(&w);
}

/* Some vectors use a secret we refuse to load for its weakness. Their point is the form of the
 * token, so form and MAC are checked all the same, by the parts of the judge that need no key. */
static bool
weak_secret_holds(struct csn_bytes jwk_text, struct csn_bytes token)
{
    static uint8_t memory[131072];
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    struct csn_jwk jwk;
    struct csn_token_parts parts;
    enum csn_key_problem problem;
    uint8_t mac[64];
    if (csn_jwk_parse(jwk_text, CSN_JWK_TO_VERIFY, &arena, &jwk, &problem) != CSN_OK ||
        csn_token_open(token, &workspace, &parts) != CSN_OK)
        return false;
    csn_hmac(jwk.algorithm, jwk.k, parts.signing_input, mac);
    size_t len = csn_algorithm_hash_length(jwk.algorithm);
    return csn_equal_secret(csn_bytes_of(mac, len), parts.signature);
}

/* Out: *weak, whether the secret was refused but signed the token. */
static struct csn_verifier *
load_key(const struct csn_json_node *root, struct csn_arena *arena, bool *weak)
{
    static uint8_t text[CSN_KEY_TEXT_MAX];
    const struct csn_json_node *jwk = csn_json_get(root, "jwk");
    struct csn_buffer out = csn_buffer_over(text, sizeof text);
    struct csn_verifier *verifier = NULL;
    struct csn_key_report report;
    struct csn_bytes alg = {0};
    if (jwk == NULL || jwk->kind != CSN_JSON_OBJECT)
        return NULL;
    csn_json_get_text(root, "alg", &alg);
    write_public(jwk, &out);
    enum csn_status status = csn_verifier_from_jwk(csn_algorithm_from_name(alg),
                                                   csn_buffer_view(&out), &verifier, &report);
    *weak = report.problem == CSN_KEY_WEAK_SECRET &&
            weak_secret_holds(csn_buffer_view(&out), lines_token(root, arena));
    return status == CSN_OK ? verifier : NULL;
}

static void
answer(struct lines_memory *memory, struct csn_bytes line)
{
    struct csn_arena arena;
    struct csn_verdict verdict = {0};
    const struct csn_json_node *root = lines_parse(memory, line, &arena);
    bool weak = false;
    struct csn_verifier *verifier = load_key(root, &arena, &weak);
    if (verifier != NULL) {
        struct csn_key key = {.algorithm = csn_verifier_algorithm(verifier),
                              .state = CSN_KEY_ACTIVE,
                              .verifier = verifier};
        struct csn_keyring ring = {.keys = &key, .count = 1};
        struct csn_policy policy = {.algorithms = UINT32_MAX};
        struct csn_presentation presented = {.token = lines_token(root, &arena)};
        csn_judge(&policy, &ring, &presented, &workspace, &verdict, 0);
        csn_verifier_free(verifier);
    }
    lines_print_id(root);
    printf("%s\t%s\n", verdict.key != NULL || weak ? "accept" : "reject",
           verifier == NULL ? "key_refused" : csn_reason_name(verdict.reason));
    fflush(stdout);
}

int
main(void)
{
    static struct lines_memory memory;
    char *line = NULL;
    size_t cap = 0;
    for (ssize_t len; (len = getline(&line, &cap, stdin)) >= 0;) {
        if (len > 0 && line[len - 1] == '\n')
            len--;
        answer(&memory, csn_bytes_of(line, (size_t)len));
    }
    free(line);
    free(memory.ptr);
    return 0;
}
