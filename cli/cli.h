/* The command line: one table of subcommands (commands.c), one file per noun.
 *
 * The table is also the source of the help, the man page and the completions. Everything here sees
 * only include/: the CLI is a user of the library and of a running server, nothing more.
 *
 * A secret comes from a file, standard input ("-") or the environment, never from an argument, and
 * is never written back.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CLI_CLI_H
#define CSN_CLI_CLI_H

#include "countersign/countersign.h"
#include <stdio.h>

/* Exit codes. */
enum csn_exit {
    CSN_EXIT_OK = 0,
    CSN_EXIT_REFUSED = 1, /* the answer is no: a token refused, a request answered 4xx */
    CSN_EXIT_USAGE = 2,
    CSN_EXIT_FAILED = 3, /* a file, the network or the server failed */
};

#define CSN_CLI_VALUES_MAX 64

struct csn_cli_option {
    const char *name;  /* "--alg" */
    const char *value; /* "ALG"; NULL: a switch */
    const char *help;
};

struct csn_cli;

struct csn_cli_command {
    const char *name; /* "mint", "key generate" */
    const char *summary;
    const char *arguments; /* "APP [MODE]": one needed, one not; "[WORD...]": any number; "" none.
                              More or fewer are refused before the command runs */
    const char *details;   /* paragraphs for help and man; "" none */
    const struct csn_cli_option *options; /* ends with name NULL; NULL: passed on unread */
    int (*run)(struct csn_cli *cli);
};

const struct csn_cli_command *csn_cli_command_at(size_t index); /* NULL past the end */

/* One call. */
struct csn_cli {
    const char *program; /* argv[0] */
    const struct csn_cli_command *command;
    int argc; /* what follows the command's name */
    char **argv;
    struct {
        const char *name, *value;
    } given[CSN_CLI_VALUES_MAX];
    size_t given_count;
    const char *positional[CSN_CLI_VALUES_MAX];
    size_t positional_count;
    FILE *in, *out, *err;
    int64_t now_ms;
    char **environment;
    struct csn_arena arena; /* CSN_CLI_ARENA bytes, wiped at the end */
    struct csn_workspace *workspace;
};
#define CSN_CLI_ARENA (16 * 1024 * 1024)

/* Returns: the value given for the option, NULL when it was not given. A switch's value is "". */
const char *csn_cli_value(const struct csn_cli *cli, const char *option);
bool csn_cli_has(const struct csn_cli *cli, const char *option);
/* Returns: the index-th value of an option that may be repeated; NULL past the last. */
const char *csn_cli_value_at(const struct csn_cli *cli, const char *option, size_t index);
const char *csn_cli_environment(const struct csn_cli *cli, const char *name); /* NULL: unset */

/* Says what is wrong with the call. Returns: CSN_EXIT_USAGE. */
int csn_cli_usage(struct csn_cli *cli, const char *what, const char *name);
/* Says what failed. Returns: CSN_EXIT_FAILED. */
int csn_cli_fail(struct csn_cli *cli, const char *what, const char *name);

/* --- input.c --- */
/* Reads a whole file, or standard input for "-", into the arena. `max`: bytes.
 * Returns: false after saying why on cli->err. */
bool csn_cli_read(struct csn_cli *cli, const char *path, size_t max, struct csn_bytes *out);
/* The same without the line end that editors leave. */
bool csn_cli_read_line(struct csn_cli *cli, const char *path, size_t max, struct csn_bytes *out);
/* Reads the number after an option; absent leaves *out alone. Returns: false after saying why. */
bool csn_cli_number(struct csn_cli *cli, const char *option, int64_t low, int64_t high,
                    int64_t *out);
/* The token: --token-file FILE, the argument, or standard input. */
bool csn_cli_token(struct csn_cli *cli, struct csn_bytes *out);
/* The policy: --policy FILE or --preset NAME, the fields of --set laid over it. */
bool csn_cli_policy(struct csn_cli *cli, struct csn_policy *out);

