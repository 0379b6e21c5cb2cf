/* Help, manual page and completions, all out of the tables of commands and settings.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/cli.h"
#include "countersign/server.h"

/* An option of either table. */
struct option_text {
    const char *name, *value, *help;
};

/* Returns: the index-th option of a command; false past the last. `serve` and `config` take the
 * server's settings. */
static bool
option_at(const struct csn_cli_command *command, size_t index, struct option_text *out)
{
    if (command->options != NULL) {
        const struct csn_cli_option *o = &command->options[index];
        *out = (struct option_text){o->name, o->value, o->help};
        return o->name != NULL;
    }
    if (index >= CSN_SETTING_COUNT)
        return false;
    const struct csn_setting_info *s = csn_setting_at((enum csn_setting)index);
    *out = (struct option_text){s->flag, s->value, s->help};
    return true;
}

static void
print_command(struct csn_cli *cli, const struct csn_cli_command *command)
{
    fprintf(cli->out, "countersign %s [OPTIONS] %s\n%s.\n", command->name, command->arguments,
            command->summary);
    if (command->details[0] != '\0')
        fprintf(cli->out, "\n%s\n", command->details);
    struct option_text o;
    for (size_t i = 0; option_at(command, i, &o); i++) {
        char left[64];
        snprintf(left, sizeof left, "%s%s%s", o.name, o.value != NULL ? " " : "",
                 o.value != NULL ? o.value : "");
        fprintf(cli->out, "%s  %-28s %s\n", i == 0 ? "\n" : "", left, o.help);
    }
}

static void
print_overview(struct csn_cli *cli)
{
    fprintf(cli->out, "countersign: customer authentication for embedded SDKs\n\n"
                      "Usage: countersign COMMAND [OPTIONS] [ARGUMENTS]\n\n");
    const struct csn_cli_command *command = NULL;
    for (size_t i = 0; (command = csn_cli_command_at(i)) != NULL; i++)
        fprintf(cli->out, "  %-19s %s\n", command->name, command->summary);
    fprintf(cli->out, "\n`countersign help COMMAND` tells more. A secret or an API key comes from "
                      "a file,\nstandard input or the environment, never from an argument.\n");
}

/* --- the commands of a noun: `help key`, `key --help` --- */

static bool
is_of_group(const struct csn_cli_command *command, const char *group)
{
    size_t len = strlen(group);
    return strncmp(command->name, group, len) == 0 && command->name[len] == ' ';
}

/* Returns: there is such a group. */
static bool
print_group(FILE *to, const char *group)
{
    bool found = false;
    const struct csn_cli_command *command = NULL;
    for (size_t i = 0; (command = csn_cli_command_at(i)) != NULL; i++) {
        if (!is_of_group(command, group))
            continue;
        fprintf(to, "%s  %-19s %s\n", found ? "" : "Commands:\n", command->name, command->summary);
        found = true;
    }
    if (found)
        fprintf(to, "\n`countersign help COMMAND` tells more.\n");
    return found;
}

int
csn_cli_help_group(struct csn_cli *cli, const char *first, const char *second)
{
    bool help = second != NULL && (strcmp(second, "--help") == 0 || strcmp(second, "-h") == 0);
    if (help && print_group(cli->out, first))
        return CSN_EXIT_OK;
    bool named = !help && second != NULL;
    fprintf(cli->err, "countersign: unknown command: %.100s%s%.100s\n", first, named ? " " : "",
            named ? second : "");
    if (!print_group(cli->err, first))
        fprintf(cli->err, "Try: countersign help\n");
    return CSN_EXIT_USAGE;
}

/* `help mint`, `help key generate`, `mint --help`. */
static const struct csn_cli_command *
command_asked_for(const struct csn_cli *cli)
{
    if (cli->command == NULL || cli->command->run != csn_cli_help)
        return cli->command;
    char name[128] = "";
    for (size_t i = 0; i < cli->positional_count; i++) {
        size_t len = strlen(name);
        snprintf(name + len, sizeof name - len, "%s%s", i > 0 ? " " : "", cli->positional[i]);
    }
    const struct csn_cli_command *command = NULL;
    for (size_t i = 0; (command = csn_cli_command_at(i)) != NULL; i++) {
        if (strcmp(command->name, name) == 0)
            return command;
    }
    return NULL;
}

int
csn_cli_help(struct csn_cli *cli)
{
    const struct csn_cli_command *command = command_asked_for(cli);
    if (command == NULL && cli->positional_count == 1 && print_group(cli->out, cli->positional[0]))
        return CSN_EXIT_OK;
    if (command == NULL && cli->positional_count > 0)
        return csn_cli_usage(cli, "no such command", cli->positional[0]);
    if (command != NULL)
        print_command(cli, command);
    else
        print_overview(cli);
    return CSN_EXIT_OK;
}

int
csn_cli_version(struct csn_cli *cli)
{
    fprintf(cli->out, "countersign %s\n", CSN_VERSION);
    return CSN_EXIT_OK;
}

/* --- the manual page (man(7)): '-' is a hyphen unless it is escaped --- */

static void
print_roff(struct csn_cli *cli, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '-' || *text == '\\')
            fputc('\\', cli->out);
        fputc(*text, cli->out);
    }
}

static void
print_roff_option(struct csn_cli *cli, const struct option_text *o)
{
    fprintf(cli->out, ".TP\n.B ");
    print_roff(cli, o->name);
    if (o->value != NULL) {
        fprintf(cli->out, " \\fI");
        print_roff(cli, o->value);
        fprintf(cli->out, "\\fR");
    }
    fprintf(cli->out, "\n");
    print_roff(cli, o->help);
    fprintf(cli->out, "\n");
}

