/* `audit`: listed, exported, verified. A chain is read from a running server page by page, from a
 * data folder, or from an export, and checked by the one checker of the library.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/http.h"
#include "countersign/server.h"

#define PATH_BYTES 1024
#define LINE_MAX_BYTES 4096 /* of an export */

/* Returns: go on. */
typedef bool visit_row(void *state, const struct csn_audit_record *row);

/* --- asking a server --- */

static void
append_parameter(struct csn_buffer *path, const char *name, const char *value)
{
    csn_buffer_byte(path, csn_bytes_find(csn_buffer_view(path), '?') == path->len ? '?' : '&');
    csn_buffer_text(path, name);
    csn_buffer_byte(path, '=');
    csn_cli_encode(path, value);
}

/* Returns: the exit code; CSN_EXIT_OK with *answer. */
static int
get(struct csn_cli *cli, struct csn_buffer *path, struct csn_cli_answer *answer)
{
    const char *text = csn_buffer_terminate(path);
    if (text == NULL)
        return csn_cli_usage(cli, "too long", "the arguments");
    if (!csn_cli_send(cli, "GET", text, (struct csn_bytes){0}, answer))
        return CSN_EXIT_FAILED;
    if (answer->status == 200)
        return CSN_EXIT_OK;
    fprintf(cli->err, "%.*s\n", (int)answer->body.len, (const char *)answer->body.ptr);
    return answer->status >= 500 ? CSN_EXIT_FAILED : CSN_EXIT_REFUSED;
}

int
csn_cli_audit_list(struct csn_cli *cli)
{
    static const char *const options[] = {"--app",   "--operation", "--key",   "--since",
                                          "--until", "--limit",     "--cursor"};
    char memory[PATH_BYTES];
    struct csn_buffer path = csn_buffer_over(memory, sizeof memory);
    csn_buffer_text(&path, "/api/v1/audit");
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        const char *value = csn_cli_value(cli, options[i]);
        if (value != NULL)
            append_parameter(&path, options[i] + 2, value);
    }
    struct csn_cli_answer answer = {0};
    int code = get(cli, &path, &answer);
    if (code == CSN_EXIT_OK)
        fprintf(cli->out, "%.*s\n", (int)answer.body.len, (const char *)answer.body.ptr);
    return code;
}

/* --- where rows come from --- */

static int
unreadable(struct csn_cli *cli)
{
    return csn_cli_fail(cli, "this is no audit row", "the answer");
}

/* Out: cursor, "" after the last page. */
static int
visit_page(struct csn_cli *cli, char cursor[32], visit_row *visit, void *state)
{
    char memory[PATH_BYTES];
    struct csn_buffer path = csn_buffer_over(memory, sizeof memory);
    csn_buffer_text(&path, "/api/v1/audit?order=oldest&limit=200");
    if (cursor[0] != '\0')
        append_parameter(&path, "cursor", cursor);
    struct csn_cli_answer answer = {0};
    int code = get(cli, &path, &answer);
    if (code != CSN_EXIT_OK)
        return code;
    const struct csn_json_node *root = NULL;
    if (csn_json_parse(answer.body, &cli->arena, &root) != CSN_OK)
        return unreadable(cli);
    const struct csn_json_node *items = csn_json_get(root, "items");
    struct csn_bytes next = {0};
    cursor[0] = '\0';
    if (csn_json_get_text(root, "next", &next) && next.len > 0 && next.len < 32)
        memcpy(cursor, next.ptr, next.len + 1); /* a text of the tree is followed by NUL */
    for (const struct csn_json_node *n = items != NULL ? items->first : NULL; n != NULL;
         n = n->next) {
        struct csn_audit_record row;
        if (!csn_audit_read(n, &cli->arena, &row))
            return unreadable(cli);
        if (!visit(state, &row)) {
            cursor[0] = '\0';
            return CSN_EXIT_OK;
        }
    }
    return CSN_EXIT_OK;
}

static int
visit_server(struct csn_cli *cli, visit_row *visit, void *state)
{
    char cursor[32] = "";
    size_t used = cli->arena.used;
    int code;
    do {
        cli->arena.used = used;
        code = visit_page(cli, cursor, visit, state);
    } while (code == CSN_EXIT_OK && cursor[0] != '\0');
    return code;
}

static int
visit_folder(struct csn_cli *cli, visit_row *visit, void *state)
{
    const char *folder = csn_cli_value(cli, "--data");
    switch (csn_audit_read_folder(folder, csn_cli_value(cli, "--account"), visit, state)) {
    case CSN_OK: return CSN_EXIT_OK;
    case CSN_INVALID: return csn_cli_usage(cli, "not an account's id", "--account");
    case CSN_NOT_FOUND: return csn_cli_fail(cli, "there is no database in", folder);
    case CSN_UNSUPPORTED:
        return csn_cli_fail(cli, "made by another version of this program", folder);
    default: return csn_cli_fail(cli, "cannot be read", folder);
    }
}

