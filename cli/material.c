/* Keys from files and the environment, made ready to verify and to explain.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <string.h>

enum csn_encoding
csn_cli_encoding(struct csn_cli *cli)
{
    const char *name = csn_cli_value(cli, "--encoding");
    if (name == NULL)
        return CSN_ENCODING_UTF8;
    enum csn_encoding encoding = csn_encoding_from_name(csn_bytes_text(name));
    if (encoding == CSN_ENCODING_UNSET)
        csn_cli_usage(cli, "no such encoding", name);
    return encoding;
}

static bool
read_secret_text(struct csn_cli *cli, struct csn_bytes *text)
{
    const char *file = csn_cli_value(cli, "--secret-file");
    if (file != NULL)
        return csn_cli_read_line(cli, file, 4 * CSN_SECRET_MAX, text);
    const char *name = csn_cli_value(cli, "--secret-env");
    const char *value = name != NULL ? csn_cli_environment(cli, name) : NULL;
    if (value == NULL)
        return csn_cli_fail(cli, "the environment variable is not set", name), false;
    *text = csn_bytes_text(value);
    return true;
}

bool
csn_cli_secret(struct csn_cli *cli, struct csn_secret *out, struct csn_bytes *text)
{
    enum csn_encoding encoding = csn_cli_encoding(cli);
    if (encoding == CSN_ENCODING_UNSET || !read_secret_text(cli, text))
        return false;
    enum csn_status status = csn_secret_decode(*text, encoding, out);
    if (status == CSN_OK)
        return true;
    csn_cli_fail(cli, "the secret cannot be read in that encoding", csn_encoding_name(encoding));
    return false;
}

static struct csn_key *
add_key(struct csn_cli *cli, struct csn_cli_keys *keys, struct csn_verifier *verifier,
        const struct csn_key_report *report)
{
    size_t at = keys->count++;
    struct csn_key *key = &keys->keys[at];
    keys->verifiers[at] = verifier;
    *key = (struct csn_key){
        .algorithm = csn_verifier_algorithm(verifier),
        .state = CSN_KEY_ACTIVE,
        .number = (int64_t)at + 1,
        .verifier = verifier,
    };
    if (report->has_kid)
        key->kid = csn_arena_copy(&cli->arena, csn_bytes_text(report->kid));
    if (report->warning != CSN_KEY_PROBLEM_NONE)
        fprintf(cli->err, "countersign: warning: %s\n", csn_key_problem_sentence(report->warning));
    return key;
}

static bool
refuse_key(struct csn_cli *cli, const char *name, const struct csn_key_report *report)
{
    fprintf(cli->err, "countersign: %s: %s\n", name, csn_key_problem_sentence(report->problem));
    return false;
}

/* A secret serves each HMAC algorithm of the policy: one key for each. */
static bool
load_secret(struct csn_cli *cli, const struct csn_policy *policy, struct csn_cli_keys *keys)
{
    struct csn_secret *secret = csn_arena_alloc(&cli->arena, sizeof *secret);
    struct csn_bytes text;
    if (secret == NULL || !csn_cli_secret(cli, secret, &text))
        return false;
    for (enum csn_algorithm a = CSN_HS256; a <= CSN_HS512; a++) {
        if ((policy->algorithms & 1u << a) == 0)
            continue;
        struct csn_verifier *verifier = NULL;
        struct csn_key_report report;
        if (csn_verifier_from_secret(a, csn_secret_view(secret), &verifier, &report) != CSN_OK)
            return refuse_key(cli, "the secret", &report);
        size_t at = keys->count;
        add_key(cli, keys, verifier, &report);
        keys->details[at].secret = csn_secret_view(secret);
        keys->details[at].secret_text = text;
        keys->details[at].label = csn_bytes_text("the secret given");
    }
    return true;
}

