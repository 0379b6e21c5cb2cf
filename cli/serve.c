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

static void
print_setting(struct csn_cli *cli, const char *name, const char *value, const char *source)
{
    fprintf(cli->out, "%-24s = %-28s (%s)\n", name, value, source);
}

/* The key itself may come from the environment: that it does is shown, and never the key. */
static void
print_master_key(struct csn_cli *cli, const struct csn_config *config)
{
    bool file = *config->value[CSN_SETTING_MASTER_KEY_FILE] != '\0';
    if (csn_cli_environment(cli, "COUNTERSIGN_MASTER_KEY") != NULL)
        print_setting(cli, "master-key", "***",
                      file ? "environment, not used: there is a master-key-file" : "environment");
}

int
csn_cli_config(struct csn_cli *cli)
{
    static struct csn_config config;
    int code = load(cli, &config);
    if (code != CSN_EXIT_OK)
        return code;
    for (enum csn_setting s = 0; s < CSN_SETTING_COUNT; s++)
        print_setting(cli, csn_setting_at(s)->flag + 2, config.value[s],
                      csn_setting_source_name(config.source[s]));
    print_master_key(cli, &config);
    for (enum csn_setting s = 0; s < CSN_SETTING_COUNT; s++) {
        if (csn_setting_is_valid(&config, s))
            continue;
        fprintf(cli->err, "countersign: %s: not a valid value\n", csn_setting_at(s)->flag);
        code = CSN_EXIT_USAGE;
    }
    return code;
}
