/* See settings.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "countersign/json.h"
#include "crypto/tls_pair.h"

static enum csn_status
refuse(struct csn_settings *out, enum csn_status status, const char *what, const char *why)
{
    snprintf(out->problem, sizeof out->problem, "%.300s: %s", what, why);
    return status;
}

static const char *
value(const struct csn_config *config, enum csn_setting setting)
{
    const char *text = config->value[setting];
    return *text != '\0' ? text : NULL;
}

static bool
read_number(const struct csn_config *config, enum csn_setting setting, int64_t low, int64_t high,
            int64_t *out)
{
    const char *text = config->value[setting];
    return csn_json_integer(csn_bytes_text(text), out) == CSN_OK && *out >= low && *out <= high;
}

/* "127.0.0.1:8080" or "[::1]:8080". */
static bool
read_listen(const char *text, struct csn_settings *out)
{
    const char *colon = strrchr(text, ':');
    int64_t port = 0;
    if (colon == NULL || csn_json_integer(csn_bytes_text(colon + 1), &port) != CSN_OK || port < 0 ||
        port > 65535)
        return false;
    size_t len = (size_t)(colon - text);
    if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
        text++;
        len -= 2;
    }
    if (len == 0 || len >= sizeof out->address)
        return false;
    memcpy(out->address, text, len);
    out->address[len] = '\0';
    out->port = (uint16_t)port;
    return true;
}

static bool
read_log_level(const char *text, enum csn_log_level *out)
{
    *out = strcmp(text, "requests") == 0 ? CSN_LOG_REQUESTS : CSN_LOG_ERRORS;
    return *out == CSN_LOG_REQUESTS || strcmp(text, "errors") == 0;
}

/* --- TLS: two files, and which of them is at fault --- */

/* Returns: the file's text on the heap, with *why NULL; else NULL and why. */
static char *
read_file(const char *path, const char **why)
{
    errno = 0;
    FILE *file = fopen(path, "r");
    char *text = malloc(CSN_TLS_TEXT_MAX + 1);
    size_t len = file != NULL && text != NULL ? fread(text, 1, CSN_TLS_TEXT_MAX + 1, file) : 0;
    bool read = file != NULL && text != NULL && !ferror(file);
    *why = errno == ENOENT ? "no such file" : "cannot be read";
    if (file != NULL)
        fclose(file);
    if (read && len <= CSN_TLS_TEXT_MAX) {
        text[len] = '\0';
        *why = NULL;
        return text;
    }
    if (read)
        *why = "is too long";
    free(text);
    return NULL;
}

static enum csn_status
check_pair(struct csn_settings *out, const char *certificate, const char *key)
{
    switch (csn_tls_pair_check(out->tls_certificate, out->tls_key)) {
    case CSN_TLS_PAIR: return CSN_OK;
    case CSN_TLS_NO_CERTIFICATE:
        return refuse(out, CSN_IO, certificate, "holds no PEM certificate");
    case CSN_TLS_NO_KEY: return refuse(out, CSN_IO, key, "holds no PEM private key");
    case CSN_TLS_KEY_ENCRYPTED: return refuse(out, CSN_IO, key, "is under a passphrase");
    case CSN_TLS_OTHER_KEY:
        return refuse(out, CSN_IO, key, "is not the private key of the certificate in --tls-cert");
    default: return refuse(out, CSN_NO_MEMORY, key, "out of memory");
    }
}

static enum csn_status
read_tls(const struct csn_config *config, struct csn_settings *out)
{
    const char *certificate = value(config, CSN_SETTING_TLS_CERT);
    const char *key = value(config, CSN_SETTING_TLS_KEY);
    const char *why = NULL;
    if (certificate == NULL && key == NULL)
        return CSN_OK;
    if (certificate == NULL || key == NULL)
        return refuse(out, CSN_INVALID, "--tls-cert and --tls-key", "give both or neither");
    out->tls_certificate = read_file(certificate, &why);
    if (out->tls_certificate == NULL)
        return refuse(out, CSN_IO, certificate, why);
    out->tls_key = read_file(key, &why);
    if (out->tls_key == NULL)
        return refuse(out, CSN_IO, key, why);
    return check_pair(out, certificate, key);
}

static enum csn_status
read_outbound_ca(const struct csn_config *config, struct csn_settings *out)
{
    const char *path = value(config, CSN_SETTING_OUTBOUND_CA), *why = NULL;
    if (path == NULL)
        return CSN_OK;
    out->outbound_ca = read_file(path, &why);
    if (out->outbound_ca == NULL)
        return refuse(out, CSN_IO, path, why);
    if (csn_tls_pair_check(out->outbound_ca, "") == CSN_TLS_NO_CERTIFICATE)
        return refuse(out, CSN_IO, path, "holds no PEM certificate");
    return CSN_OK;
}

/* --- all of it --- */

/* Reads one setting that not every text is a value of. Returns: false when this one is none. */
static bool
read_value(const struct csn_config *config, enum csn_setting setting, struct csn_settings *out)
{
    int64_t number = 0;
    switch (setting) {
    case CSN_SETTING_LISTEN: return read_listen(config->value[setting], out);
    case CSN_SETTING_WORKERS:
        if (!read_number(config, setting, 1, 64, &number))
            return false;
        out->workers = (unsigned)number;
        return true;
    case CSN_SETTING_CACHE:
        if (!read_number(config, setting, 0, 1 << 22, &number))
            return false;
        out->cache_entries = (size_t)number;
        return true;
    case CSN_SETTING_CONNECTIONS_PER_ADDRESS:
        if (!read_number(config, setting, 0, 1 << 20, &number))
            return false;
        out->connections_per_address = (unsigned)number;
        return true;
    case CSN_SETTING_TRUSTED_PROXY:
        return csn_networks_read(config->value[setting], &out->trusted_proxies);
    case CSN_SETTING_OUTBOUND_ALLOW:
        return csn_networks_read(config->value[setting], &out->outbound_allow);
    case CSN_SETTING_LOG: return read_log_level(config->value[setting], &out->log_level);
    default: return true;
    }
}

bool
csn_setting_is_valid(const struct csn_config *config, enum csn_setting setting)
{
    struct csn_settings read = {0};
    return read_value(config, setting, &read);
}

enum csn_status
csn_settings_read(const struct csn_config *config, struct csn_settings *out)
{
    memset(out, 0, sizeof *out);
    for (enum csn_setting setting = 0; setting < CSN_SETTING_COUNT; setting++) {
        if (!read_value(config, setting, out))
            return refuse(out, CSN_INVALID, csn_setting_at(setting)->flag, "not a valid value");
    }
    out->data = config->value[CSN_SETTING_DATA];
    out->master_key_file = value(config, CSN_SETTING_MASTER_KEY_FILE);
    out->admin_key_file = value(config, CSN_SETTING_ADMIN_KEY_FILE);
    out->port_file = value(config, CSN_SETTING_PORT_FILE);
    out->new_admin_key = value(config, CSN_SETTING_NEW_ADMIN_KEY) != NULL;
    out->demo = value(config, CSN_SETTING_DEMO) != NULL;
    enum csn_status status = read_outbound_ca(config, out);
    return status == CSN_OK ? read_tls(config, out) : status;
}

void
csn_settings_release(struct csn_settings *settings)
{
    if (settings->tls_key != NULL)
        csn_wipe(settings->tls_key, strlen(settings->tls_key));
    free(settings->tls_key);
    free(settings->tls_certificate);
    free(settings->outbound_ca);
}
