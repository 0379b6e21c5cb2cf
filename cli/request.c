/* Commands that speak to a running server: each is a row here, a method, a path and a body.
 *
 * A path is the API's own; {n} stands for the n-th argument, percent-encoded. The table of commands
 * says how many there are.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/http.h"
#include "cli/show.h"

#define PATH_MAX_BYTES 2048
#define BODY_MAX (2 * CSN_KEY_TEXT_MAX)
#define DOCUMENT_MAX 65536 /* bytes of a file that is sent as it is */

struct request {
    const char *command;
    const char *method;
    const char *path;
    /* Writes the members of the body's object. Returns: false after saying why. NULL: no body. */
    bool (*write)(struct csn_cli *cli, struct csn_json_writer *w);
    /* Shows a good answer; NULL: as it came. */
    void (*show)(struct csn_cli *cli, const struct csn_json_node *answer);
};

/* Options that go into the query, each under its own name without the dashes. */
static const struct {
    const char *command;
    const char *options[6]; /* ends with NULL */
} QUERIES[] = {
    {"readiness", {"--since", "--until", "--threshold"}},
    {"customer list", {"--identity", "--cursor", "--limit"}},
    {"customer items", {"--order", "--cursor", "--limit"}},
    {"failures", {"--since", "--until", "--reason"}},
    {"timeline", {"--cursor", "--limit"}},
    {"key blast-radius", {"--since"}},
    {"webhook deliveries", {"--cursor", "--limit"}},
};

/* --- bodies --- */

static bool
member_from_option(struct csn_cli *cli, struct csn_json_writer *w, const char *name,
                   const char *option)
{
    const char *value = csn_cli_value(cli, option);
    if (value != NULL)
        csn_json_member_text(w, name, value);
    return true;
}

/* Puts a JSON file in as it stands, after a strict read. */
static bool
member_from_file(struct csn_cli *cli, struct csn_json_writer *w, const char *name,
                 const char *option, size_t max)
{
    const char *path = csn_cli_value(cli, option);
    struct csn_bytes json;
    const struct csn_json_node *root = NULL;
    if (path == NULL)
        return true;
    if (!csn_cli_read(cli, path, max, &json))
        return false;
    if (csn_json_parse(json, &cli->arena, &root) != CSN_OK)
        return csn_cli_fail(cli, "not strict JSON", path), false;
    csn_json_name(w, name);
    csn_json_node(w, root);
    return true;
}

static bool
write_app(struct csn_cli *cli, struct csn_json_writer *w)
{
    csn_json_member_text(w, "name", cli->positional[0]);
    return member_from_option(cli, w, "preset", "--preset") &&
           member_from_file(cli, w, "policy", "--policy", CSN_POLICY_JSON_MAX);
}

/* Copies the members of a JSON file: the body is the file. */
static bool
write_file(struct csn_cli *cli, struct csn_json_writer *w)
{
    const char *path = csn_cli_value(cli, "--file");
    struct csn_bytes json;
    const struct csn_json_node *root = NULL;
    if (path == NULL)
        return csn_cli_usage(cli, "name the document", "--file"), false;
    if (!csn_cli_read(cli, path, DOCUMENT_MAX, &json))
        return false;
    if (csn_json_parse(json, &cli->arena, &root) != CSN_OK || root->kind != CSN_JSON_OBJECT)
        return csn_cli_fail(cli, "not a strict JSON object", path), false;
    for (const struct csn_json_node *f = root->first; f != NULL; f = f->next) {
        csn_json_name_bytes(w, f->name);
        csn_json_node(w, f);
    }
    return true;
}

static bool
write_key_file(struct csn_cli *cli, struct csn_json_writer *w, const char *path)
{
    struct csn_bytes text;
    if (!csn_cli_read(cli, path, CSN_KEY_TEXT_MAX, &text))
        return false;
    const struct csn_json_node *root = NULL;
    if (text.len == 0 || text.ptr[0] != '{') {
        csn_json_member_string(w, "pem", text);
        return true;
    }
    if (csn_json_parse(text, &cli->arena, &root) != CSN_OK)
        return csn_cli_fail(cli, "not strict JSON", path), false;
    csn_json_name(w, "jwk");
    csn_json_node(w, root);
    return true;
}

static bool
write_secret(struct csn_cli *cli, struct csn_json_writer *w)
{
    struct csn_secret *secret = csn_arena_alloc(&cli->arena, sizeof *secret);
    struct csn_bytes text;
    if (secret == NULL || !csn_cli_secret(cli, secret, &text))
        return false;
    csn_json_member_string(w, "secret", text);
    csn_json_member_text(w, "encoding", csn_encoding_name(csn_cli_encoding(cli)));
    return true;
}