/* --- material.c: keys from --secret-file, --secret-env, --encoding, --key-file, --jwks-file --- */
struct csn_cli_keys {
    struct csn_verifier *verifiers[CSN_KEYS_PER_APP_MAX];
    struct csn_key keys[CSN_KEYS_PER_APP_MAX];
    struct csn_diagnosis_key details[CSN_KEYS_PER_APP_MAX]; /* the same, for a diagnosis */
    size_t count;
};
/* `policy` says which algorithm a secret, or an RSA key that names none, is for. */
bool csn_cli_keys_load(struct csn_cli *cli, const struct csn_policy *policy,
                       struct csn_cli_keys *out);
void csn_cli_keys_free(struct csn_cli_keys *keys);
/* The text of the secret: --secret-file or --secret-env. Returns: false after saying why. */
bool csn_cli_secret(struct csn_cli *cli, struct csn_secret *out, struct csn_bytes *text);
enum csn_encoding csn_cli_encoding(struct csn_cli *cli); /* UNSET after saying why */

/* Options that several commands share, to be named in their tables. */
#define CSN_CLI_SECRET_OPTIONS                                                                     \
    {"--secret-file", "FILE", "the shared secret's text; '-' is standard input"},                  \
        {"--secret-env", "NAME", "the environment variable that holds the secret's text"},         \
    {                                                                                              \
        "--encoding", "ENCODING", "how the text is read: utf8 (default), base64, base64url, hex"   \
    }
#define CSN_CLI_VERIFY_OPTIONS                                                                     \
    {"--preset", "NAME", "judge by this preset (see `preset list`)"},                              \
        {"--policy", "FILE", "judge by this policy document"},                                     \
        {"--set", "FIELD=VALUE", "lay a policy field over it, e.g. issuer=4242 (repeatable)"},     \
        CSN_CLI_SECRET_OPTIONS, {"--key-file", "FILE", "a public key: PEM or JWK (repeatable)"},   \
        {"--jwks-file", "FILE", "a JWK set"},                                                      \
        {"--token-file", "FILE", "the token; '-' or nothing is standard input"},                   \
        {"--identity", "TEXT", "the user the token must be for"},                                  \
        {"--nonce", "TEXT", "the challenge the token must carry"},                                 \
        {"--now", "SECONDS", "judge as if it were this Unix time"},                                \
    {                                                                                              \
        "--json", NULL, "answer in JSON"                                                           \
    }

/* --- one function per command --- */
int csn_cli_mint(struct csn_cli *cli);
int csn_cli_verify(struct csn_cli *cli);
int csn_cli_explain(struct csn_cli *cli);
int csn_cli_key_generate(struct csn_cli *cli);
int csn_cli_key_fingerprint(struct csn_cli *cli);
int csn_cli_key_show(struct csn_cli *cli);
int csn_cli_preset_list(struct csn_cli *cli);
int csn_cli_preset_show(struct csn_cli *cli);
int csn_cli_serve(struct csn_cli *cli);
int csn_cli_config(struct csn_cli *cli);
int csn_cli_help(struct csn_cli *cli);
/* No command is called so. Where `first` begins commands ("key"), lists them: as an answer when
 * `second` asks for help, else as what went wrong. NULL: there is no second word. */
int csn_cli_help_group(struct csn_cli *cli, const char *first, const char *second);
int csn_cli_version(struct csn_cli *cli);
int csn_cli_man(struct csn_cli *cli);
int csn_cli_completion(struct csn_cli *cli);
int csn_cli_backup(struct csn_cli *cli);
int csn_cli_restore(struct csn_cli *cli);
int csn_cli_audit_list(struct csn_cli *cli);
int csn_cli_customer_export(struct csn_cli *cli);
int csn_cli_audit_export(struct csn_cli *cli);
int csn_cli_audit_verify(struct csn_cli *cli);
int csn_cli_request(struct csn_cli *cli); /* every command that speaks to a running server */

#endif
