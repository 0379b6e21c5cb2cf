/* See assemble.h: up in the order of need, down in reverse.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/assemble.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "crypto/init.h"
#include "server/api/stream.h"
#include "server/domain/master_key.h"
#include "server/http/http.h"
#include "server/jwks/jwks.h"
#include "server/live/keeper.h"
#include "server/metrics.h"
#include "server/outbox/outbox.h"

#define STOP_PATIENCE_MS 10000
#define FIRST_ARENA (2 * CSN_MANAGEMENT_ARENA)

static enum csn_status
fail(enum csn_status status, const char *what, const char *detail)
{
    fprintf(stderr, "countersign: %s%s%s\n", what, *detail != '\0' ? ": " : "", detail);
    return status;
}

/* --- the master key --- */

/* A new key is made with a new database only: beside another's it would be of no use, and hide that
 * the right one is gone. */
static enum csn_status
load_master_key(struct csn_server *s, struct csn_master_key **out)
{
    static struct csn_master_key_report report;
    bool needs_its_own = true;
    enum csn_status status = csn_instance_key_exists(s->store, &needs_its_own);
    if (status != CSN_OK)
        return fail(status, "the database cannot be read", csn_status_name(status));
    struct csn_master_key_source source = {
        .file = s->settings.master_key_file,
        .text = getenv("COUNTERSIGN_MASTER_KEY"),
        .folder = s->settings.data,
        .may_make = !needs_its_own,
    };
    status = csn_master_key_load(&source, &s->service.random, out, &report);
    if (status != CSN_OK)
        return fail(status, *report.path != '\0' ? report.path : "master key", report.problem);
    if (report.made)
        csn_log_warning(
            &s->log, "master_key_made",
            "a new master key lies in the data folder; back it up apart from the database");
    return CSN_OK;
}

/* --- what lies in the store, read in one transaction --- */

static enum csn_status
find_root_account(struct csn_management *m, struct csn_id *out)
{
    const struct csn_account_info *accounts = NULL;
    size_t count = 0;
    bool more = false;
    struct csn_page first = {.limit = 1};
    m->scope.root = true;
    enum csn_status status = csn_management_account_list(m, first, &accounts, &count, &more);
    if (status == CSN_OK && count > 0)
        *out = accounts[0].id;
    return status;
}

static enum csn_status
first_start(struct csn_server *s, struct csn_arena *arena, struct csn_change *change)
{
    struct csn_management m = {
        .registry = s->service.registry,
        .store = s->store,
        .random = &s->service.random,
        .arena = arena,
    };
    int64_t now_ms = csn_clock_now(&s->service.clock);
    bool made = false;
    enum csn_status status = csn_management_first_start(&m, &made, &s->admin, now_ms);
    if (status == CSN_OK)
        status = find_root_account(&m, &s->root_account);
    if (status == CSN_OK && !made && s->settings.new_admin_key) {
        status = csn_management_admin_key(&m, s->root_account, &s->admin, now_ms);
        made = true;
    }
    *change = m.change;
    if (status == CSN_OK && made && !s->hand_out_admin_key(s))
        return fail(CSN_IO, "the admin key cannot be handed out", "");
    return status;
}

static enum csn_status
read_store(struct csn_server *s, const struct csn_master_key *instance, struct csn_change *change)
{
    struct csn_id app = {0};
    const char *wrong = "";
    enum csn_status status = csn_registry_create(instance->bytes, &s->service.registry);
    if (status == CSN_OK)
        status = csn_registry_load(s->service.registry, s->store, &app, &wrong);
    if (status != CSN_OK)
        return fail(status, "the apps cannot be loaded", wrong);
    status = csn_sessions_create(instance->bytes, &s->service.random, &s->service.sessions);
    if (status == CSN_OK)
        status = csn_evidence_create(instance->bytes, &s->service.random, &s->service.evidence);
    if (status == CSN_OK)
        status = csn_revocations_load(s->store, s->service.revocations,
                                      csn_clock_now(&s->service.clock));
    if (status != CSN_OK)
        return fail(status, "the sessions cannot be loaded", csn_status_name(status));
    void *memory = malloc(FIRST_ARENA);
    if (memory == NULL)
        return fail(CSN_NO_MEMORY, "out of memory", "");
    struct csn_arena arena = csn_arena_over(memory, FIRST_ARENA);
    status = first_start(s, &arena, change);
    csn_wipe(memory, arena.used);
    free(memory);
    return status;
}

static enum csn_status
open_instance(struct csn_server *s, struct csn_change *change)
{
    struct csn_master_key *master = NULL, *instance = NULL;
    enum csn_status status = load_master_key(s, &master);
    if (status != CSN_OK)
        return status;
    status = csn_instance_key_open(s->store, master, &s->service.random, &instance);
    csn_master_key_free(master);
    if (status != CSN_OK)
        return fail(status, "the database does not open with this master key",
                    csn_status_name(status));
    status = read_store(s, instance, change);
    csn_master_key_free(instance);
    return status;
}

static enum csn_status
open_contents(struct csn_server *s)
{
    struct csn_change change = {0};
    enum csn_status status = csn_store_begin(s->store);
    if (status != CSN_OK)
        return fail(status, "the database cannot be used", csn_status_name(status));
    status = open_instance(s, &change);
    if (status == CSN_OK)
        status = csn_store_commit(s->store);
    else
        csn_store_rollback(s->store);
    csn_change_settle(&change, status);
    return status;
}

static enum csn_status
open_store(struct csn_server *s)
{
    if (mkdir(s->settings.data, 0700) != 0 && errno != EEXIST)
        return fail(CSN_IO, "cannot make the data folder", s->settings.data);
    enum csn_status status = csn_store_open(s->settings.data, &s->store);
    if (status == CSN_CONFLICT)
        return fail(status, "another server uses this data folder", s->settings.data);
    if (status != CSN_OK)
        return fail(status, "the database cannot be opened", csn_status_name(status));
    return open_contents(s);
}