static bool
write_key(struct csn_cli *cli, struct csn_json_writer *w)
{
    const char *file = csn_cli_value(cli, "--key-file");
    bool secret = csn_cli_has(cli, "--secret-file") || csn_cli_has(cli, "--secret-env");
    if (file == NULL && !secret)
        return csn_cli_usage(cli, "give a key", "--secret-file, --secret-env or --key-file"), false;
    return (file != NULL ? write_key_file(cli, w, file) : write_secret(cli, w)) &&
           member_from_option(cli, w, "algorithm", "--alg") &&
           member_from_option(cli, w, "kid", "--kid") &&
           member_from_option(cli, w, "state", "--state") &&
           member_from_option(cli, w, "expires_at", "--expires");
}

static bool
write_key_state(struct csn_cli *cli, struct csn_json_writer *w)
{
    csn_json_member_text(w, "state", cli->positional[2]);
    if (csn_cli_has(cli, "--force"))
        csn_json_member_bool(w, "force", true);
    return true;
}

static bool
write_enforcement(struct csn_cli *cli, struct csn_json_writer *w)
{
    if (csn_cli_has(cli, "--file"))
        return write_file(cli, w);
    if (cli->positional_count < 2)
        return csn_cli_usage(cli, "name a mode", "off, monitor, optional, required"), false;
    csn_json_member_text(w, "mode", cli->positional[1]);
    return true;
}

static bool
write_policy_dry_run(struct csn_cli *cli, struct csn_json_writer *w)
{
    csn_json_name(w, "policy");
    csn_json_open_object(w);
    if (!write_file(cli, w))
        return false;
    csn_json_close_object(w);
    return member_from_option(cli, w, "since", "--since") &&
           member_from_option(cli, w, "until", "--until");
}

static bool
write_enforcement_dry_run(struct csn_cli *cli, struct csn_json_writer *w)
{
    csn_json_name(w, "enforcement");
    csn_json_open_object(w);
    if (!write_enforcement(cli, w))
        return false;
    csn_json_close_object(w);
    return member_from_option(cli, w, "since", "--since") &&
           member_from_option(cli, w, "until", "--until");
}

static bool
member_from_token(struct csn_cli *cli, struct csn_json_writer *w, const char *name,
                  const char *path)
{
    struct csn_bytes token;
    if (!csn_cli_read_line(cli, path, 4 * CSN_TOKEN_MAX, &token))
        return false;
    csn_json_member_string(w, name, token);
    return true;
}

static bool
write_diagnosis(struct csn_cli *cli, struct csn_json_writer *w)
{
    const char *file = csn_cli_value(cli, "--token-file");
    const char *second = csn_cli_value(cli, "--second");
    file = file != NULL ? file : "-";
    if (second != NULL && strcmp(file, "-") == 0 && strcmp(second, "-") == 0)
        return csn_cli_usage(cli, "standard input holds one token", "--second"), false;
    return member_from_token(cli, w, "token", file) &&
           (second == NULL || member_from_token(cli, w, "second", second)) &&
           member_from_option(cli, w, "identity", "--identity") &&
           member_from_option(cli, w, "nonce", "--nonce") &&
           member_from_option(cli, w, "device", "--device");
}

static bool
write_api_key(struct csn_cli *cli, struct csn_json_writer *w)
{
    csn_json_member_text(w, "name", cli->positional[0]);
    csn_json_name(w, "roles");
    csn_json_open_array(w);
    const char *role = NULL;
    for (size_t i = 0; (role = csn_cli_value_at(cli, "--role", i)) != NULL; i++)
        csn_json_text(w, role);
    csn_json_close_array(w);
    return member_from_option(cli, w, "app", "--app") &&
           member_from_option(cli, w, "expires_at", "--expires");
}

static bool
write_webhook(struct csn_cli *cli, struct csn_json_writer *w)
{
    csn_json_member_text(w, "url", cli->positional[1]);
    csn_json_name(w, "events");
    csn_json_open_array(w);
    const char *event = NULL;
    for (size_t i = 0; (event = csn_cli_value_at(cli, "--event", i)) != NULL; i++)
        csn_json_text(w, event);
    csn_json_close_array(w);
    csn_json_member_bool(w, "bodies", csn_cli_has(cli, "--bodies"));
    return true;
}

