/* `preset list` and `preset show`.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

int
csn_cli_preset_list(struct csn_cli *cli)
{
    const struct csn_preset *preset = NULL;
    for (size_t i = 0; (preset = csn_preset_at(i)) != NULL; i++)
        fprintf(cli->out, "%-12s %s  %s\n", preset->name, preset->date, preset->title);
    return CSN_EXIT_OK;
}

int
csn_cli_preset_show(struct csn_cli *cli)
{
    const struct csn_preset *preset = csn_preset_find(csn_bytes_text(cli->positional[0]));
    if (preset == NULL)
        return csn_cli_usage(cli, "no such preset", cli->positional[0]);
    struct csn_policy policy;
    struct csn_policy_error error;
    if (csn_policy_parse(csn_bytes_text(preset->json), &cli->arena, &policy, &error) != CSN_OK)
        return csn_cli_fail(cli, error.sentence, error.field);
    uint8_t memory[CSN_POLICY_JSON_MAX];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_json_writer w = csn_json_writer_over(&out);
    csn_policy_write(&policy, &w);
    fprintf(cli->out, "%.*s\n", (int)out.len, (const char *)out.ptr);
    return CSN_EXIT_OK;
}