/* --- what lives in memory --- */

static enum csn_status
make_parts(struct csn_server *s)
{
    struct csn_service *service = &s->service;
    service->clock = csn_clock_system();
    service->random = csn_random_system();
    s->log = (struct csn_log){.fd = 2, .level = s->settings.log_level, .clock = service->clock};
    service->revocations = csn_revocations_create();
    service->decisions = csn_decisions_create();
    service->metrics = csn_metrics_create();
    service->throttle = csn_throttle_create(CSN_THROTTLE_SOURCES, &service->random);
    if (s->settings.cache_entries > 0)
        service->cache = csn_cache_create(s->settings.cache_entries);
    bool cached = service->cache != NULL || s->settings.cache_entries == 0;
    if (service->revocations == NULL || service->decisions == NULL || service->metrics == NULL ||
        service->throttle == NULL || !cached)
        return fail(CSN_NO_MEMORY, "out of memory", "");
    return CSN_OK;
}

/* --- what works by itself --- */

static void
log_fetch(void *state, const struct csn_jwks_event *event)
{
    const struct csn_log *log = state;
    if (!event->outcome->good)
        csn_log_error(log, "jwks_not_fetched", event->app.text);
}

static enum csn_status
start_live(struct csn_server *s)
{
    struct csn_live_options options = {
        .read = csn_stream_read, .judge = csn_stream_judge, .state = &s->service};
    s->service.live = csn_live_create(&options);
    if (s->service.live == NULL)
        return CSN_NO_MEMORY;
    return csn_live_keeper_start(s->service.live, s->service.clock, &s->keeper);
}

static void
log_sent(void *state, const struct csn_sender_event *event)
{
    const struct csn_log *log = state;
    const char *what = event->disabled ? "webhook_disabled" : "delivery_given_up";
    csn_log_error(log, what, event->app.text);
}

static enum csn_status
start_sender(struct csn_server *s)
{
    struct csn_sender_options options = {
        .sessions = s->service.sessions,
        .registry = s->service.registry,
        .queue = s->service.queue,
        .random = s->service.random,
        .clock = s->service.clock,
        .allowed = &s->settings.outbound_allow,
        .ca = s->settings.outbound_ca,
        .counts = &s->service.outbox_counts,
        .log = log_sent,
        .log_state = &s->log,
    };
    return csn_sender_start(&options, &s->sender);
}

static enum csn_status
start_threads(struct csn_server *s)
{
    enum csn_status status = csn_queue_start(s->store, &s->service.queue);
    if (status != CSN_OK)
        return status;
    struct csn_jwks_options options = {
        .registry = s->service.registry,
        .queue = s->service.queue,
        .random = s->service.random,
        .clock = s->service.clock,
        .ca = s->settings.outbound_ca,
        .log = log_fetch,
        .log_state = &s->log,
    };
    status = csn_jwks_start(&options, &s->jwks);
    if (status != CSN_OK)
        return status;
    s->service.jwks_hints = csn_jwks_hints_of(s->jwks);
    status = start_live(s);
    if (status == CSN_OK)
        status = start_sender(s);
    if (status != CSN_OK)
        return status;
    return csn_housekeeper_start(&s->service, &s->log, &s->housekeeper);
}

enum csn_status
csn_server_open(struct csn_server *s)
{
    if (csn_crypto_init() != CSN_OK)
        return fail(CSN_CRYPTO, "the crypto libraries cannot run here", "");
    enum csn_status status = make_parts(s);
    if (status == CSN_OK)
        status = open_store(s);
    if (status != CSN_OK)
        return status;
    status = start_threads(s);
    return status == CSN_OK ? CSN_OK : fail(status, "cannot start", csn_status_name(status));
}

enum csn_status
csn_server_listen(struct csn_server *s)
{
    struct csn_http_options options = {
        .address = s->settings.address,
        .port = s->settings.port,
        .workers = s->settings.workers,
        .connections_per_address = s->settings.connections_per_address,
        .trusted_proxies = s->settings.trusted_proxies,
        .tls_certificate = s->settings.tls_certificate,
        .tls_key = s->settings.tls_key,
        .service = &s->service,
        .log = &s->log,
    };
    enum csn_status status = csn_http_start(&options, &s->http);
    if (status == CSN_OK)
        return CSN_OK;
    char where[CSN_ADDRESS_TEXT_MAX + 16];
    snprintf(where, sizeof where, "%s, port %u", s->settings.address, s->settings.port);
    return fail(status, status == CSN_CONFLICT ? "the port is in use" : "cannot listen", where);
}

void
csn_server_close(struct csn_server *s)
{
    s->service.draining = true;
    csn_http_stop(s->http, STOP_PATIENCE_MS); /* and every stream */
    csn_live_keeper_stop(s->keeper);
    csn_jwks_stop(s->jwks);
    csn_sender_stop(s->sender);
    csn_housekeeper_stop(s->housekeeper);
    csn_queue_stop(s->service.queue);
    csn_live_free(s->service.live);
    csn_store_close(s->store);
    csn_sessions_free(s->service.sessions);
    csn_evidence_free(s->service.evidence);
    csn_registry_free(s->service.registry);
    csn_throttle_free(s->service.throttle);
    csn_metrics_free(s->service.metrics);
    csn_decisions_free(s->service.decisions);
    csn_revocations_free(s->service.revocations);
    csn_cache_free(s->service.cache);
    csn_settings_release(&s->settings);
    csn_wipe(&s->admin, sizeof s->admin);
}
