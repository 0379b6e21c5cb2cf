/* The world of the API tests. See world.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "countersign/token.h"
#include "crypto/init.h"
#include "server/api/stream.h"
#include "server/domain/management_accounts.h"
#include "server/metrics.h"

#define TREE_SIZE (8u << 20)
#define SOURCE "192.0.2.1"

static const uint8_t MASTER[32] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

static int64_t
clock_of_world(void *state)
{
    return ((struct world *)state)->now_ms;
}

/* --- up and down --- */

static void
first_start(struct world *w)
{
    struct csn_arena arena = csn_arena_over(w->memory, CSN_EXCHANGE_MEMORY);
    struct csn_management m = {.registry = w->service.registry,
                               .store = w->service.store,
                               .random = &w->service.random,
                               .arena = &arena};
    bool created = false;
    struct csn_api_key_made made;
    assert_int_equal(csn_store_begin(w->service.store), CSN_OK);
    assert_int_equal(csn_management_first_start(&m, &created, &made, w->now_ms), CSN_OK);
    assert_int_equal(csn_store_commit(w->service.store), CSN_OK);
    csn_change_settle(&m.change, CSN_OK);
    assert_true(created);
    snprintf(w->admin, sizeof w->admin, "%s.%s", made.info.key, made.secret);
}

static void
load_registry(struct world *w)
{
    const char *wrong = NULL;
    struct csn_id at_fault;
    assert_int_equal(csn_registry_create(MASTER, &w->service.registry), CSN_OK);
    assert_int_equal(csn_store_begin(w->service.store), CSN_OK);
    assert_int_equal(csn_registry_load(w->service.registry, w->service.store, &at_fault, &wrong),
                     CSN_OK);
    assert_int_equal(csn_store_commit(w->service.store), CSN_OK);
}

void
world_open(struct world *w)
{
    memset(w, 0, sizeof *w);
    assert_int_equal(csn_crypto_init(), CSN_OK);
    w->now_ms = NOW_MS;
    w->memory = malloc(CSN_EXCHANGE_MEMORY + sizeof w->body);
    w->tree = malloc(TREE_SIZE);
    strcpy(w->source, SOURCE);
    struct csn_service *s = &w->service;
    s->random = csn_random_seeded(&w->seeded, 4242);
    s->clock = (struct csn_clock){.state = w, .now_ms = clock_of_world};
    assert_int_equal(csn_store_open(":memory:", &s->store), CSN_OK);
    load_registry(w);
    assert_int_equal(csn_sessions_create(MASTER, &s->random, &s->sessions), CSN_OK);
    s->cache = csn_cache_create(64);
    s->revocations = csn_revocations_create();
    s->decisions = csn_decisions_create();
    assert_int_equal(csn_evidence_create(MASTER, &s->random, &s->evidence), CSN_OK);
    s->throttle = csn_throttle_create(1024, &s->random);
    s->metrics = csn_metrics_create();
    s->live = csn_live_create(
        &(struct csn_live_options){.read = csn_stream_read, .judge = csn_stream_judge, .state = s});
    first_start(w);
    assert_int_equal(world_get(w, w->admin, "/api/v1/whoami"), 200);
    strcpy(w->account, world_text(w, "account"));
}

void
world_close(struct world *w)
{
    struct csn_service *s = &w->service;
    csn_live_free(s->live);
    csn_metrics_free(s->metrics);
    csn_throttle_free(s->throttle);
    csn_decisions_free(s->decisions);
    csn_evidence_free(s->evidence);
    csn_revocations_free(s->revocations);
    csn_cache_free(s->cache);
    csn_sessions_free(s->sessions);
    csn_registry_free(s->registry);
    csn_store_close(s->store);
    free(w->tree);
    free(w->memory);
}

void
world_flush(struct world *w)
{
    struct csn_queue *queue = NULL;
    assert_int_equal(csn_queue_start(w->service.store, &queue), CSN_OK);
    assert_int_equal(csn_decisions_flush(w->service.decisions, queue), CSN_OK);
    assert_int_equal(csn_evidence_flush(w->service.evidence, queue), CSN_OK);
    csn_queue_stop(queue);
}

/* --- a question --- */

static struct csn_header
split_header(const char *text)
{
    struct csn_bytes line = csn_bytes_text(text);
    size_t colon = csn_bytes_find(line, ':');
    assert_true(colon + 2 <= line.len);
    return (struct csn_header){csn_bytes_slice(line, 0, colon),
                               csn_bytes_slice(line, colon + 2, line.len)};
}

