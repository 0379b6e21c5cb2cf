/* See http.h. libcurl does the talking; the key travels in a header, never in an argument or URL.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/http.h"

#include <curl/curl.h>
#include <string.h>

#define DEFAULT_SERVER "http://127.0.0.1:8080"
#define API_KEY_MAX 256
#define URL_MAX_BYTES 4096
#define TIMEOUT_S 30L

static bool
read_api_key(struct csn_cli *cli, struct csn_bytes *key)
{
    const char *file = csn_cli_value(cli, "--api-key-file");
    if (file != NULL)
        return csn_cli_read_line(cli, file, API_KEY_MAX, key);
    const char *value = csn_cli_environment(cli, "COUNTERSIGN_API_KEY");
    if (value == NULL || strlen(value) > API_KEY_MAX)
        return csn_cli_usage(cli, "give an API key", "--api-key-file or COUNTERSIGN_API_KEY"),
               false;
    *key = csn_bytes_text(value);
    return true;
}

/* Paths begin with a slash: one that the address ends in would be a second. */
static struct csn_bytes
server_of(const struct csn_cli *cli)
{
    const char *given = csn_cli_value(cli, "--server");
    if (given == NULL)
        given = csn_cli_environment(cli, "COUNTERSIGN_URL");
    struct csn_bytes server = csn_bytes_text(given != NULL ? given : DEFAULT_SERVER);
    while (server.len > 0 && server.ptr[server.len - 1] == '/')
        server.len--;
    return server;
}

static const char *
ca_file_of(const struct csn_cli *cli)
{
    const char *given = csn_cli_value(cli, "--ca-file");
    return given != NULL ? given : csn_cli_environment(cli, "COUNTERSIGN_CA_FILE");
}

static size_t
take(char *bytes, size_t size, size_t count, void *state)
{
    struct csn_buffer *out = state;
    csn_buffer_append(out, csn_bytes_of(bytes, size * count));
    return out->overflowed ? 0 : size * count;
}

static bool
set_up(CURL *curl, const char *method, const char *url, struct curl_slist *fields,
       struct csn_bytes body, struct csn_buffer *out)
{
    bool set = curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_WRITEDATA, out) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_TIMEOUT, TIMEOUT_S) == CURLE_OK;
    if (!set || body.ptr == NULL)
        return set;
    return curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)body.len) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDS, (const char *)body.ptr) == CURLE_OK;
}

/* In place of the system's certificates: none of these may then speak for the server. */
static bool
set_trust(CURL *curl, const char *ca_file)
{
    return ca_file == NULL || curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file) == CURLE_OK;
}

static struct curl_slist *
fields_for(struct csn_bytes key, bool has_body)
{
    char line[API_KEY_MAX + 32];
    snprintf(line, sizeof line, "Authorization: Bearer %.*s", (int)key.len, (const char *)key.ptr);
    struct curl_slist *fields = curl_slist_append(NULL, line);
    csn_wipe(line, sizeof line);
    if (fields != NULL && has_body)
        return curl_slist_append(fields, "Content-Type: application/json");
    return fields;
}

static bool
perform(struct csn_cli *cli, CURL *curl, struct csn_cli_answer *answer)
{
    CURLcode code = curl_easy_perform(curl);
    if (code == CURLE_OK)
        code = curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
    if (code == CURLE_OK)
        return true;
    const char *ca_file = ca_file_of(cli);
    if (code == CURLE_SSL_CACERT_BADFILE && ca_file != NULL)
        csn_cli_fail(cli, "no certificates can be read from", ca_file);
    else if (code == CURLE_PEER_FAILED_VERIFICATION)
        csn_cli_fail(cli, "the server's certificate is not accepted",
                     "is it the right host? Its own certificate goes with --ca-file");
    else
        csn_cli_fail(cli, "no answer from the server", curl_easy_strerror(code));
    return false;
}

/* RFC 3986 §2.3: what needs no encoding. */
static bool
is_unreserved(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           strchr("-._~", c) != NULL;
}

void
csn_cli_encode(struct csn_buffer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (is_unreserved(*text)) {
            csn_buffer_byte(out, (uint8_t)*text);
            continue;
        }
        csn_buffer_byte(out, '%');
        csn_buffer_hex(out, csn_bytes_of(text, 1));
    }
}

bool
csn_cli_send(struct csn_cli *cli, const char *method, const char *path, struct csn_bytes body,
             struct csn_cli_answer *answer)
{
    struct csn_bytes key;
    char url[URL_MAX_BYTES];
    if (!read_api_key(cli, &key))
        return false;
    struct csn_bytes server = server_of(cli);
    if (server.len >= sizeof url || snprintf(url, sizeof url, "%.*s%s", (int)server.len,
                                             (const char *)server.ptr, path) >= (int)sizeof url)
        return csn_cli_usage(cli, "too long", "the address"), false;
    void *memory = csn_arena_alloc(&cli->arena, CSN_CLI_ANSWER_MAX);
    CURL *curl = curl_easy_init();
    struct curl_slist *fields = fields_for(key, body.ptr != NULL);
    struct csn_buffer out = csn_buffer_over(memory, memory != NULL ? CSN_CLI_ANSWER_MAX : 0);
    bool sent = curl != NULL && fields != NULL && memory != NULL &&
                set_up(curl, method, url, fields, body, &out) && set_trust(curl, ca_file_of(cli));
    sent = sent ? perform(cli, curl, answer) : (csn_cli_fail(cli, "out of memory", path), false);
    answer->body = csn_buffer_view(&out);
    curl_slist_free_all(fields);
    curl_easy_cleanup(curl);
    return sent;
}
