/* Tables: as wide as what is in them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/show.h"

#include <string.h>

#define COLUMNS_MAX 12

/* Returns: the member a path leads to; NULL where there is none. */
static const struct csn_json_node *
node_at(const struct csn_json_node *of, const char *path)
{
    char name[64];
    for (const char *end = path; of != NULL && *path != '\0'; path = *end == '.' ? end + 1 : end) {
        end = path + strcspn(path, ".");
        if ((size_t)(end - path) >= sizeof name)
            return NULL;
        memcpy(name, path, (size_t)(end - path));
        name[end - path] = '\0';
        if (of->kind == CSN_JSON_ARRAY) /* only ever the first: "0" */
            of = of->first;
        else
            of = csn_json_get(of, name);
    }
    return of;
}

struct csn_bytes
csn_cli_field(const struct csn_json_node *of, const char *path)
{
    const struct csn_json_node *node = node_at(of, path);
    bool shown = node != NULL && node->text.len > 0 &&
                 (node->kind == CSN_JSON_STRING || node->kind == CSN_JSON_NUMBER);
    if (shown)
        return node->text;
    if (node != NULL && (node->kind == CSN_JSON_TRUE || node->kind == CSN_JSON_FALSE))
        return csn_bytes_text(node->kind == CSN_JSON_TRUE ? "yes" : "no");
    return csn_bytes_text("-");
}

/* Characters, as far as a terminal shows one for each code point. */
static size_t
width_of(struct csn_bytes text)
{
    size_t width = 0;
    for (size_t i = 0; i < text.len; i++)
        width += (text.ptr[i] & 0xC0) != 0x80;
    return width;
}

static void
print_cell(struct csn_cli *cli, struct csn_bytes text, size_t width, bool right, bool last)
{
    size_t own = width_of(text);
    int pad = own < width ? (int)(width - own) : 0;
    if (right)
        fprintf(cli->out, "%*s", pad, "");
    fprintf(cli->out, "%.*s", (int)text.len, (const char *)text.ptr);
    if (!last)
        fprintf(cli->out, "%*s", (right ? 0 : pad) + 2, "");
}

static bool
is_number(const struct csn_json_node *row, const char *path)
{
    const struct csn_json_node *node = node_at(row, path);
    return node != NULL && node->kind == CSN_JSON_NUMBER;
}

void
csn_cli_table(struct csn_cli *cli, const struct csn_cli_column *columns,
              const struct csn_json_node *list)
{
    if (list == NULL || list->first == NULL)
        return;
    size_t width[COLUMNS_MAX] = {0}, count = 0;
    for (; count < COLUMNS_MAX && columns[count].head != NULL; count++) {
        width[count] = strlen(columns[count].head);
        for (const struct csn_json_node *row = list->first; row != NULL; row = row->next) {
            size_t own = width_of(csn_cli_field(row, columns[count].path));
            width[count] = own > width[count] ? own : width[count];
        }
    }
    for (size_t i = 0; i < count; i++)
        print_cell(cli, csn_bytes_text(columns[i].head), width[i],
                   is_number(list->first, columns[i].path), i + 1 == count);
    fprintf(cli->out, "\n");
    for (const struct csn_json_node *row = list->first; row != NULL; row = row->next) {
        for (size_t i = 0; i < count; i++)
            print_cell(cli, csn_cli_field(row, columns[i].path), width[i],
                       is_number(row, columns[i].path), i + 1 == count);
        fprintf(cli->out, "\n");
    }
}

/* --- readiness --- */

static int64_t
number(const struct csn_json_node *of, const char *name)
{
    int64_t value = 0;
    (void)csn_json_get_int(of, name, &value);
    return value;
}

static void
show_sum(struct csn_cli *cli, const char *lead, const struct csn_json_node *sum, const char *about)
{
    struct csn_bytes since = csn_cli_field(sum, "since"), until = csn_cli_field(sum, "until");
    fprintf(cli->out,
            "%s%lld of %lld requests, of %s%lld customers and %lld unnamed devices"
            " (%.10s until %.10s)\n",
            lead, (long long)number(sum, "would_refuse"), (long long)number(sum, "requests"), about,
            (long long)number(sum, "customers"), (long long)number(sum, "devices"),
            (const char *)since.ptr, (const char *)until.ptr);
}

/* "96 % of them on android <= 3.1.0": the oldest versions that hold nine in ten of them. */
static void
show_platform(struct csn_cli *cli, const struct csn_json_node *platform)
{
    struct csn_bytes name = csn_cli_field(platform, "platform");
    if (number(platform, "would_refuse") == 0)
        return;
    const struct csn_json_node *versions = csn_json_get(platform, "versions");
    const struct csn_json_node *v = versions != NULL ? versions->first : NULL;
    while (v != NULL && v->next != NULL && number(v, "requests_up_to_permille") < 900)
        v = v->next;
    struct csn_bytes version = csn_cli_field(v, "app_version");
    fprintf(cli->out, "%.*s: %lld refused requests, %lld %% of them on %.*s or older",
            (int)name.len, (const char *)name.ptr, (long long)number(platform, "would_refuse"),
            (long long)number(v, "requests_up_to_permille") / 10, (int)version.len,
            (const char *)version.ptr);
    const struct csn_json_node *minimum = csn_json_get(platform, "minimum");
    if (minimum != NULL && minimum->kind == CSN_JSON_OBJECT) {
        struct csn_bytes from = csn_cli_field(minimum, "app_version");
        fprintf(cli->out, "; required from %.*s on refuses %lld of %lld", (int)from.len,
                (const char *)from.ptr, (long long)number(minimum, "would_refuse"),
                (long long)number(minimum, "requests"));
    }
    fprintf(cli->out, "\n");
}