static size_t
make_headers(struct world *w, const struct ask *ask, struct csn_header *headers)
{
    size_t count = 0;
    if (ask->bearer != NULL)
        headers[count++] =
            (struct csn_header){csn_bytes_text("Authorization"),
                                csn_bytes_text(world_format(w, "Bearer %s", ask->bearer))};
    if (ask->body != NULL)
        headers[count++] =
            (struct csn_header){csn_bytes_text("Content-Type"),
                                csn_bytes_text(ask->type != NULL ? ask->type : "application/json")};
    for (size_t i = 0; i < 8 && ask->headers[i] != NULL; i++)
        headers[count++] = split_header(ask->headers[i]);
    return count;
}

static void
dump(struct world *w)
{
    const char *path = getenv("CSN_API_ANSWERS");
    FILE *file = path != NULL ? fopen(path, "a") : NULL;
    if (file == NULL)
        return;
    const struct csn_response *response = &w->x.response;
    static uint8_t memory[1 << 20];
    struct csn_buffer line = csn_buffer_over(memory, sizeof memory);
    struct csn_json_writer writer = csn_json_writer_over(&line);
    csn_json_open_object(&writer);
    csn_json_member_text(&writer, "operation", w->x.route != NULL ? w->x.route->operation : "");
    csn_json_member_int(&writer, "status", response->status);
    csn_json_member_text(&writer, "type", response->content_type ? response->content_type : "");
    csn_json_member_string(&writer, "body", response->body);
    csn_json_close_object(&writer);
    assert_false(line.overflowed);
    fprintf(file, "%.*s\n", (int)line.len, (const char *)line.ptr);
    fclose(file);
}

static void
keep_answer(struct world *w)
{
    const struct csn_response *response = &w->x.response;
    size_t used = 0;
    w->headers[0] = '\0';
    for (size_t i = 0; i < response->header_count; i++) {
        const struct csn_header *h = &response->headers[i];
        int wrote =
            snprintf(w->headers + used, sizeof w->headers - used, "%.*s: %.*s\n", (int)h->name.len,
                     (const char *)h->name.ptr, (int)h->value.len, (const char *)h->value.ptr);
        for (size_t c = used; w->headers[c] != ':'; c++)
            if (w->headers[c] >= 'A' && w->headers[c] <= 'Z')
                w->headers[c] = (char)(w->headers[c] + 32);
        used += (size_t)wrote;
    }
    memcpy(w->body, response->body.ptr != NULL ? response->body.ptr : (const uint8_t *)"",
           response->body.len);
    w->body[response->body.len] = '\0';
    struct csn_arena tree = csn_arena_over(w->tree, TREE_SIZE);
    w->json = NULL;
    if (response->content_type != NULL && strstr(response->content_type, "json") != NULL)
        assert_int_equal(csn_json_parse(response->body, &tree, &w->json), CSN_OK);
}

int
world_ask(struct world *w, const struct ask *ask)
{
    struct csn_header headers[16];
    struct csn_bytes target = csn_bytes_text(ask->target);
    size_t mark = csn_bytes_find(target, '?');
    size_t body_len = ask->body_len;
    if (body_len == 0 && ask->body != NULL)
        body_len = strlen(ask->body);
    csn_api_prepare(&w->x, &w->service, w->memory, CSN_EXCHANGE_MEMORY + body_len);
    w->x.workspace = &w->workspace;
    w->x.request = (struct csn_request){
        .method = ask->method,
        .path = csn_bytes_slice(target, 0, mark),
        .query = csn_bytes_slice(target, mark < target.len ? mark + 1 : mark, target.len),
        .headers = headers,
        .header_count = make_headers(w, ask, headers),
        .body = csn_bytes_of(ask->body, body_len),
        .source = csn_bytes_text(w->source),
    };
    csn_api_answer(&w->x);
    keep_answer(w);
    dump(w);
    int status = w->x.response.status;
    if (ask->stream != NULL) {
        *ask->stream = w->x.response.stream;
        w->x.response.stream = NULL;
    }
    csn_api_end(&w->x);
    return status;
}

int
world_get(struct world *w, const char *bearer, const char *target)
{
    return world_ask(w, &(struct ask){.method = CSN_GET, .target = target, .bearer = bearer});
}

int
world_post(struct world *w, const char *bearer, const char *target, const char *body)
{
    return world_ask(
        w, &(struct ask){.method = CSN_POST, .target = target, .bearer = bearer, .body = body});
}

/* --- looking at the answer --- */

const char *
world_format(struct world *w, const char *format, ...)
{
    char *text = w->texts[w->next_text++ % TEXTS_MAX];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof w->texts[0], format, arguments);
    va_end(arguments);
    assert_true(length >= 0 && (size_t)length < sizeof w->texts[0]);
    return text;
}

