/* The settings as the server uses them: read out of the texts of a configuration, and judged.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_SETTINGS_H
#define CSN_SERVER_SETTINGS_H

#include "countersign/server.h"
#include "server/http/forwarded.h"
#include "server/log.h"

#define CSN_ADDRESS_TEXT_MAX 64
#define CSN_TLS_TEXT_MAX 65536 /* bytes of a certificate chain or key file */
#define CSN_SETTINGS_PROBLEM_MAX 512

struct csn_settings {
    char address[CSN_ADDRESS_TEXT_MAX]; /* numeric */
    uint16_t port;
    unsigned workers;
    size_t cache_entries; /* 0: no cache */
    unsigned connections_per_address;
    struct csn_networks trusted_proxies;
    struct csn_networks outbound_allow;
    enum csn_log_level log_level;
    const char *data;
    const char *master_key_file; /* NULL: none */
    const char *admin_key_file;  /* NULL: print it */
    const char *port_file;       /* NULL: none */
    bool new_admin_key;
    bool demo;
    char *tls_certificate; /* heap, PEM; NULL: no TLS */
    char *tls_key;
    char *outbound_ca;                      /* heap, PEM; NULL: none beside the system's */
    char problem[CSN_SETTINGS_PROBLEM_MAX]; /* what is wrong, and with which; "" nothing */
};

/* Out: *out, for csn_settings_release. Returns: CSN_OK; CSN_INVALID; CSN_IO (a TLS file is not what
 * it should be); each with out->problem. */
CSN_MUST_USE enum csn_status csn_settings_read(const struct csn_config *config,
                                               struct csn_settings *out);
void csn_settings_release(struct csn_settings *settings); /* wipes the key */

#endif
