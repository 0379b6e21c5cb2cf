/* SPDX-License-Identifier: Apache-2.0
 * key_lines: judges the key document of each line on stdin, as a key to verify with.
 *
 * In:  {"id","format":"jwk|jwks|pem","key_b64",...}; "alg" names the algorithm it is wanted for.
 * Out: id TAB accept|reject TAB reason.
 *
 * Without "alg", a document that names none itself is tried as RS256, then as HS256. */
#define _POSIX_C_SOURCE 200809L
#include "lines.h"

#include "countersign/key.h"
#include "countersign/token.h"

#include <stdlib.h>

#define KEYS_MAX 512

/* What became of one document. */
struct outcome {
    enum csn_status status;
    enum csn_key_problem problem;
};

static struct outcome
load_set(enum csn_algorithm algorithm, struct csn_bytes text)
{
    static struct csn_verifier *keys[KEYS_MAX];
    static struct csn_key_report reports[KEYS_MAX];
    size_t count = 0;
    enum csn_status status =
        csn_verifiers_from_jwks(algorithm, text, keys, reports, KEYS_MAX, &count);
    for (size_t i = 0; i < count; i++)
        csn_verifier_free(keys[i]);
    return (struct outcome){status, reports[0].problem};
}

static struct outcome
load(struct csn_bytes format, enum csn_algorithm algorithm, struct csn_bytes text)
{
    struct csn_verifier *key = NULL;
    struct csn_key_report report = {.problem = CSN_KEY_MALFORMED};
    enum csn_status status = CSN_INVALID;
    if (csn_bytes_equal_text(format, "jwks"))
        return load_set(algorithm, text);
    if (csn_bytes_equal_text(format, "jwk"))
        status = csn_verifier_from_jwk(algorithm, text, &key, &report);
    else if (csn_bytes_equal_text(format, "pem"))
        status = csn_verifier_from_pem(algorithm, text, &key, &report);
    csn_verifier_free(key);
    return (struct outcome){status, report.problem};
}

/* The algorithm is an argument of loading; a line that gives none means any. */
static struct outcome
load_any(struct csn_bytes format, struct csn_bytes text)
{
    static const enum csn_algorithm tried[] = {CSN_ALGORITHM_UNSET, CSN_RS256, CSN_HS256};
    struct outcome outcome = {CSN_INVALID, CSN_KEY_ALGORITHM_UNSET};
    for (size_t i = 0; i < sizeof tried / sizeof *tried; i++) {
        struct outcome next = load(format, tried[i], text);
        bool is_news = i == 0 || next.problem != CSN_KEY_ALGORITHM_CONFLICT;
        outcome = is_news ? next : outcome;
        if (outcome.problem != CSN_KEY_ALGORITHM_UNSET)
            break;
    }
    return outcome;
}

static struct csn_bytes
document_of(const struct csn_json_node *root, struct csn_arena *arena)
{
    struct csn_bytes text = {0};
    if (!csn_json_get_text(root, "key_b64", &text)) {
        csn_json_get_text(root, "key", &text);
        return text;
    }
    return lines_base64(text, arena);
}

static void
answer(struct lines_memory *memory, struct csn_bytes line)
{
    struct csn_arena arena;
    struct csn_bytes format = {0}, alg = {0};
    const struct csn_json_node *root = lines_parse(memory, line, &arena);
    struct outcome outcome = {CSN_INVALID, CSN_KEY_MALFORMED};
    csn_json_get_text(root, "format", &format);
    struct csn_bytes text = document_of(root, &arena);
    if (!csn_json_get_text(root, "alg", &alg))
        outcome = load_any(format, text);
    else if (csn_algorithm_from_name(alg) == CSN_ALGORITHM_UNSET)
        outcome.problem = CSN_KEY_ALGORITHM_CONFLICT;
    else
        outcome = load(format, csn_algorithm_from_name(alg), text);

    bool accepted = outcome.status == CSN_OK;
    bool has_problem = accepted || outcome.problem != CSN_KEY_PROBLEM_NONE;
    lines_print_id(root);
    printf("%s\t%s\n", accepted ? "accept" : "reject",
           has_problem ? csn_key_problem_name(outcome.problem) : csn_status_name(outcome.status));
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