static const struct csn_json_node *
child(const struct csn_json_node *node, const char *name)
{
    if (node == NULL || node->kind != CSN_JSON_ARRAY)
        return csn_json_get(node, name);
    const struct csn_json_node *at = node->first;
    for (int skip = atoi(name); at != NULL && skip > 0; skip--)
        at = at->next;
    return at;
}

const struct csn_json_node *
world_node(const struct world *w, const char *path)
{
    char copy[128];
    snprintf(copy, sizeof copy, "%s", path);
    const struct csn_json_node *node = w->json;
    char *rest = NULL;
    for (char *name = strtok_r(copy, ".", &rest); name != NULL; name = strtok_r(NULL, ".", &rest))
        node = child(node, name);
    return node;
}

const char *
world_text(struct world *w, const char *path)
{
    const struct csn_json_node *node = world_node(w, path);
    if (node == NULL || (node->kind != CSN_JSON_STRING && node->kind != CSN_JSON_NUMBER))
        return NULL;
    return world_format(w, "%.*s", (int)node->text.len, (const char *)node->text.ptr);
}

bool
world_bool(const struct world *w, const char *path)
{
    const struct csn_json_node *node = world_node(w, path);
    assert_non_null(node);
    assert_true(node->kind == CSN_JSON_TRUE || node->kind == CSN_JSON_FALSE);
    return node->kind == CSN_JSON_TRUE;
}

int64_t
world_int(const struct world *w, const char *path)
{
    int64_t value = 0;
    const struct csn_json_node *node = world_node(w, path);
    assert_non_null(node);
    assert_int_equal(csn_json_integer(node->text, &value), CSN_OK);
    return value;
}

const char *
world_header(struct world *w, const char *name)
{
    const char *line = w->headers;
    size_t length = strlen(name);
    while (*line != '\0') {
        const char *end = strchr(line, '\n');
        if (strncmp(line, name, length) == 0 && line[length] == ':')
            return world_format(w, "%.*s", (int)(end - line - (long)length - 2), line + length + 2);
        line = end + 1;
    }
    return NULL;
}

/* --- shortcuts --- */

const char *
world_account(struct world *w, const char *name, const char *roles)
{
    assert_int_equal(
        world_post(w, w->admin, "/api/v1/accounts", world_format(w, "{\"name\":\"%s\"}", name)),
        201);
    const char *account = world_text(w, "id");
    assert_int_equal(
        world_post(w, w->admin, "/api/v1/api-keys",
                   world_format(w, "{\"name\":\"key\",\"roles\":[%s],\"account\":\"%s\"}", roles,
                                account)),
        201);
    return world_format(w, "%s.%s", world_text(w, "key"), world_text(w, "secret"));
}

const char *
world_app(struct world *w, const char *bearer, const char *members, const char *algorithm)
{
    assert_int_equal(
        world_post(w, bearer, "/api/v1/apps", world_format(w, "{\"name\":\"app\",%s}", members)),
        201);
    const char *app = world_text(w, "id");
    assert_int_equal(
        world_post(w, bearer, world_format(w, "/api/v1/apps/%s/keys", app),
                   world_format(w, "{\"secret\":\"%s\",\"algorithm\":\"%s\"}", SECRET, algorithm)),
        201);
    return app;
}

const char *
world_token(struct world *w, enum csn_algorithm algorithm, const char *secret, const char *payload)
{
    struct csn_signer *signer = NULL;
    struct csn_key_report report;
    char token[2048];
    struct csn_buffer out = csn_buffer_over(token, sizeof token);
    assert_int_equal(csn_signer_from_secret(algorithm, csn_bytes_text(secret), &signer, &report),
                     CSN_OK);
    struct csn_mint_request request = {
        .signer = signer, .type = csn_bytes_text("JWT"), .payload = csn_bytes_text(payload)};
    assert_int_equal(csn_mint(&request, &out), CSN_OK);
    csn_signer_free(signer);
    return world_format(w, "%s", csn_buffer_terminate(&out));
}

const char *
world_token_for(struct world *w, const char *sub)
{
    long long now_s = w->now_ms / 1000;
    return world_token(
        w, CSN_HS256, SECRET,
        world_format(w, "{\"sub\":\"%s\",\"iat\":%lld,\"exp\":%lld}", sub, now_s, now_s + 3600));
}

const char *
world_login(struct world *w, const char *app, const char *device, const char *token)
{
    const char *member = token != NULL ? world_format(w, ",\"token\":\"%s\"", token) : "";
    int status = world_post(w, NULL, world_format(w, "/sdk/v1/apps/%s/sessions", app),
                            world_format(w, "{\"device\":{\"id\":\"%s\"}%s}", device, member));
    return status == 201 ? world_text(w, "session.token") : NULL;
}