static bool
write_push_key(struct csn_cli *cli, struct csn_json_writer *w)
{
    return member_from_option(cli, w, "subject", "--subject");
}

static bool
write_item(struct csn_cli *cli, struct csn_json_writer *w)
{
    const char *kind = csn_cli_value(cli, "--kind");
    csn_json_member_text(w, "kind", kind != NULL ? kind : "message");
    if (csn_cli_value(cli, "--file") == NULL)
        return csn_cli_usage(cli, "give the body", "--file"), false;
    return member_from_option(cli, w, "id", "--id") &&
           member_from_option(cli, w, "device", "--device") &&
           member_from_file(cli, w, "body", "--file", BODY_MAX / 2);
}

static bool
write_revocation(struct csn_cli *cli, struct csn_json_writer *w)
{
    return member_from_option(cli, w, "session", "--session") &&
           member_from_option(cli, w, "device", "--device") &&
           member_from_option(cli, w, "before", "--before");
}

/* What cannot be undone is asked for twice. */
static bool
check_erasure(struct csn_cli *cli, struct csn_json_writer *w)
{
    (void)w;
    return csn_cli_has(cli, "--force") ||
           (csn_cli_usage(cli, "it cannot be undone; say so with", "--force"), false);
}

static bool
write_broadcast(struct csn_cli *cli, struct csn_json_writer *w)
{
    if (!csn_cli_has(cli, "--file"))
        return csn_cli_usage(cli, "name the body", "--file"), false;
    csn_json_member_text(w, "kind", cli->positional[1]);
    return member_from_file(cli, w, "body", "--file", DOCUMENT_MAX) &&
           member_from_option(cli, w, "expires_at", "--expires");
}

/* --- answers --- */

/* A text may have several lines: each stands behind `lead`. */
static void
show_text(struct csn_cli *cli, const char *lead, const struct csn_json_node *of, const char *name)
{
    struct csn_bytes text;
    if (!csn_json_get_text(of, name, &text))
        return;
    const char *at = (const char *)text.ptr, *end = at + text.len;
    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end != NULL ? line_end : end;
        fprintf(cli->out, "%s%.*s\n", lead, (int)(line_end - at), at);
        at = line_end + (line_end < end);
    }
}

static void
show_findings(struct csn_cli *cli, const struct csn_json_node *answer)
{
    show_text(cli, "verdict: ", csn_json_get(answer, "verdict"), "reason");
    const struct csn_json_node *findings = csn_json_get(answer, "findings");
    for (const struct csn_json_node *f = findings != NULL ? findings->first : NULL; f != NULL;
         f = f->next) {
        show_text(cli, "\n", f, "title");
        show_text(cli, "   code: ", f, "code");
        show_text(cli, "   seen: ", f, "seen");
        show_text(cli, "   why:  ", f, "why");
        show_text(cli, "   fix:  ", f, "fix");
    }
}

static void
show_failure(struct csn_cli *cli, const struct csn_json_node *answer)
{
    show_text(cli, "presented: ", answer, "at");
    show_findings(cli, csn_json_get(answer, "diagnosis"));
}

