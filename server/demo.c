/* See demo.h. The apps are made with the same operations that the management API offers.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/domain/audit.h"
#include "server/domain/management_apps.h"
#include "server/domain/management_keys.h"

#define DEMO_ARENA (4 * CSN_MANAGEMENT_ARENA)
#define PATH_TEXT_MAX 4096

struct system {
    const char *name; /* the preset, and the file of its secret */
    const char *title;
    const char *policy; /* what the preset leaves open */
    enum csn_algorithm algorithm;
    const char *mint; /* options after the key */
    bool challenge;   /* a nonce comes first */
};

static const struct system SYSTEMS[] = {
    {"alchemer", "Alchemer: HS512, sub and iat", "{}", CSN_HS512,
     "--claim sub=alice --expires-in 259200", false},
    {"kustomer", "Kustomer: HS256, typ JWT, e-mail, iat of the last 15 minutes", "{}", CSN_HS256,
     "--typ JWT --claim email=alice@example.com", false},
    {"moengage", "MoEngage: RS256 with your own key pair", "{}", CSN_RS256,
     "--claim sub=alice --expires-in 900", false},
    {"appcues", "Appcues: HS256, iss is the account, 15 minutes", "{\"issuer\":\"4242\"}",
     CSN_HS256, "--no-iat --claim iss=4242 --claim sub=alice --expires-in 900", false},
    {"dotdigital", "Dotdigital: HS256, with the server's challenge",
     "{\"issuer\":\"https://api.comapi.com/defaultauth\",\"audience\":\"https://api.comapi.com\"}",
     CSN_HS256,
     "--typ JWT --claim nonce=\"$NONCE\" --claim sub=alice --claim aud=https://api.comapi.com"
     " --claim iss=https://api.comapi.com/defaultauth --expires-in 2592000",
     true},
};
#define SYSTEM_COUNT (sizeof SYSTEMS / sizeof SYSTEMS[0])

static bool
is_secret_based(const struct system *system)
{
    return csn_algorithm_family(system->algorithm) == CSN_FAMILY_HMAC;
}

static const char *
key_file_ending(const struct system *system)
{
    return is_secret_based(system) ? "secret" : "pem";
}

static void
write_app_name(const struct system *system, char out[CSN_NAME_MAX])
{
    snprintf(out, CSN_NAME_MAX, "Demo %s", system->name);
}

static bool
write_key_path(const struct system *system, const char *data, char out[PATH_TEXT_MAX])
{
    int len =
        snprintf(out, PATH_TEXT_MAX, "%s/demo/%s.%s", data, system->name, key_file_ending(system));
    return len < PATH_TEXT_MAX;
}

static enum csn_status
write_key_file(const char *path, struct csn_bytes text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return CSN_IO;
    bool written = write(fd, text.ptr, text.len) == (ssize_t)text.len;
    bool closed = close(fd) == 0;
    return written && closed ? CSN_OK : CSN_IO;
}

/* --- one job that sees to all five apps --- */

struct demo {
    struct csn_job job; /* first */
    struct csn_service *service;
    struct csn_id account;
    const char *data; /* NULL: only look the apps up */
    struct csn_management m;
    struct csn_id apps[SYSTEM_COUNT];
};

static enum csn_status
find_apps(struct demo *demo)
{
    struct csn_page page = {.limit = CSN_PAGE_MAX};
    bool more = true;
    while (more) {
        const struct csn_app_info *list = NULL;
        size_t count = 0;
        enum csn_status status = csn_management_app_list(&demo->m, page, &list, &count, &more);
        if (status != CSN_OK)
            return status;
        for (size_t i = 0; i < count; i++) {
            for (size_t s = 0; s < SYSTEM_COUNT; s++) {
                char name[CSN_NAME_MAX];
                write_app_name(&SYSTEMS[s], name);
                if (csn_bytes_equal_text(list[i].name, name))
                    demo->apps[s] = list[i].id;
            }
            page.after = list[i].id;
        }
    }
    return CSN_OK;
}

/* In the audit, nobody's API key did it. */
static enum csn_status
note_audit(struct demo *demo, const char *operation, struct csn_id app, const char *target,
           int64_t now_ms)
{
    struct csn_audit_entry entry = {
        .account = demo->account, .operation = operation, .app = app, .target = target};
    return csn_audit_append(demo->m.store, &entry, now_ms);
}

