/* SPDX-License-Identifier: Apache-2.0
 * verify_lines POLICIES.json: judges the token of each line on stdin.
 *
 * In:  {"id","policy","now","token" | "token_b64",...}; `now` in seconds.
 * Out: id TAB accept|reject TAB reason TAB identity as a JSON string, or '-'.
 *
 * A policy of the file names `algs`, `secrets`, `jwks`, `retired`, `required`, `identity`, `iss`,
 * `aud`, `nonce`, `leeway`, `max_lifetime`, `iat_window`, `kid_required`. Keys that may not be
 * loaded (weak, too short) are left out; what they signed is then refused. */
#define _POSIX_C_SOURCE 200809L
#include "lines.h"

#include "countersign/token.h"

#include <stdlib.h>
#include <string.h>

#define POLICIES_MAX 256
#define JSON_KEY_MAX CSN_KEY_TEXT_MAX

struct app {
    struct csn_bytes name;
    struct csn_policy policy;
    struct csn_bytes nonce;
    struct csn_key keys[CSN_KEYS_PER_APP_MAX];
    struct csn_keyring ring;
};

static struct app apps[POLICIES_MAX];
static size_t app_count;
static struct csn_workspace workspace;

/* --- keys --- */

static void
add_key(struct app *app, struct csn_verifier *verifier, struct csn_bytes kid,
        enum csn_key_state state)
{
    if (app->ring.count == CSN_KEYS_PER_APP_MAX) {
        csn_verifier_free(verifier);
        return;
    }
    app->keys[app->ring.count] = (struct csn_key){
        .kid = kid,
        .algorithm = csn_verifier_algorithm(verifier),
        .state = state,
        .number = (int64_t)app->ring.count,
        .verifier = verifier,
    };
    app->ring.count++;
    app->ring.keys = app->keys;
}

static void
add_secret(struct app *app, const struct csn_json_node *entry, enum csn_key_state state,
           struct csn_arena *arena)
{
    struct csn_bytes text = {0}, secret = {0}, kid = {0}, alg = {0};
    if (csn_json_get_text(entry, "secret_b64", &text))
        secret = lines_base64(text, arena);
    else
        csn_json_get_text(entry, "secret_text", &secret);
    csn_json_get_text(entry, "kid", &kid);
    enum csn_algorithm named = CSN_ALGORITHM_UNSET;
    if (csn_json_get_text(entry, "alg", &alg))
        named = csn_algorithm_from_name(alg);
    for (enum csn_algorithm a = CSN_HS256; a <= CSN_HS512; a++) {
        struct csn_verifier *verifier = NULL;
        struct csn_key_report report;
        bool wanted =
            named == a || (named == CSN_ALGORITHM_UNSET && (app->policy.algorithms & 1u << a) != 0);
        if (wanted && csn_verifier_from_secret(a, secret, &verifier, &report) == CSN_OK)
            add_key(app, verifier, kid, state);
    }
}

/* The JWK under the algorithm it names or implies, else under each that the policy allows. */
static void
add_jwk(struct app *app, const struct csn_json_node *jwk, enum csn_key_state state)
{
    static uint8_t text[JSON_KEY_MAX];
    struct csn_buffer out = csn_buffer_over(text, sizeof text);
    struct csn_json_writer w = csn_json_writer_over(&out);
    struct csn_bytes kid = {0};
    csn_json_node(&w, jwk);
    csn_json_get_text(jwk, "kid", &kid);
    if (out.overflowed)
        return;
    for (enum csn_algorithm a = CSN_ALGORITHM_UNSET; a < CSN_ALGORITHM_COUNT; a++) {
        struct csn_verifier *verifier = NULL;
        struct csn_key_report report;
        bool wanted = a == CSN_ALGORITHM_UNSET || (app->policy.algorithms & 1u << a) != 0;
        if (!wanted ||
            csn_verifier_from_jwk(a, csn_buffer_view(&out), &verifier, &report) != CSN_OK)
            continue;
        add_key(app, verifier, kid, state);
        if (a == CSN_ALGORITHM_UNSET)
            return;
    }
}

static void
add_keys(struct app *app, const struct csn_json_node *list, enum csn_key_state state,
         struct csn_arena *arena)
{
    const struct csn_json_node *entry = list == NULL ? NULL : list->first;
    for (; entry != NULL; entry = entry->next) {
        if (csn_json_get(entry, "kty") != NULL)
            add_jwk(app, entry, state);
        else
            add_secret(app, entry, state, arena);
    }
}

/* --- policies --- */

static size_t
take_names(const struct csn_json_node *list, struct csn_bytes *names, size_t max)
{
    size_t count = 0;
    const struct csn_json_node *n = list == NULL ? NULL : list->first;
    for (; n != NULL && count < max; n = n->next)
        if (n->kind == CSN_JSON_STRING)
            names[count++] = n->text;
    return count;
}