static const struct request REQUESTS[] = {
    {"app list", "GET", "/api/v1/apps", NULL, NULL},
    {"app create", "POST", "/api/v1/apps", write_app, NULL},
    {"app show", "GET", "/api/v1/apps/{0}", NULL, NULL},
    {"app delete", "DELETE", "/api/v1/apps/{0}", NULL, NULL},
    {"app policy", "GET", "/api/v1/apps/{0}/policy", NULL, NULL},
    {"app set-policy", "PUT", "/api/v1/apps/{0}/policy", write_file, NULL},
    {"key list", "GET", "/api/v1/apps/{0}/keys", NULL, NULL},
    {"key import", "POST", "/api/v1/apps/{0}/keys", write_key, NULL},
    {"key state", "PATCH", "/api/v1/apps/{0}/keys/{1}", write_key_state, NULL},
    {"key delete", "DELETE", "/api/v1/apps/{0}/keys/{1}", NULL, NULL},
    {"enforcement show", "GET", "/api/v1/apps/{0}/enforcement", NULL, NULL},
    {"enforcement set", "PUT", "/api/v1/apps/{0}/enforcement", write_enforcement, NULL},
    {"readiness", "GET", "/api/v1/apps/{0}/readiness", NULL, csn_cli_show_readiness},
    {"policy dry-run", "POST", "/api/v1/apps/{0}/policy/dry-run", write_policy_dry_run,
     csn_cli_show_dry_run},
    {"enforcement dry-run", "POST", "/api/v1/apps/{0}/enforcement/dry-run",
     write_enforcement_dry_run, csn_cli_show_dry_run},
    {"timeline", "GET", "/api/v1/apps/{0}/timeline?identity={1}", NULL, csn_cli_show_timeline},
    {"key blast-radius", "GET", "/api/v1/apps/{0}/keys/{1}/blast-radius", NULL, csn_cli_show_blast},
    {"failures", "GET", "/api/v1/apps/{0}/failures", NULL, csn_cli_show_failures},
    {"failure", "GET", "/api/v1/apps/{0}/failures/{1}", NULL, show_failure},
    {"diagnose", "POST", "/api/v1/apps/{0}/diagnose", write_diagnosis, show_findings},
    {"audit head", "GET", "/api/v1/audit/head", NULL, NULL},
    {"customer profile", "GET", "/api/v1/apps/{0}/customers/{1}/profile", NULL, NULL},
    {"customer update", "PATCH", "/api/v1/apps/{0}/customers/{1}/profile", write_file, NULL},
    {"customer list", "GET", "/api/v1/apps/{0}/customers", NULL, NULL},
    {"customer show", "GET", "/api/v1/apps/{0}/customers/{1}", NULL, NULL},
    {"customer items", "GET", "/api/v1/apps/{0}/customers/{1}/items", NULL, NULL},
    {"key revoke-sessions", "POST", "/api/v1/apps/{0}/keys/{1}/revoke-sessions", NULL, NULL},
    {"customer send", "POST", "/api/v1/apps/{0}/customers/{1}/items", write_item, NULL},
    {"customer revoke", "POST", "/api/v1/apps/{0}/customers/{1}/revoke", write_revocation, NULL},
    {"customer link", "PUT", "/api/v1/apps/{0}/customers/{1}/links/{2}", NULL, NULL},
    {"customer unlink", "DELETE", "/api/v1/apps/{0}/customers/{1}/links/{2}", NULL, NULL},
    {"customer erase", "DELETE", "/api/v1/apps/{0}/customers/{1}", check_erasure, NULL},
    {"customer erasure", "GET", "/api/v1/apps/{0}/customers/{1}/erasure", NULL, NULL},
    {"experience list", "GET", "/api/v1/apps/{0}/experiences", NULL, NULL},
    {"experience create", "POST", "/api/v1/apps/{0}/experiences", write_file, NULL},
    {"experience show", "GET", "/api/v1/apps/{0}/experiences/{1}", NULL, NULL},
    {"experience set", "PATCH", "/api/v1/apps/{0}/experiences/{1}", write_file, NULL},
    {"experience delete", "DELETE", "/api/v1/apps/{0}/experiences/{1}", NULL, NULL},
    {"broadcast list", "GET", "/api/v1/apps/{0}/broadcasts", NULL, NULL},
    {"broadcast create", "POST", "/api/v1/apps/{0}/broadcasts", write_broadcast, NULL},
    {"broadcast show", "GET", "/api/v1/apps/{0}/broadcasts/{1}", NULL, NULL},
    {"broadcast delete", "DELETE", "/api/v1/apps/{0}/broadcasts/{1}", NULL, NULL},
    {"webhook list", "GET", "/api/v1/apps/{0}/webhooks", NULL, NULL},
    {"webhook create", "POST", "/api/v1/apps/{0}/webhooks", write_webhook, NULL},
    {"webhook show", "GET", "/api/v1/apps/{0}/webhooks/{1}", NULL, NULL},
    {"webhook update", "PATCH", "/api/v1/apps/{0}/webhooks/{1}", write_file, NULL},
    {"webhook rotate", "POST", "/api/v1/apps/{0}/webhooks/{1}/rotate", NULL, NULL},
    {"webhook test", "POST", "/api/v1/apps/{0}/webhooks/{1}/test", NULL, NULL},
    {"webhook deliveries", "GET", "/api/v1/apps/{0}/webhooks/{1}/deliveries", NULL, NULL},
    {"webhook delete", "DELETE", "/api/v1/apps/{0}/webhooks/{1}", NULL, NULL},
    {"push-key show", "GET", "/api/v1/apps/{0}/push-key", NULL, NULL},
    {"push-key create", "PUT", "/api/v1/apps/{0}/push-key", write_push_key, NULL},
    {"push-key delete", "DELETE", "/api/v1/apps/{0}/push-key", NULL, NULL},
    {"api-key list", "GET", "/api/v1/api-keys", NULL, NULL},
    {"api-key create", "POST", "/api/v1/api-keys", write_api_key, NULL},
    {"api-key delete", "DELETE", "/api/v1/api-keys/{0}", NULL, NULL},
};

