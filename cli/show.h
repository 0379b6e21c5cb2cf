/* Answers of a server, for people: sentences and tables instead of JSON.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CLI_SHOW_H
#define CSN_CLI_SHOW_H

#include "cli/cli.h"

/* A column: its head, and the path of its value in a row ("verdict.reason", "items.0"). Numbers
 * stand to the right. */
struct csn_cli_column {
    const char *head; /* NULL: past the last */
    const char *path;
};

/* Prints a row for each element of `list`; nothing where there is none. */
void csn_cli_table(struct csn_cli *cli, const struct csn_cli_column *columns,
                   const struct csn_json_node *list);

/* Returns: the text or number at the path, as it is shown; "-" for null, empty and absent. */
struct csn_bytes csn_cli_field(const struct csn_json_node *of, const char *path);

/* One function per answer. */
void csn_cli_show_readiness(struct csn_cli *cli, const struct csn_json_node *answer);
void csn_cli_show_failures(struct csn_cli *cli, const struct csn_json_node *answer);
void csn_cli_show_timeline(struct csn_cli *cli, const struct csn_json_node *answer);
void csn_cli_show_blast(struct csn_cli *cli, const struct csn_json_node *answer);
void csn_cli_show_dry_run(struct csn_cli *cli, const struct csn_json_node *answer);

#endif