void
csn_cli_show_readiness(struct csn_cli *cli, const struct csn_json_node *answer)
{
    static const struct csn_cli_column columns[] = {
        {"REASON", "reason"},       {"PLATFORM", "platform"},     {"APP", "app_version"},
        {"SDK", "sdk_version"},     {"REQUESTS", "would_refuse"}, {"BEFORE", "would_refuse_before"},
        {"CUSTOMERS", "customers"}, {"DEVICES", "devices"},       {NULL, NULL},
    };
    bool exact = false;
    (void)csn_json_get_bool(answer, "exact", &exact);
    const char *about = exact ? "" : "about ";
    show_sum(cli, "required would refuse ", csn_json_get(answer, "now"), about);
    show_sum(cli, "the period before:    ", csn_json_get(answer, "before"), about);
    const struct csn_json_node *platforms = csn_json_get(answer, "platforms");
    for (const struct csn_json_node *p = platforms != NULL ? platforms->first : NULL; p != NULL;
         p = p->next)
        show_platform(cli, p);
    csn_cli_table(cli, columns, csn_json_get(answer, "items"));
}

/* --- failures --- */

void
csn_cli_show_failures(struct csn_cli *cli, const struct csn_json_node *answer)
{
    static const struct csn_cli_column columns[] = {
        {"REASON", "reason"},          {"KEY", "key_number"},  {"PLATFORM", "platform"},
        {"APP", "app_version"},        {"SDK", "sdk_version"}, {"COUNT", "count"},
        {"REFUSED", "refused"},        {"LAST", "last_at"},    {"ACTION", "action"},
        {"EVIDENCE", "evidence.0.id"}, {NULL, NULL},
    };
    const struct csn_json_node *items = csn_json_get(answer, "items");
    if (items == NULL || items->first == NULL)
        fprintf(cli->out, "nothing failed\n");
    csn_cli_table(cli, columns, items);
}

/* --- timeline --- */

void
csn_cli_show_timeline(struct csn_cli *cli, const struct csn_json_node *answer)
{
    static const struct csn_cli_column columns[] = {
        {"AT", "at"},           {"EVENT", "event"},       {"ENDPOINT", "endpoint"},
        {"REASON", "reason"},   {"ADMITTED", "admitted"}, {"PLATFORM", "platform"},
        {"APP", "app_version"}, {"DEVICE", "device"},     {"WHY", "why"},
        {NULL, NULL},
    };
    const struct csn_json_node *items = csn_json_get(answer, "items");
    if (items == NULL || items->first == NULL)
        fprintf(cli->out, "nothing is recorded\n");
    csn_cli_table(cli, columns, items);
    struct csn_bytes next;
    if (csn_json_get_text(answer, "next", &next) && next.len > 0)
        fprintf(cli->out, "older: --cursor %.*s\n", (int)next.len, (const char *)next.ptr);
}

/* --- blast radius --- */

void
csn_cli_show_blast(struct csn_cli *cli, const struct csn_json_node *answer)
{
    static const struct csn_cli_column columns[] = {
        {"PLATFORM", "platform"}, {"REQUESTS", "requests"}, {NULL, NULL}};
    bool exact = false;
    (void)csn_json_get_bool(answer, "exact", &exact);
    const struct csn_json_node *sessions = csn_json_get(answer, "sessions");
    struct csn_bytes first = csn_cli_field(answer, "first_at");
    struct csn_bytes last = csn_cli_field(answer, "last_at");
    fprintf(cli->out, "%lld requests, of %s%lld customers, from %.*s to %.*s\n",
            (long long)number(answer, "requests"), exact ? "" : "about ",
            (long long)number(answer, "customers"), (int)first.len, (const char *)first.ptr,
            (int)last.len, (const char *)last.ptr);
    fprintf(cli->out, "%lld sessions alive, of %lld customers on %lld devices\n",
            (long long)number(sessions, "alive"), (long long)number(sessions, "customers"),
            (long long)number(sessions, "devices"));
    csn_cli_table(cli, columns, csn_json_get(answer, "platforms"));
    const struct csn_json_node *advice = csn_json_get(answer, "advice");
    for (const struct csn_json_node *a = advice != NULL ? advice->first : NULL; a != NULL;
         a = a->next)
        fprintf(cli->out, "- %.*s\n", (int)a->text.len, (const char *)a->text.ptr);
}

/* --- dry runs --- */

void
csn_cli_show_dry_run(struct csn_cli *cli, const struct csn_json_node *answer)
{
    static const struct csn_cli_column columns[] = {
        {"CHANGE", "change"},   {"WAS", "was"},
        {"BECOMES", "becomes"}, {"PLATFORM", "platform"},
        {"APP", "app_version"}, {"REQUESTS", "requests"},
        {NULL, NULL},
    };
    const struct csn_json_node *requests = csn_json_get(answer, "requests");
    const struct csn_json_node *customers = csn_json_get(answer, "customers");
    fprintf(cli->out,
            "of %lld requests %lld would be refused (%lld customers), %lld admitted (%lld "
            "customers), %lld perhaps; of %lld it is not known\n",
            (long long)number(requests, "looked_at"), (long long)number(requests, "refused"),
            (long long)number(customers, "refused"), (long long)number(requests, "admitted"),
            (long long)number(customers, "admitted"), (long long)number(requests, "possible"),
            (long long)number(requests, "unknown"));
    csn_cli_table(cli, columns, csn_json_get(answer, "items"));
    const struct csn_json_node *notes = csn_json_get(answer, "not_known");
    for (const struct csn_json_node *n = notes != NULL ? notes->first : NULL; n != NULL;
         n = n->next)
        fprintf(cli->out, "- %.*s\n", (int)n->text.len, (const char *)n->text.ptr);
}