static const struct request *
request_of(const struct csn_cli *cli)
{
    for (size_t i = 0; i < sizeof REQUESTS / sizeof REQUESTS[0]; i++) {
        if (strcmp(REQUESTS[i].command, cli->command->name) == 0)
            return &REQUESTS[i];
    }
    return NULL;
}

static void
append_options(const struct csn_cli *cli, const char *const *options, const char *lead,
               struct csn_buffer *out)
{
    for (; *options != NULL; options++) {
        const char *value = csn_cli_value(cli, *options);
        if (value == NULL)
            continue;
        csn_buffer_text(out, lead);
        csn_buffer_text(out, *options + 2);
        csn_buffer_byte(out, '=');
        csn_cli_encode(out, value);
        lead = "&";
    }
}

static void
append_query(const struct csn_cli *cli, const struct request *request, struct csn_buffer *out)
{
    for (size_t i = 0; i < sizeof QUERIES / sizeof QUERIES[0]; i++) {
        if (strcmp(QUERIES[i].command, request->command) == 0)
            append_options(cli, QUERIES[i].options, strchr(request->path, '?') != NULL ? "&" : "?",
                           out);
    }
}

/* A DELETE has no body: what forces it stands in the query. */
static const char *
write_path(const struct csn_cli *cli, const struct request *request, struct csn_buffer *out)
{
    for (const char *pattern = request->path; *pattern != '\0'; pattern++) {
        if (*pattern != '{') {
            csn_buffer_byte(out, (uint8_t)*pattern);
            continue;
        }
        csn_cli_encode(out, cli->positional[pattern[1] - '0']);
        pattern += 2;
    }
    if (request->write == NULL && strcmp(request->method, "DELETE") == 0 &&
        csn_cli_has(cli, "--force"))
        csn_buffer_text(out, "?force=true");
    append_query(cli, request, out);
    return csn_buffer_terminate(out);
}

static bool
write_body(struct csn_cli *cli, const struct request *request, struct csn_bytes *body)
{
    if (request->write == NULL)
        return true;
    void *memory = csn_arena_alloc(&cli->arena, BODY_MAX);
    struct csn_buffer out = csn_buffer_over(memory, memory != NULL ? BODY_MAX : 0);
    struct csn_json_writer w = csn_json_writer_over(&out);
    csn_json_open_object(&w);
    if (!request->write(cli, &w))
        return false;
    csn_json_close_object(&w);
    if (strcmp(request->method, "DELETE") == 0)
        return true; /* it was only checked */
    *body = csn_buffer_view(&out);
    return !out.overflowed || (csn_cli_fail(cli, "too large", "the request"), false);
}

static int
show(struct csn_cli *cli, const struct request *request, const struct csn_cli_answer *answer)
{
    const struct csn_json_node *root = NULL;
    bool good = answer->status >= 200 && answer->status < 300;
    if (good && request->show != NULL && !csn_cli_has(cli, "--json") &&
        csn_json_parse(answer->body, &cli->arena, &root) == CSN_OK)
        request->show(cli, root);
    else if (answer->body.len > 0)
        fprintf(good ? cli->out : cli->err, "%.*s\n", (int)answer->body.len,
                (const char *)answer->body.ptr);
    if (good)
        return CSN_EXIT_OK;
    return answer->status >= 500 ? CSN_EXIT_FAILED : CSN_EXIT_REFUSED;
}

int
csn_cli_request(struct csn_cli *cli)
{
    const struct request *request = request_of(cli);
    if (request == NULL)
        return csn_cli_usage(cli, "unknown command", cli->command->name);
    char memory[PATH_MAX_BYTES];
    struct csn_buffer buffer = csn_buffer_over(memory, sizeof memory);
    const char *path = write_path(cli, request, &buffer);
    if (path == NULL)
        return csn_cli_usage(cli, "too long", "the arguments");
    struct csn_bytes body = {0};
    struct csn_cli_answer answer = {0};
    if (!write_body(cli, request, &body))
        return CSN_EXIT_USAGE;
    if (!csn_cli_send(cli, request->method, path, body, &answer))
        return CSN_EXIT_FAILED;
    return show(cli, request, &answer);
}
