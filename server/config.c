/* The settings: one table, four sources. See include/countersign/server.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* strsep */

#include "countersign/server.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/panic.h"

#define ENVIRONMENT_NAME_MAX 64

static const struct {
    const char *flag, *value, *fallback, *help;
} SETTINGS[] = {
#define CSN_SETTING(id, flag, value, fallback, help) {flag, value, fallback, help},
#include "countersign/setting.def"
#undef CSN_SETTING
};

/* "--tls-cert" is COUNTERSIGN_TLS_CERT. */
static void
write_environment_name(const char *flag, char out[ENVIRONMENT_NAME_MAX])
{
    int len = snprintf(out, ENVIRONMENT_NAME_MAX, "COUNTERSIGN_%s", flag + 2);
    CSN_ASSERT(len < ENVIRONMENT_NAME_MAX);
    for (char *at = out; *at != '\0'; at++) {
        int upper = *at == '-' ? '_' : toupper((unsigned char)*at);
        *at = (char)upper;
    }
}

const struct csn_setting_info *
csn_setting_at(enum csn_setting setting)
{
    static _Thread_local char environment[CSN_SETTING_COUNT][ENVIRONMENT_NAME_MAX];
    static _Thread_local struct csn_setting_info infos[CSN_SETTING_COUNT];
    CSN_ASSERT(setting < CSN_SETTING_COUNT);
    write_environment_name(SETTINGS[setting].flag, environment[setting]);
    infos[setting] = (struct csn_setting_info){
        .flag = SETTINGS[setting].flag,
        .value = SETTINGS[setting].value,
        .environment = environment[setting],
        .fallback = SETTINGS[setting].fallback,
        .help = SETTINGS[setting].help,
    };
    return &infos[setting];
}

const char *
csn_setting_source_name(enum csn_setting_source source)
{
    static const char *const NAMES[] = {"default", "file", "environment", "flag"};
    return source <= CSN_FROM_FLAG ? NAMES[source] : "";
}

static enum csn_status
fail(struct csn_config *config, const char *what, const char *name)
{
    snprintf(config->error, sizeof config->error, "%s: %.100s", what, name);
    return CSN_INVALID;
}

static void
set(struct csn_config *config, enum csn_setting setting, const char *value,
    enum csn_setting_source source)
{
    if (source < config->source[setting])
        return;
    config->value[setting] = value;
    config->source[setting] = source;
}

/* Returns: the setting with this name, written with or without the dashes; COUNT when none is. */
static enum csn_setting
find(const char *name, size_t len)
{
    for (enum csn_setting s = 0; s < CSN_SETTING_COUNT; s++) {
        const char *flag = SETTINGS[s].flag;
        if (strlen(flag) == len && memcmp(flag, name, len) == 0)
            return s;
    }
    return CSN_SETTING_COUNT;
}

static enum csn_status
read_flags(int argc, const char *const *argv, struct csn_config *config)
{
    for (int i = 0; i < argc; i++) {
        const char *equals = strchr(argv[i], '=');
        size_t len = equals != NULL ? (size_t)(equals - argv[i]) : strlen(argv[i]);
        enum csn_setting setting = find(argv[i], len);
        if (setting == CSN_SETTING_COUNT)
            return fail(config, "unknown option", argv[i]);
        bool is_switch = SETTINGS[setting].value == NULL;
        if (is_switch && equals != NULL)
            return fail(config, "this option takes no value", argv[i]);
        if (!is_switch && equals == NULL && i + 1 == argc)
            return fail(config, "this option needs a value", argv[i]);
        const char *value = is_switch ? "yes" : equals != NULL ? equals + 1 : argv[++i];
        set(config, setting, value, CSN_FROM_FLAG);
    }
    return CSN_OK;
}

static void
read_environment(const char *const *environment, struct csn_config *config)
{
    for (enum csn_setting s = 0; s < CSN_SETTING_COUNT; s++) {
        char name[ENVIRONMENT_NAME_MAX];
        write_environment_name(SETTINGS[s].flag, name);
        size_t len = strlen(name);
        for (const char *const *entry = environment; *entry != NULL; entry++) {
            if (strncmp(*entry, name, len) == 0 && (*entry)[len] == '=')
                set(config, s, *entry + len + 1, CSN_FROM_ENVIRONMENT);
        }
    }
}

/* Cuts white space at both ends, in place. */
static char *
trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    size_t len = strlen(text);
    while (len > 0 && isspace((unsigned char)text[len - 1]))
        text[--len] = '\0';
    return text;
}

/* A value wholly in double quotes is what stands between them, as many other files have it. */
static char *
unquote(char *text)
{
    size_t len = strlen(text);
    if (len < 2 || text[0] != '"' || text[len - 1] != '"')
        return text;
    text[len - 1] = '\0';
    return text + 1;
}

static enum csn_status
read_line(char *line, struct csn_config *config)
{
    char *name = trim(line);
    if (*name == '\0' || *name == '#')
        return CSN_OK;
    char *equals = strchr(name, '=');
    if (equals == NULL)
        return fail(config, "settings file: a line without '='", name);
    *equals = '\0';
    char flag[ENVIRONMENT_NAME_MAX];
    int len = snprintf(flag, sizeof flag, "--%.50s", trim(name));
    enum csn_setting setting = find(flag, (size_t)len);
    if (setting == CSN_SETTING_COUNT || setting == CSN_SETTING_CONFIG)
        return fail(config, "settings file: unknown name", flag + 2);
    set(config, setting, unquote(trim(equals + 1)), CSN_FROM_FILE);
    return CSN_OK;
}

static enum csn_status
read_file(struct csn_config *config)
{
    const char *path = config->value[CSN_SETTING_CONFIG];
    if (*path == '\0')
        return CSN_OK;
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        snprintf(config->error, sizeof config->error, "cannot read the settings file");
        return CSN_IO;
    }
    size_t len = fread(config->text, 1, sizeof config->text - 1, file);
    bool too_long = !feof(file);
    fclose(file);
    if (too_long)
        return fail(config, "the settings file is too long", path);
    config->text[len] = '\0';
    enum csn_status status = CSN_OK;
    char *rest = config->text;
    while (rest != NULL && status == CSN_OK) {
        char *line = strsep(&rest, "\n");
        status = read_line(line, config);
    }
    return status;
}

enum csn_status
csn_config_load(int argc, const char *const *argv, const char *const *environment,
                struct csn_config *config)
{
    memset(config, 0, sizeof *config);
    for (enum csn_setting s = 0; s < CSN_SETTING_COUNT; s++)
        config->value[s] = SETTINGS[s].fallback;
    enum csn_status status = read_flags(argc, argv, config);
    if (status != CSN_OK)
        return status;
    read_environment(environment, config);
    return read_file(config);
}
