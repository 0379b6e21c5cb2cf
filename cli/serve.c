/* `serve` and `config`: the server and its settings. Their options are the server's own table.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "countersign/server.h"

static int
load(struct csn_cli *cli, struct csn_config *config)
{
    enum csn_status status = csn_config_load(cli->argc, (const char *const *)cli->argv,
                                             (const char *const *)cli->environment, config);
    if (status == CSN_OK)
        return CSN_EXIT_OK;
    fprintf(cli->err, "countersign: %s\n", config->error);
    return status == CSN_INVALID ? CSN_EXIT_USAGE : CSN_EXIT_FAILED;
}

int
csn_cli_serve(struct csn_cli *cli)
{
    static struct csn_config config;
    int code = load(cli, &config);
    return code != CSN_EXIT_OK ? code : csn_serve(&config);
}

int
csn_cli_config(struct csn_cli *cli)
{
    static struct csn_config config;
    int code = load(cli, &config);
    if (code != CSN_EXIT_OK)
        return code;
    for (enum csn_setting s = 0; s < CSN_SETTING_COUNT; s++)
        fprintf(cli->out, "%-24s = %-28s (%s)\n", csn_setting_at(s)->flag + 2, config.value[s],
                csn_setting_source_name(config.source[s]));
    return CSN_EXIT_OK;
}