static void
take_policy(struct csn_policy *policy, const struct csn_json_node *from)
{
    const struct csn_json_node *algs = csn_json_get(from, "algs");
    *policy = (struct csn_policy){.issued_within_s = -1, .lifetime_max_s = -1, .leeway_s = 60};
    for (const struct csn_json_node *n = algs == NULL ? NULL : algs->first; n != NULL;
         n = n->next) {
        enum csn_algorithm a = csn_algorithm_from_name(n->text);
        policy->algorithms |= a == CSN_ALGORITHM_UNSET ? 0u : 1u << a;
    }
    policy->identity_count =
        take_names(csn_json_get(from, "identity"), policy->identity, CSN_POLICY_IDENTITY_MAX);
    policy->required_count =
        take_names(csn_json_get(from, "required"), policy->required, CSN_POLICY_REQUIRED_MAX);
    csn_json_get_text(from, "iss", &policy->issuer);
    csn_json_get_text(from, "aud", &policy->audience);
    csn_json_get_text(from, "typ", &policy->type);
    csn_json_get_int(from, "iat_window", &policy->issued_within_s);
    csn_json_get_int(from, "max_lifetime", &policy->lifetime_max_s);
    csn_json_get_int(from, "leeway", &policy->leeway_s);
    csn_json_get_bool(from, "kid_required", &policy->kid_required);
}

static void
load(const char *path)
{
    static struct lines_memory memory; /* lives as long as the policies that point into it */
    struct csn_arena arena;
    const struct csn_json_node *root = lines_parse(&memory, lines_read_file(path), &arena);
    if (root == NULL || root->kind != CSN_JSON_OBJECT) {
        fprintf(stderr, "%s is not a JSON object\n", path);
        exit(2);
    }
    for (const struct csn_json_node *n = root->first; n != NULL && app_count < POLICIES_MAX;
         n = n->next) {
        struct app *app = &apps[app_count++];
        app->name = n->name;
        take_policy(&app->policy, n);
        if (csn_json_get_text(n, "nonce", &app->nonce))
            app->policy.nonce = CSN_NONCE_RULE_REQUIRED;
        add_keys(app, csn_json_get(n, "secrets"), CSN_KEY_ACTIVE, &arena);
        add_keys(app, csn_json_get(n, "jwks"), CSN_KEY_ACTIVE, &arena);
        add_keys(app, csn_json_get(n, "retired"), CSN_KEY_RETIRED, &arena);
    }
}

/* --- cases --- */

static const struct app *
find_app(const struct csn_json_node *root)
{
    struct csn_bytes name = {0};
    if (!csn_json_get_text(root, "policy", &name))
        return NULL;
    for (size_t i = 0; i < app_count; i++)
        if (csn_bytes_equal(apps[i].name, name))
            return &apps[i];
    return NULL;
}

static int64_t
clock_of(const struct csn_json_node *root)
{
    const struct csn_json_node *now = csn_json_get(root, "now");
    int64_t now_ms = 0;
    if (now == NULL || now->kind != CSN_JSON_NUMBER ||
        csn_json_number(now->text, 3, &now_ms) != CSN_OK)
        return 0;
    return now_ms;
}

static void
print_identity(struct csn_bytes identity)
{
    static uint8_t text[6 * CSN_IDENTITY_MAX + 3];
    struct csn_buffer out = csn_buffer_over(text, sizeof text);
    struct csn_json_writer w = csn_json_writer_over(&out);
    csn_json_string(&w, identity);
    fwrite(out.ptr, 1, out.len, stdout);
}

static void
answer(struct lines_memory *memory, struct csn_bytes line)
{
    struct csn_arena arena;
    struct csn_verdict verdict = {.reason = CSN_REASON_APP_UNKNOWN};
    const struct csn_json_node *root = lines_parse(memory, line, &arena);
    const struct app *app = find_app(root);
    if (app != NULL) {
        struct csn_presentation presented = {
            .token = lines_token(root, &arena),
            .expected_nonce = app->nonce,
            .nonce_check = CSN_NONCE_EQUAL,
        };
        csn_judge(&app->policy, &app->ring, &presented, &workspace, &verdict, clock_of(root));
    }
    bool accepted = verdict.reason == CSN_REASON_ACCEPTED;
    lines_print_id(root);
    printf("%s\t%s\t", accepted ? "accept" : "reject", csn_reason_name(verdict.reason));
    if (accepted)
        print_identity(verdict.identity);
    else
        putchar('-');
    putchar('\n');
    fflush(stdout);
}

int
main(int argc, char **argv)
{
    static struct lines_memory memory;
    char *line = NULL;
    size_t cap = 0;
    if (argc != 2) {
        fprintf(stderr, "usage: verify_lines POLICIES.json\n");
        return 2;
    }
    load(argv[1]);
    for (ssize_t len; (len = getline(&line, &cap, stdin)) >= 0;) {
        if (len > 0 && line[len - 1] == '\n')
            len--;
        answer(&memory, csn_bytes_of(line, (size_t)len));
    }
    free(line);
    free(memory.ptr);
    return 0;
}