/* A line that is no row is a fault of the export, named by its number. */
static int
visit_lines(struct csn_cli *cli, FILE *file, visit_row *visit, void *state)
{
    static char line[LINE_MAX_BYTES];
    size_t used = cli->arena.used;
    for (long number = 1; fgets(line, sizeof line, file) != NULL; number++) {
        const struct csn_json_node *root = NULL;
        struct csn_audit_record row;
        struct csn_bytes text = csn_bytes_text(line);
        if (text.len > 0 && text.ptr[text.len - 1] == '\n')
            text.len--;
        cli->arena.used = used;
        if (csn_json_parse(text, &cli->arena, &root) != CSN_OK || root->kind != CSN_JSON_OBJECT ||
            !csn_audit_read(root, &cli->arena, &row)) {
            fprintf(cli->err, "countersign: line %ld is no audit row\n", number);
            return CSN_EXIT_REFUSED;
        }
        if (!visit(state, &row))
            return CSN_EXIT_OK;
    }
    return ferror(file) ? csn_cli_fail(cli, "cannot be read", "the export") : CSN_EXIT_OK;
}

static int
visit_file(struct csn_cli *cli, visit_row *visit, void *state)
{
    const char *path = csn_cli_value(cli, "--file");
    if (strcmp(path, "-") == 0)
        return visit_lines(cli, cli->in, visit, state);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return csn_cli_fail(cli, "cannot be read", path);
    int code = visit_lines(cli, file, visit, state);
    fclose(file);
    return code;
}

static int
visit_rows(struct csn_cli *cli, visit_row *visit, void *state)
{
    bool data = csn_cli_has(cli, "--data"), file = csn_cli_has(cli, "--file");
    if (data && file)
        return csn_cli_usage(cli, "give one of the two", "--data and --file");
    if (!data && csn_cli_has(cli, "--account"))
        return csn_cli_usage(cli, "only with --data", "--account");
    if (data)
        return visit_folder(cli, visit, state);
    return file ? visit_file(cli, visit, state) : visit_server(cli, visit, state);
}

/* --- export --- */

static bool
print_row(void *state, const struct csn_audit_record *row)
{
    struct csn_cli *cli = state;
    char memory[LINE_MAX_BYTES];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_json_writer w = csn_json_writer_over(&out);
    csn_audit_write(row, &w);
    return !out.overflowed && fprintf(cli->out, "%.*s\n", (int)out.len, memory) > 0;
}

int
csn_cli_audit_export(struct csn_cli *cli)
{
    int code = visit_rows(cli, print_row, cli);
    if (code == CSN_EXIT_OK && (fflush(cli->out) != 0 || ferror(cli->out)))
        return csn_cli_fail(cli, "cannot be written", "the export");
    return code;
}

/* --- verify: one chain an account --- */

struct verification {
    struct csn_cli *cli;
    struct csn_audit_chain start; /* with what was noted */
    struct csn_audit_chain chain; /* of the account under way */
    char account[64];             /* "" before the first */
    unsigned accounts, faults;
};

static void
end_account(struct verification *v)
{
    FILE *out = v->cli->out;
    const char *account = v->account[0] != '\0' ? v->account : "the account";
    v->accounts++;
    if (csn_audit_end(&v->chain)) {
        fprintf(out, "%s: %lld rows, sound\n", account, (long long)v->chain.number);
        return;
    }
    v->faults++;
    fprintf(out, "%s: row %lld %s\n", account, (long long)v->chain.fault_number,
            csn_audit_fault_sentence(v->chain.fault));
}

static bool
check_row(void *state, const struct csn_audit_record *row)
{
    struct verification *v = state;
    if (!csn_bytes_equal_text(row->account, v->account)) {
        if (v->account[0] != '\0')
            end_account(v);
        v->chain = v->start;
        size_t len = row->account.len < sizeof v->account ? row->account.len : 0;
        if (len > 0)
            memcpy(v->account, row->account.ptr, len);
        v->account[len] = '\0';
    }
    csn_audit_add(&v->chain, row);
    return true;
}

int
csn_cli_audit_verify(struct csn_cli *cli)
{
    struct verification v = {.cli = cli};
    const char *head = csn_cli_value(cli, "--head");
    if (head != NULL && !csn_audit_note(&v.start, csn_bytes_text(head)))
        return csn_cli_usage(cli, "not NUMBER:HASH", "--head");
    v.chain = v.start;
    int code = visit_rows(cli, check_row, &v);
    if (code != CSN_EXIT_OK)
        return code;
    end_account(&v);
    if (head != NULL && v.accounts > 1)
        return csn_cli_usage(cli, "there are several accounts: say which with --account", "--head");
    return v.faults > 0 ? CSN_EXIT_REFUSED : CSN_EXIT_OK;
}
