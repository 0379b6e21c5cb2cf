/* One request to a running server.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CLI_HTTP_H
#define CSN_CLI_HTTP_H

#include "cli/cli.h"

#define CSN_CLI_ANSWER_MAX (1024 * 1024)

struct csn_cli_answer {
    long status;
    struct csn_bytes body; /* in the arena */
};

/* Sends `method path` to --server (COUNTERSIGN_URL, else http://127.0.0.1:8080) with the API key of
 * --api-key-file (COUNTERSIGN_API_KEY). `body` is JSON; {0}: none. Certificates are checked, by
 * those of --ca-file (COUNTERSIGN_CA_FILE), else the system's.
 * Returns: false after saying why; an answer of any status is true. */
bool csn_cli_send(struct csn_cli *cli, const char *method, const char *path, struct csn_bytes body,
                  struct csn_cli_answer *answer);

/* Appends `text` as it stands in a path segment or a query's value (RFC 3986 §2.1). */
void csn_cli_encode(struct csn_buffer *out, const char *text);

#define CSN_CLI_SERVER_OPTIONS                                                                     \
    {"--server", "URL", "where the server listens (COUNTERSIGN_URL; http://127.0.0.1:8080)"},      \
        {"--api-key-file", "FILE", "the API key, \"key.secret\" (or COUNTERSIGN_API_KEY)"},        \
    {                                                                                              \
        "--ca-file", "FILE", "trust these PEM certificates alone (COUNTERSIGN_CA_FILE)"            \
    }

#endif
