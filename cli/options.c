/* Reading what was given, and saying what was wrong with it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <string.h>

const char *
csn_cli_value_at(const struct csn_cli *cli, const char *option, size_t index)
{
    for (size_t i = 0; i < cli->given_count; i++) {
        if (strcmp(cli->given[i].name, option) != 0)
            continue;
        if (index == 0)
            return cli->given[i].value;
        index--;
    }
    return NULL;
}

const char *
csn_cli_value(const struct csn_cli *cli, const char *option)
{
    return csn_cli_value_at(cli, option, 0);
}

bool
csn_cli_has(const struct csn_cli *cli, const char *option)
{
    return csn_cli_value(cli, option) != NULL;
}

const char *
csn_cli_environment(const struct csn_cli *cli, const char *name)
{
    size_t len = strlen(name);
    for (char **entry = cli->environment; *entry != NULL; entry++) {
        if (strncmp(*entry, name, len) == 0 && (*entry)[len] == '=')
            return *entry + len + 1;
    }
    return NULL;
}

int
csn_cli_usage(struct csn_cli *cli, const char *what, const char *name)
{
    fprintf(cli->err, "countersign: %s: %.200s\n", what, name);
    if (cli->command != NULL)
        fprintf(cli->err, "Try: countersign help %s\n", cli->command->name);
    return CSN_EXIT_USAGE;
}

int
csn_cli_fail(struct csn_cli *cli, const char *what, const char *name)
{
    fprintf(cli->err, "countersign: %s: %.200s\n", what, name);
    return CSN_EXIT_FAILED;
}

bool
csn_cli_number(struct csn_cli *cli, const char *option, int64_t low, int64_t high, int64_t *out)
{
    const char *text = csn_cli_value(cli, option);
    if (text == NULL)
        return true;
    int64_t value = 0;
    if (csn_json_integer(csn_bytes_text(text), &value) != CSN_OK || value < low || value > high) {
        csn_cli_usage(cli, "not a number in range", option);
        return false;
    }
    *out = value;
    return true;
}
