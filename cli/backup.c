/* `backup` and `restore`: a data folder as one file, and back.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "countersign/server.h"

static int
failed(struct csn_cli *cli, enum csn_status status, const struct csn_backup_info *info)
{
    fprintf(cli->err, "countersign: %s\n", info->problem);
    bool refused = status == CSN_CONFLICT || status == CSN_INVALID || status == CSN_UNSUPPORTED;
    return refused ? CSN_EXIT_REFUSED : CSN_EXIT_FAILED;
}

static void
show(struct csn_cli *cli, const char *name, const char *value)
{
    fprintf(cli->out, "%-12s %s\n", name, value[0] != '\0' ? value : "unknown");
}

static void
show_info(struct csn_cli *cli, const struct csn_backup_info *info)
{
    fprintf(cli->out, "%-12s %llu bytes, schema %lld\n", "database", (unsigned long long)info->size,
            (long long)info->schema);
    show(cli, "sha256", info->hash);
    show(cli, "audit head", info->audit_head);
    show(cli, "master key", info->master_key);
}

int
csn_cli_backup(struct csn_cli *cli)
{
    static struct csn_backup_info info;
    const char *data = csn_cli_value(cli, "--data"), *out = csn_cli_value(cli, "--out");
    if (data == NULL || out == NULL)
        return csn_cli_usage(cli, "give both", "--data and --out");
    enum csn_status status = csn_backup_make(data, out, &info, cli->now_ms);
    if (status != CSN_OK)
        return failed(cli, status, &info);
    show_info(cli, &info);
    fprintf(cli->out,
            "The master key is not in the backup, and without it the backup is of no use: "
            "keep the key with the fingerprint above, apart from it.\n");
    return CSN_EXIT_OK;
}

int
csn_cli_restore(struct csn_cli *cli)
{
    static struct csn_backup_info info;
    const char *data = csn_cli_value(cli, "--data"), *from = csn_cli_value(cli, "--from");
    if (data == NULL || from == NULL)
        return csn_cli_usage(cli, "give both", "--from and --data");
    enum csn_status status = csn_backup_restore(from, data, &info, cli->now_ms);
    if (status != CSN_OK)
        return failed(cli, status, &info);
    show_info(cli, &info);
    fprintf(cli->out, "Start the server on it with the master key whose fingerprint is above.\n");
    return CSN_EXIT_OK;
}
