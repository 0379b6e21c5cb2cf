/* The parts of a running server, put together and taken apart in one place.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_ASSEMBLE_H
#define CSN_SERVER_ASSEMBLE_H

#include "server/domain/management_accounts.h"
#include "server/housekeeper.h"
#include "server/service.h"
#include "server/settings.h"

struct csn_http;
struct csn_jwks;
struct csn_sender;
struct csn_live_keeper;

/* {0} is a server of no parts. */
struct csn_server {
    struct csn_settings settings;
    struct csn_log log;
    struct csn_service service;
    struct csn_store *store;
    struct csn_jwks *jwks;
    struct csn_sender *sender;
    struct csn_housekeeper *housekeeper;
    struct csn_live_keeper *keeper; /* of the streams' time */
    struct csn_http *http;
    struct csn_id root_account;
    struct csn_api_key_made admin; /* the admin key made at this start, if one was */
    /* Hands that key to the operator, before it is stored: none that nobody saw is ever valid.
     * Returns: it was handed out; otherwise the start fails and nothing is stored. */
    bool (*hand_out_admin_key)(const struct csn_server *server);
};

/* Opens what lies on disk and makes everything that answers requests, but listens nowhere.
 * Says why on standard error when it fails. */
CSN_MUST_USE enum csn_status csn_server_open(struct csn_server *server);

/* Listens. Returns: CSN_OK; CSN_INVALID, CSN_CONFLICT, CSN_IO after saying why. */
CSN_MUST_USE enum csn_status csn_server_listen(struct csn_server *server);

/* Finishes what is under way (a few seconds at most), writes down what is gathered, closes. */
void csn_server_close(struct csn_server *server);

#endif
