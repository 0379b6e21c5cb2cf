/* The server as a whole: its settings and its one entry. What the CLI's `serve` and `config` use.
 *
 * A setting comes from a flag, else the environment, else the settings file, else its default; the
 * one table below is also the source of the man page, the completion and `countersign config`.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef COUNTERSIGN_SERVER_H
#define COUNTERSIGN_SERVER_H

#include "countersign/audit.h"

#ifdef __cplusplus
extern "C" {
#endif

enum csn_setting {
#define CSN_SETTING(id, flag, value, fallback, help) CSN_SETTING_##id,
#include "countersign/setting.def"
#undef CSN_SETTING
    CSN_SETTING_COUNT,
};

struct csn_setting_info {
    const char *flag;        /* "--listen" */
    const char *value;       /* "ADDRESS:PORT"; NULL: a switch, "yes" when given */
    const char *environment; /* "COUNTERSIGN_LISTEN" */
    const char *fallback;    /* "" when there is none */
    const char *help;        /* one line */
};
const struct csn_setting_info *csn_setting_at(enum csn_setting setting);

enum csn_setting_source {
    CSN_FROM_DEFAULT = 0,
    CSN_FROM_FILE,
    CSN_FROM_ENVIRONMENT,
    CSN_FROM_FLAG,
};
const char *csn_setting_source_name(enum csn_setting_source source);

#define CSN_CONFIG_TEXT_MAX 16384

/* The effective settings. Values point into `text`, argv, the environment or static text. */
struct csn_config {
    const char *value[CSN_SETTING_COUNT]; /* never NULL */
    enum csn_setting_source source[CSN_SETTING_COUNT];
    char text[CSN_CONFIG_TEXT_MAX]; /* of the settings file */
    char error[256];                /* why loading failed; "" else */
};

/* Reads argv (options only, without program and subcommand), the environment and the file that
 * --config names (lines `name = value` or `name = "value"`, '#' comments).
 * Returns: CSN_OK; CSN_INVALID (unknown or malformed) or CSN_IO, with config->error. */
CSN_MUST_USE enum csn_status csn_config_load(int argc, const char *const *argv,
                                             const char *const *environment,
                                             struct csn_config *config);

/* Returns: the server would take the setting's value. Files it names are not looked at. */
bool csn_setting_is_valid(const struct csn_config *config, enum csn_setting setting);

/* Runs the server until SIGTERM or SIGINT. Says on standard output where it listens and, at the
 * first start, the admin key; logs to standard error.
 * Returns: the process's exit code, 0 after a graceful stop. */
int csn_serve(const struct csn_config *config);

/* --- offline: what can be asked of a data folder, with or without a server on it --- */

/* Visits every audit row in the folder, account by account, each oldest first; `account` NULL: all.
 * Reads only. The row's views hold inside `visit` alone; false ends the walk.
 * Returns: CSN_OK; CSN_NOT_FOUND (there is no database); CSN_UNSUPPORTED (made by another version);
 * CSN_INVALID (not an account's id); CSN_IO, CSN_UNAVAILABLE. */
CSN_MUST_USE enum csn_status
csn_audit_read_folder(const char *data, const char *account,
                      bool (*visit)(void *state, const struct csn_audit_record *row), void *state);

/* A backup is one file: the database as of one moment, what it is, and a SHA-256 over both. It
 * never holds the master key; it says which one it needs. */
struct csn_backup_info {
    int64_t made_ms;
    int64_t schema;       /* the newest migration in it */
    uint64_t size;        /* bytes of the database */
    char master_key[24];  /* fingerprint of the master key it needs; "" unknown */
    char audit_head[128]; /* the root account's, "NUMBER:HASH"; "" none */
    char hash[65];        /* SHA-256 of the file up to it, hexadecimal */
    char problem[512];    /* why it failed, one sentence; "" else */
};

/* Makes the backup of a data folder, whether or not a server runs on it. `file` must not exist; it
 * appears, 0600, when it is complete and durable.
 * Returns: CSN_OK; CSN_CONFLICT (the file exists); CSN_NOT_FOUND (there is no database);
 * CSN_UNSUPPORTED (made by another version); CSN_IO, CSN_UNAVAILABLE; each with info->problem. */
CSN_MUST_USE enum csn_status csn_backup_make(const char *data, const char *file,
                                             struct csn_backup_info *info, int64_t now_ms);

/* Makes a data folder of a backup. The folder must be empty, but for a master.key; the database
 * appears in it when everything was checked, with the restore as the last row of the root account's
 * audit. Returns: CSN_OK; CSN_CONFLICT (the folder is not empty); CSN_INVALID (not a backup, or a
 * damaged one); CSN_UNSUPPORTED (of a newer version); CSN_IO; each with info->problem. */
CSN_MUST_USE enum csn_status csn_backup_restore(const char *file, const char *data,
                                                struct csn_backup_info *info, int64_t now_ms);

#ifdef __cplusplus
}
#endif
#endif
