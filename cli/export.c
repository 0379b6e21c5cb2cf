/* `customer export`: everything there is about one customer, one JSON object a line.
 *
 *   {"customer": …}  {"profile": …}  {"item": …} …      items oldest first, page by page
 *
 * Nothing is gathered: a line leaves as it comes, so the length of a log does not matter.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/http.h"

#define PATH_BYTES 512
#define CURSOR_BYTES 64
#define LINE_BYTES CSN_CLI_ANSWER_MAX

struct export
{
    struct csn_cli *cli;
    size_t mark; /* of the arena: what one line or page needs is given back */
    char cursor[CURSOR_BYTES];
};

/* Out: *root, of a good answer. Returns: the exit code. */
static int
get(struct export *e, const char *rest, const struct csn_json_node **root)
{
    char memory[PATH_BYTES];
    struct csn_buffer path = csn_buffer_over(memory, sizeof memory);
    struct csn_cli *cli = e->cli;
    csn_buffer_text(&path, "/api/v1/apps/");
    csn_cli_encode(&path, cli->positional[0]);
    csn_buffer_text(&path, "/customers/");
    csn_cli_encode(&path, cli->positional[1]);
    csn_buffer_text(&path, rest);
    csn_buffer_text(&path, e->cursor);
    const char *text = csn_buffer_terminate(&path);
    struct csn_cli_answer answer = {0};
    if (text == NULL)
        return csn_cli_usage(cli, "too long", "the arguments");
    if (!csn_cli_send(cli, "GET", text, (struct csn_bytes){0}, &answer))
        return CSN_EXIT_FAILED;
    if (answer.status == 200)
        return csn_json_parse(answer.body, &cli->arena, root) == CSN_OK
                   ? CSN_EXIT_OK
                   : csn_cli_fail(cli, "not strict JSON", "the answer");
    fprintf(cli->err, "%.*s\n", (int)answer.body.len, (const char *)answer.body.ptr);
    return answer.status >= 500 ? CSN_EXIT_FAILED : CSN_EXIT_REFUSED;
}

static int
print_line(struct export *e, const char *name, const struct csn_json_node *value)
{
    size_t mark = e->cli->arena.used;
    void *memory = csn_arena_alloc(&e->cli->arena, LINE_BYTES);
    struct csn_buffer line = csn_buffer_over(memory, memory != NULL ? LINE_BYTES : 0);
    struct csn_json_writer w = csn_json_writer_over(&line);
    csn_json_open_object(&w);
    csn_json_name(&w, name);
    csn_json_node(&w, value);
    csn_json_close_object(&w);
    if (line.overflowed)
        return csn_cli_fail(e->cli, "too large", name);
    fprintf(e->cli->out, "%.*s\n", (int)line.len, (const char *)line.ptr);
    e->cli->arena.used = mark;
    return CSN_EXIT_OK;
}

/* One document, one line. */
static int
export_one(struct export *e, const char *name, const char *rest)
{
    const struct csn_json_node *root = NULL;
    e->cli->arena.used = e->mark;
    e->cursor[0] = '\0';
    int code = get(e, rest, &root);
    if (code != CSN_EXIT_OK)
        return code;
    const struct csn_json_node nothing = {.kind = CSN_JSON_NULL};
    return print_line(e, name, root != NULL ? root : &nothing);
}

/* In: the page. Out: e->cursor, "" after the last. */
static void
turn_page(struct export *e, const struct csn_json_node *page)
{
    struct csn_bytes next = {0};
    e->cursor[0] = '\0';
    if (csn_json_get_text(page, "next", &next) && next.len > 0 && next.len < CURSOR_BYTES - 9)
        snprintf(e->cursor, sizeof e->cursor, "&cursor=%.*s", (int)next.len,
                 (const char *)next.ptr);
}

/* A list, a line for each. `rest` ends in a query. */
static int
export_list(struct export *e, const char *name, const char *rest)
{
    e->cursor[0] = '\0';
    do {
        const struct csn_json_node *page = NULL;
        e->cli->arena.used = e->mark;
        int code = get(e, rest, &page);
        if (code != CSN_EXIT_OK)
            return code;
        const struct csn_json_node *items = csn_json_get(page, "items");
        const struct csn_json_node *n = items != NULL ? items->first : NULL;
        for (; n != NULL && code == CSN_EXIT_OK; n = n->next)
            code = print_line(e, name, n);
        if (code != CSN_EXIT_OK)
            return code;
        turn_page(e, page);
    } while (e->cursor[0] != '\0');
    return CSN_EXIT_OK;
}

int
csn_cli_customer_export(struct csn_cli *cli)
{
    struct export e = {.cli = cli, .mark = cli->arena.used};
    int code = export_one(&e, "customer", "");
    if (code == CSN_EXIT_OK)
        code = export_one(&e, "profile", "/profile");
    if (code == CSN_EXIT_OK)
        code = export_list(&e, "item", "/items?order=oldest&limit=200");
    return code;
}
