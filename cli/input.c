/* Files, standard input, tokens and policies, all bounded.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <string.h>

static bool
read_stream(struct csn_cli *cli, FILE *from, const char *name, size_t max, struct csn_bytes *out)
{
    uint8_t *memory = csn_arena_alloc(&cli->arena, max + 1);
    if (memory == NULL) {
        csn_cli_fail(cli, "out of memory reading", name);
        return false;
    }
    size_t len = fread(memory, 1, max + 1, from);
    if (ferror(from)) {
        csn_cli_fail(cli, "cannot read", name);
        return false;
    }
    if (len > max) {
        csn_cli_fail(cli, "too large", name);
        return false;
    }
    *out = csn_bytes_of(memory, len);
    return true;
}

bool
csn_cli_read(struct csn_cli *cli, const char *path, size_t max, struct csn_bytes *out)
{
    if (strcmp(path, "-") == 0)
        return read_stream(cli, cli->in, "standard input", max, out);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        csn_cli_fail(cli, "cannot open", path);
        return false;
    }
    /* Unbuffered, so that a secret is not left behind in a buffer of the C library. */
    setvbuf(file, NULL, _IONBF, 0);
    bool read = read_stream(cli, file, path, max, out);
    fclose(file);
    return read;
}

bool
csn_cli_read_line(struct csn_cli *cli, const char *path, size_t max, struct csn_bytes *out)
{
    if (!csn_cli_read(cli, path, max, out))
        return false;
    if (out->len > 0 && out->ptr[out->len - 1] == '\n')
        out->len--;
    if (out->len > 0 && out->ptr[out->len - 1] == '\r')
        out->len--;
    return true;
}

bool
csn_cli_token(struct csn_cli *cli, struct csn_bytes *out)
{
    const char *file = csn_cli_value(cli, "--token-file");
    if (file == NULL && cli->positional_count > 0) {
        *out = csn_bytes_text(cli->positional[0]);
        return true;
    }
    /* A diagnosis wants to see what surrounds the token, so only the last line end goes. */
    return csn_cli_read_line(cli, file != NULL ? file : "-", 4 * CSN_TOKEN_MAX, out);
}

/* --- the policy: a preset or a document, with single fields laid over it --- */

static bool
is_replaced(const struct csn_cli *cli, struct csn_bytes field)
{
    const char *set = NULL;
    for (size_t i = 0; (set = csn_cli_value_at(cli, "--set", i)) != NULL; i++) {
        size_t len = strcspn(set, "=");
        if (csn_bytes_equal(field, csn_bytes_of(set, len)))
            return true;
    }
    return false;
}

/* A value is JSON where it reads as JSON, else it is text: issuer=4242 must be the text "4242". */
static void
write_value(struct csn_cli *cli, struct csn_json_writer *w, struct csn_bytes field,
            struct csn_bytes value)
{
    static const char *const TEXTS[] = {"issuer", "audience", "type"};
    bool text = false;
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
        text = text || csn_bytes_equal_text(field, TEXTS[i]);
    const struct csn_json_node *ignored = NULL;
    if (!text && csn_json_parse(value, &cli->arena, &ignored) == CSN_OK)
        csn_json_raw(w, value);
    else
        csn_json_string(w, value);
}

static void
write_fields(struct csn_cli *cli, struct csn_json_writer *w, const struct csn_json_node *document)
{
    for (const struct csn_json_node *f = document->first; f != NULL; f = f->next) {
        if (is_replaced(cli, f->name))
            continue;
        csn_json_name_bytes(w, f->name);
        csn_json_node(w, f);
    }
    const char *set = NULL;
    for (size_t i = 0; (set = csn_cli_value_at(cli, "--set", i)) != NULL; i++) {
        size_t len = strcspn(set, "=");
        const char *value = set[len] == '=' ? set + len + 1 : "";
        csn_json_name_bytes(w, csn_bytes_of(set, len));
        write_value(cli, w, csn_bytes_of(set, len), csn_bytes_text(value));
    }
}

static bool
read_document(struct csn_cli *cli, struct csn_bytes *out)
{
    const char *file = csn_cli_value(cli, "--policy");
    const char *name = csn_cli_value(cli, "--preset");
    if (file != NULL && name != NULL)
        return csn_cli_usage(cli, "give one of --preset and --policy", name), false;
    if (file != NULL)
        return csn_cli_read(cli, file, CSN_POLICY_JSON_MAX, out);
    const struct csn_preset *preset =
        csn_preset_find(csn_bytes_text(name != NULL ? name : "generic"));
    if (preset == NULL)
        return csn_cli_usage(cli, "no such preset (see `countersign preset list`)", name), false;
    *out = csn_bytes_text(preset->json);
    return true;
}

bool
csn_cli_policy(struct csn_cli *cli, struct csn_policy *out)
{
    struct csn_bytes document;
    if (!read_document(cli, &document))
        return false;
    const struct csn_json_node *root = NULL;
    if (csn_json_parse(document, &cli->arena, &root) != CSN_OK || root->kind != CSN_JSON_OBJECT)
        return csn_cli_fail(cli, "not a strict JSON object", "the policy"), false;
    uint8_t *memory = csn_arena_alloc(&cli->arena, 2 * CSN_POLICY_JSON_MAX);
    if (memory == NULL)
        return csn_cli_fail(cli, "out of memory", "the policy"), false;
    struct csn_buffer text = csn_buffer_over(memory, 2 * CSN_POLICY_JSON_MAX);
    struct csn_json_writer w = csn_json_writer_over(&text);
    csn_json_open_object(&w);
    write_fields(cli, &w, root);
    csn_json_close_object(&w);
    struct csn_policy_error error = {.sentence = "The policy is too long."};
    if (!text.overflowed &&
        csn_policy_parse(csn_buffer_view(&text), &cli->arena, out, &error) == CSN_OK)
        return true;
    fprintf(cli->err, "countersign: policy: %s%s%s\n", error.field,
            error.field[0] != '\0' ? ": " : "", error.sentence);
    return false;
}