static enum csn_status
make_key(struct demo *demo, const struct system *system, struct csn_id app, int64_t now_ms)
{
    struct csn_key_made made;
    struct csn_key_request request = {.source = CSN_SOURCE_GENERATED,
                                      .algorithm = system->algorithm};
    enum csn_status status = csn_management_key_create(&demo->m, app, &request, &made, now_ms);
    if (status == CSN_OK)
        status = note_audit(demo, "createKey", app, made.info.id.text, now_ms);
    if (status != CSN_OK)
        return status;
    char path[PATH_TEXT_MAX];
    if (!write_key_path(system, demo->data, path))
        return CSN_IO;
    return write_key_file(path, is_secret_based(system) ? made.secret_text : made.private_pem);
}

static enum csn_status
make_app(struct demo *demo, const struct system *system, struct csn_id *app, int64_t now_ms)
{
    char name[CSN_NAME_MAX];
    write_app_name(system, name);
    struct csn_app_request request = {.name = csn_bytes_text(name),
                                      .preset = csn_bytes_text(system->name),
                                      .policy = csn_bytes_text(system->policy)};
    struct csn_app_info info;
    enum csn_status status = csn_management_app_create(&demo->m, &request, &info, now_ms);
    if (status == CSN_OK)
        status = note_audit(demo, "createApp", info.id, info.id.text, now_ms);
    if (status != CSN_OK)
        return status;
    *app = info.id;
    return make_key(demo, system, info.id, now_ms);
}

static enum csn_status
run_demo(struct csn_job *job, struct csn_store *store)
{
    struct demo *demo = (struct demo *)job;
    demo->m.store = store;
    enum csn_status status = find_apps(demo);
    int64_t now_ms = csn_clock_now(&demo->service->clock);
    for (size_t s = 0; s < SYSTEM_COUNT && status == CSN_OK && demo->data != NULL; s++) {
        if (demo->apps[s].text[0] == '\0')
            status = make_app(demo, &SYSTEMS[s], &demo->apps[s], now_ms);
    }
    return status;
}

static enum csn_status
run(struct demo *demo)
{
    uint8_t *memory = malloc(DEMO_ARENA);
    if (memory == NULL)
        return CSN_NO_MEMORY;
    struct csn_arena arena = csn_arena_over(memory, DEMO_ARENA);
    demo->job.run = run_demo;
    demo->m.registry = demo->service->registry;
    demo->m.random = &demo->service->random;
    demo->m.arena = &arena;
    demo->m.scope.account = demo->account;
    enum csn_status status = csn_queue_run(demo->service->queue, &demo->job);
    csn_change_settle(&demo->m.change, status);
    csn_wipe(memory, DEMO_ARENA);
    free(memory);
    return status;
}

enum csn_status
csn_demo_prepare(struct csn_service *service, struct csn_id account, const char *data)
{
    char folder[PATH_TEXT_MAX];
    if (snprintf(folder, sizeof folder, "%s/demo", data) >= (int)sizeof folder)
        return CSN_IO;
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return CSN_IO;
    struct demo demo = {.service = service, .account = account, .data = data};
    return run(&demo);
}

/* --- printing --- */

#define JSON_POST "-H 'Content-Type: application/json' -d "

static void
print_one(const struct system *system, struct csn_id app, const char *key_path, const char *program,
          const char *url, FILE *to)
{
    fprintf(to, "\n# %s\n", system->title);
    if (system->challenge)
        fprintf(to,
                "NONCE=$(curl -s %s/sdk/v1/apps/%s/challenge " JSON_POST
                "'{\"device\":{\"id\":\"demo-phone\"}}' | sed "
                "'s/.*\"nonce\":\"\\([^\"]*\\)\".*/\\1/')\n",
                url, app.text);
    fprintf(to, "TOKEN=$(%s mint --alg %s --%s-file %s %s)\n", program,
            csn_algorithm_name(system->algorithm), is_secret_based(system) ? "secret" : "key",
            key_path, system->mint);
    fprintf(to,
            "curl -s %s/sdk/v1/apps/%s/sessions " JSON_POST
            "'{\"device\":{\"id\":\"demo-phone\"},\"token\":\"'\"$TOKEN\"'\"}'; echo\n",
            url, app.text);
}

enum csn_status
csn_demo_print(struct csn_service *service, struct csn_id account, const char *data,
               const char *program, const char *url, FILE *to)
{
    struct demo demo = {.service = service, .account = account};
    enum csn_status status = run(&demo);
    for (size_t s = 0; s < SYSTEM_COUNT && status == CSN_OK; s++) {
        char path[PATH_TEXT_MAX];
        if (demo.apps[s].text[0] != '\0' && write_key_path(&SYSTEMS[s], data, path))
            print_one(&SYSTEMS[s], demo.apps[s], path, program, url, to);
    }
    return status;
}