static enum csn_algorithm
rsa_algorithm_of(const struct csn_policy *policy)
{
    for (enum csn_algorithm a = CSN_RS256; a <= CSN_PS512; a++) {
        if ((policy->algorithms & 1u << a) != 0)
            return a;
    }
    return CSN_RS256;
}

/* RSA keys may name no algorithm; then the policy's first RSA one is meant. */
static enum csn_status
load_public(struct csn_bytes text, const struct csn_policy *policy, struct csn_verifier **out,
            struct csn_key_report *report)
{
    bool json = text.len > 0 && text.ptr[0] == '{';
    enum csn_status (*load)(enum csn_algorithm, struct csn_bytes, struct csn_verifier **,
                            struct csn_key_report *) =
        json ? csn_verifier_from_jwk : csn_verifier_from_pem;
    enum csn_status status = load(CSN_ALGORITHM_UNSET, text, out, report);
    if (status == CSN_OK || report->problem != CSN_KEY_ALGORITHM_UNSET)
        return status;
    return load(rsa_algorithm_of(policy), text, out, report);
}

static bool
load_key_file(struct csn_cli *cli, const char *path, const struct csn_policy *policy,
              struct csn_cli_keys *keys)
{
    struct csn_bytes text;
    if (!csn_cli_read(cli, path, CSN_KEY_TEXT_MAX, &text))
        return false;
    struct csn_verifier *verifier = NULL;
    struct csn_key_report report;
    if (load_public(text, policy, &verifier, &report) != CSN_OK)
        return refuse_key(cli, path, &report);
    size_t at = keys->count;
    add_key(cli, keys, verifier, &report);
    if (text.ptr[0] != '{')
        keys->details[at].public_pem = text;
    keys->details[at].label = csn_bytes_text(path);
    return true;
}

static bool
load_jwks(struct csn_cli *cli, const char *path, const struct csn_policy *policy,
          struct csn_cli_keys *keys)
{
    struct csn_bytes text;
    if (!csn_cli_read(cli, path, CSN_KEY_TEXT_MAX, &text))
        return false;
    struct csn_verifier *verifiers[CSN_KEYS_PER_APP_MAX];
    struct csn_key_report *reports =
        csn_arena_alloc(&cli->arena, CSN_KEYS_PER_APP_MAX * sizeof *reports);
    size_t count = 0;
    if (reports == NULL)
        return csn_cli_fail(cli, "out of memory", path), false;
    if (csn_verifiers_from_jwks(rsa_algorithm_of(policy), text, verifiers, reports,
                                CSN_KEYS_PER_APP_MAX - keys->count, &count) != CSN_OK)
        return refuse_key(cli, path, &reports[0]);
    for (size_t i = 0; i < count; i++) {
        keys->details[keys->count].label = csn_bytes_text(path);
        add_key(cli, keys, verifiers[i], &reports[i]);
    }
    return true;
}

bool
csn_cli_keys_load(struct csn_cli *cli, const struct csn_policy *policy, struct csn_cli_keys *out)
{
    *out = (struct csn_cli_keys){0};
    bool secret = csn_cli_has(cli, "--secret-file") || csn_cli_has(cli, "--secret-env");
    bool loaded = !secret || load_secret(cli, policy, out);
    const char *path = NULL;
    for (size_t i = 0; loaded && (path = csn_cli_value_at(cli, "--key-file", i)) != NULL; i++) {
        if (out->count == CSN_KEYS_PER_APP_MAX)
            return csn_cli_usage(cli, "too many keys", path), false;
        loaded = load_key_file(cli, path, policy, out);
    }
    path = csn_cli_value(cli, "--jwks-file");
    if (loaded && path != NULL)
        loaded = load_jwks(cli, path, policy, out);
    for (size_t i = 0; i < out->count; i++)
        out->details[i].key = out->keys[i];
    if (!loaded)
        csn_cli_keys_free(out);
    return loaded;
}

void
csn_cli_keys_free(struct csn_cli_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++)
        csn_verifier_free(keys->verifiers[i]);
    keys->count = 0;
}