int
csn_cli_man(struct csn_cli *cli)
{
    fprintf(cli->out,
            ".TH COUNTERSIGN 1 \"\" \"countersign %s\"\n.SH NAME\ncountersign \\- "
            "customer authentication for embedded SDKs\n.SH SYNOPSIS\n.B countersign\n"
            ".I COMMAND\n[\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]\n.SH COMMANDS\n",
            CSN_VERSION);
    const struct csn_cli_command *command = NULL;
    for (size_t i = 0; (command = csn_cli_command_at(i)) != NULL; i++) {
        fprintf(cli->out, ".SS \"%s %s\"\n", command->name, command->arguments);
        print_roff(cli, command->summary);
        fprintf(cli->out, ".\n");
        print_roff(cli, command->details);
        fprintf(cli->out, "\n");
        struct option_text o;
        for (size_t at = 0; option_at(command, at, &o); at++)
            print_roff_option(cli, &o);
    }
    fprintf(cli->out, ".SH ENVIRONMENT\n.TP\n.B COUNTERSIGN_URL\nwhere the server listens.\n.TP\n"
                      ".B COUNTERSIGN_API_KEY\nthe API key of management commands.\n.TP\n"
                      ".B COUNTERSIGN_CA_FILE\nPEM certificates to trust instead of the "
                      "system\\(aqs.\n.TP\n"
                      ".B COUNTERSIGN_MASTER_KEY\nthe server\\(aqs master key.\n.PP\nEvery option "
                      "of\n.B serve\nis also read from COUNTERSIGN_ and its name in capitals.\n"
                      ".SH EXIT STATUS\n0 success, 1 refused, 2 wrong usage, 3 failure.\n");
    return CSN_EXIT_OK;
}

/* --- completions --- */

static void
print_words(struct csn_cli *cli, const struct csn_cli_command *command)
{
    struct option_text o;
    for (size_t i = 0; option_at(command, i, &o); i++)
        fprintf(cli->out, "%s%s", i > 0 ? " " : "", o.name);
}

/* The first words of all commands, or the second words of those that begin with `first`. */
static void
print_command_words(struct csn_cli *cli, const char *first)
{
    const struct csn_cli_command *command = NULL;
    const char *last = "";
    size_t last_len = 0;
    for (size_t i = 0; (command = csn_cli_command_at(i)) != NULL; i++) {
        size_t len = strcspn(command->name, " ");
        if (first == NULL && (len != last_len || memcmp(command->name, last, len) != 0))
            fprintf(cli->out, "%.*s ", (int)len, command->name);
        if (first != NULL && command->name[len] == ' ' && strlen(first) == len &&
            memcmp(command->name, first, len) == 0)
            fprintf(cli->out, "%s ", command->name + len + 1);
        last = command->name;
        last_len = len;
    }
}

/* Returns: the command has a noun, another than `noun`: then that is in `noun` now. */
static bool
is_new_noun(const char *name, char *noun, size_t cap)
{
    size_t len = strcspn(name, " ");
    if (name[len] == '\0' || (strlen(noun) == len && strncmp(name, noun, len) == 0))
        return false;
    snprintf(noun, cap, "%.*s", (int)len, name);
    return true;
}

static void
print_bash(struct csn_cli *cli)
{
    fprintf(cli->out, "# bash completion of countersign\n_countersign() {\n"
                      "  local cur=${COMP_WORDS[COMP_CWORD]} one=${COMP_WORDS[1]} "
                      "two=${COMP_WORDS[2]} words=\n"
                      "  if [ \"$COMP_CWORD\" -eq 1 ]; then words='");
    print_command_words(cli, NULL);
    fprintf(cli->out, "'; else\n  case \"$one $two\" in\n");
    const struct csn_cli_command *command = NULL;
    for (size_t i = 0; (command = csn_cli_command_at(i)) != NULL; i++) {
        fprintf(cli->out, "    '%s'%s) words='", command->name,
                strchr(command->name, ' ') != NULL ? "" : "' '*");
        print_words(cli, command);
        fprintf(cli->out, "' ;;\n");
    }
    char noun[32] = "";
    for (size_t i = 0; (command = csn_cli_command_at(i)) != NULL; i++) {
        if (!is_new_noun(command->name, noun, sizeof noun))
            continue;
        fprintf(cli->out, "    %s' '*) words='", noun);
        print_command_words(cli, noun);
        fprintf(cli->out, "' ;;\n");
    }
    fprintf(cli->out, "  esac; fi\n"
                      "  if [ \"${COMP_WORDS[COMP_CWORD-1]}\" = --preset ]; then words='");
    const struct csn_preset *preset = NULL;
    for (size_t i = 0; (preset = csn_preset_at(i)) != NULL; i++)
        fprintf(cli->out, "%s%s", i > 0 ? " " : "", preset->name);
    fprintf(cli->out, "'; fi\n"
                      "  case $cur in\n"
                      "    -*|'') mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\") ;;\n"
                      "    *) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\"; "
                      "compgen -f -- \"$cur\") ;;\n"
                      "  esac\n}\ncomplete -F _countersign countersign\n");
}

int
csn_cli_completion(struct csn_cli *cli)
{
    const char *shell = cli->positional_count == 1 ? cli->positional[0] : "";
    bool zsh = strcmp(shell, "zsh") == 0;
    if (!zsh && strcmp(shell, "bash") != 0)
        return csn_cli_usage(cli, "name a shell", "bash or zsh");
    if (zsh)
        fprintf(cli->out, "#compdef countersign\nautoload -U +X bashcompinit && bashcompinit\n");
    print_bash(cli);
    return CSN_EXIT_OK;
}
