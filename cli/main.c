/* Where a call begins: finds the command in the table, reads its options, runs it.
 *
 * The clock and the environment are read here and nowhere else in the CLI.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

extern char **environ;

static struct csn_workspace workspace;

/* Returns: how many words of argv are the command's name; 0 when they are not. */
static int
words_matched(const char *name, int argc, char **argv)
{
    int words = 0;
    while (*name != '\0') {
        size_t len = strcspn(name, " ");
        if (words == argc || strlen(argv[words]) != len || memcmp(argv[words], name, len) != 0)
            return 0;
        words++;
        name += len + (name[len] == ' ');
    }
    return words;
}

static const struct csn_cli_command *
find_command(int argc, char **argv, int *words)
{
    const struct csn_cli_command *command = NULL;
    for (size_t i = 0; (command = csn_cli_command_at(i)) != NULL; i++) {
        *words = words_matched(command->name, argc, argv);
        if (*words > 0)
            return command;
    }
    return NULL;
}

static const struct csn_cli_option *
find_option(const struct csn_cli_option *options, const char *text, size_t len)
{
    for (const struct csn_cli_option *o = options; o->name != NULL; o++) {
        if (strlen(o->name) == len && memcmp(o->name, text, len) == 0)
            return o;
    }
    return NULL;
}

static int
read_option(struct csn_cli *cli, int at)
{
    const char *text = cli->argv[at];
    const char *equals = strchr(text, '=');
    size_t len = equals != NULL ? (size_t)(equals - text) : strlen(text);
    const struct csn_cli_option *option = find_option(cli->command->options, text, len);
    if (option == NULL)
        return -csn_cli_usage(cli, "unknown option", text);
    if (cli->given_count == CSN_CLI_VALUES_MAX)
        return -csn_cli_usage(cli, "too many options", text);
    const char *value = "";
    int used = 1;
    if (option->value == NULL && equals != NULL)
        return -csn_cli_usage(cli, "this option takes no value", option->name);
    if (option->value != NULL && equals != NULL)
        value = equals + 1;
    if (option->value != NULL && equals == NULL) {
        if (at + 1 == cli->argc)
            return -csn_cli_usage(cli, "this option needs a value", option->name);
        value = cli->argv[at + 1];
        used = 2;
    }
    cli->given[cli->given_count].name = option->name;
    cli->given[cli->given_count++].value = value;
    return used;
}

/* Returns: CSN_EXIT_OK, or CSN_EXIT_USAGE after saying why. */
static int
read_arguments(struct csn_cli *cli)
{
    bool only_arguments = false;
    for (int at = 0; at < cli->argc;) {
        const char *text = cli->argv[at];
        if (!only_arguments && strcmp(text, "--") == 0) {
            only_arguments = true;
            at++;
        } else if (!only_arguments && strncmp(text, "--", 2) == 0) {
            int used = read_option(cli, at);
            if (used < 0)
                return -used;
            at += used;
        } else if (cli->positional_count == CSN_CLI_VALUES_MAX) {
            return csn_cli_usage(cli, "too many arguments", text);
        } else {
            cli->positional[cli->positional_count++] = text;
            at++;
        }
    }
    return CSN_EXIT_OK;
}

/* The table says how many arguments a command has: "APP [MODE]" one or two. */
static int
check_arguments(struct csn_cli *cli)
{
    size_t needed = 0, most = 0;
    for (const char *at = cli->command->arguments; *at != '\0';) {
        size_t len = strcspn(at, " ");
        needed += *at != '[';
        most = len > 4 && memcmp(at + len - 4, "...]", 4) == 0 ? CSN_CLI_VALUES_MAX : most + 1;
        at += len + (at[len] == ' ');
    }
    if (cli->positional_count < needed)
        return csn_cli_usage(cli, "too few arguments, expected", cli->command->arguments);
    if (cli->positional_count > most)
        return csn_cli_usage(cli, "too many arguments, expected",
                             most > 0 ? cli->command->arguments : "none");
    return CSN_EXIT_OK;
}

static bool
asks_for_help(const struct csn_cli *cli)
{
    for (int i = 0; i < cli->argc; i++) {
        if (strcmp(cli->argv[i], "--help") == 0 || strcmp(cli->argv[i], "-h") == 0)
            return true;
    }
    return false;
}

static int
run(struct csn_cli *cli, int argc, char **argv)
{
    int words = 0;
    if (argc == 0)
        return csn_cli_help(cli);
    cli->command = find_command(argc, argv, &words);
    if (cli->command == NULL && (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0))
        return csn_cli_help(cli);
    if (cli->command == NULL && strcmp(argv[0], "--version") == 0)
        return csn_cli_version(cli);
    cli->argc = argc - words;
    cli->argv = argv + words;
    if (cli->command == NULL)
        return csn_cli_help_group(cli, argv[0], argc > 1 ? argv[1] : NULL);
    if (asks_for_help(cli))
        return csn_cli_help(cli);
    if (cli->command->options == NULL)
        return cli->command->run(cli);
    int refused = read_arguments(cli);
    if (refused == CSN_EXIT_OK)
        refused = check_arguments(cli);
    return refused != CSN_EXIT_OK ? refused : cli->command->run(cli);
}

int
main(int argc, char **argv)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    void *memory = malloc(CSN_CLI_ARENA);
    if (memory == NULL)
        return CSN_EXIT_FAILED;
    struct csn_cli cli = {
        .program = argc > 0 ? argv[0] : "countersign",
        .in = stdin,
        .out = stdout,
        .err = stderr,
        .now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000,
        .environment = environ,
        .arena = csn_arena_over(memory, CSN_CLI_ARENA),
        .workspace = &workspace,
    };
    int code = run(&cli, argc > 0 ? argc - 1 : 0, argv + 1);
    if (fflush(stdout) != 0 && code == CSN_EXIT_OK)
        code = CSN_EXIT_FAILED;
    csn_wipe(memory, cli.arena.used);
    csn_wipe(&workspace, sizeof workspace);
    free(memory);
    return code;
}
