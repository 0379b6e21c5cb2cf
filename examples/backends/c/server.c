/* A token endpoint: GET /token?system=appcues&user=alice -> {"token":"..."}.
 *
 * Your backend has already logged the user in; this signs the short token that the SDK in your app
 * presents. In your product the user comes from YOUR login session, never from the query string:
 * whoever may choose `user` may be anyone. Here it is a parameter so that the example runs alone.
 * Nothing secret is logged, and only this machine can connect.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "tokens.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEM_MAX 16384
#define ERROR_BODY_MAX 64

struct system {
    const char *name;
    char *(*make)(const struct config *config, const char *user, const char *nonce);
};

static const struct system systems[] = {
    {"alchemer", alchemer_token}, {"kustomer", kustomer_token},     {"moengage", moengage_token},
    {"appcues", appcues_token},   {"dotdigital", dotdigital_token},
};

static const struct system *
find_system(const char *name)
{
    for (size_t i = 0; name && i < sizeof systems / sizeof *systems; i++)
        if (strcmp(systems[i].name, name) == 0)
            return &systems[i];
    return NULL;
}

static int
is_configured(const struct config *config, const struct system *system)
{
    if (system->make == alchemer_token)
        return config->alchemer_secret != NULL;
    if (system->make == kustomer_token)
        return config->kustomer_secret != NULL;
    if (system->make == moengage_token)
        return config->moengage_private_key != NULL;
    if (system->make == appcues_token)
        return config->appcues_account && config->appcues_secret;
    return config->dotdigital_issuer && config->dotdigital_audience && config->dotdigital_secret;
}

static enum MHD_Result
send_body(struct MHD_Connection *connection, unsigned status, const char *body)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(body), (void *)body, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, "Content-Type", "application/json");
    MHD_add_response_header(response, "Cache-Control", "no-store");
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result
refuse(struct MHD_Connection *connection, unsigned status, const char *code)
{
    char body[ERROR_BODY_MAX];
    snprintf(body, sizeof body, "{\"error\":\"%s\"}", code);
    return send_body(connection, status, body);
}

/* A token holds no character that JSON would escape. */
static enum MHD_Result
send_token(struct MHD_Connection *connection, char *token)
{
    size_t size = strlen(token) + sizeof "{\"token\":\"\"}";
    char *body = malloc(size);
    if (!body)
        return MHD_NO;
    snprintf(body, size, "{\"token\":\"%s\"}", token);
    enum MHD_Result queued = send_body(connection, MHD_HTTP_OK, body);
    free(body);
    return queued;
}

static const char *
ask(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, name);
}

static enum MHD_Result
answer(void *context, struct MHD_Connection *connection, const char *path, const char *method,
       const char *version, const char *upload, size_t *upload_size, void **state)
{
    (void)version, (void)upload, (void)upload_size, (void)state;
    const struct config *config = context;
    if (strcmp(method, "GET") != 0 || strcmp(path, "/token") != 0)
        return refuse(connection, MHD_HTTP_NOT_FOUND, "not_found");
    const struct system *system = find_system(ask(connection, "system"));
    if (!system)
        return refuse(connection, MHD_HTTP_NOT_FOUND, "unknown_system");
    const char *library = ask(connection, "library");
    if (library && strcmp(library, "libjwt") != 0)
        return refuse(connection, MHD_HTTP_NOT_FOUND, "unknown_library");
    const char *user = ask(connection, "user");
    if (!user || !*user)
        return refuse(connection, MHD_HTTP_BAD_REQUEST, "user_missing");
    if (!is_configured(config, system))
        return refuse(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "not_configured");

    const char *nonce = ask(connection, "nonce");
    char *token = system->make(config, user, nonce ? nonce : "");
    if (!token)
        return refuse(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "signing_failed");
    enum MHD_Result queued = send_token(connection, token);
    free(token);
    return queued;
}

/* The text of a file, for the caller to free; NULL when there is none. */
static char *
read_text(const char *path)
{
    FILE *file = path ? fopen(path, "r") : NULL;
    char *text = calloc(1, PEM_MAX);
    size_t length = file && text ? fread(text, 1, PEM_MAX - 1, file) : 0;
    if (file)
        fclose(file);
    if (length > 0)
        return text;
    free(text);
    return NULL;
}

int
main(void)
{
    struct config config = {
        .alchemer_secret = getenv("ALCHEMER_SECRET"),
        .kustomer_secret = getenv("KUSTOMER_SECRET"),
        .moengage_private_key = read_text(getenv("MOENGAGE_PRIVATE_KEY_FILE")),
        .appcues_account = getenv("APPCUES_ACCOUNT"),
        .appcues_secret = getenv("APPCUES_SECRET"),
        .dotdigital_issuer = getenv("DOTDIGITAL_ISSUER"),
        .dotdigital_audience = getenv("DOTDIGITAL_AUDIENCE"),
        .dotdigital_secret = getenv("DOTDIGITAL_SECRET"),
    };
    const char *port = getenv("PORT");
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        .sin_port = htons((uint16_t)strtoul(port ? port : "8090", NULL, 10)),
    };
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    sigprocmask(SIG_BLOCK, &stop, NULL);

    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, answer, &config,
                         MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_END);
    if (!daemon) {
        fprintf(stderr, "the port cannot be opened\n");
        return 1;
    }
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    printf("listening on http://127.0.0.1:%u\n", info->port);
    fflush(stdout);

    int signal_number;
    sigwait(&stop, &signal_number);
    MHD_stop_daemon(daemon);
    free(config.moengage_private_key);
    return 0;
}
