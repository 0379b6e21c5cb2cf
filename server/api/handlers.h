/* The handlers, one file per resource; routes.c is the table that names them. Each decodes, makes
 * one domain call, and encodes.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_HANDLERS_H
#define CSN_SERVER_API_HANDLERS_H

#include "server/api/exchange.h"

/* health.c */
enum csn_step csn_health_alive(struct csn_exchange *x);
enum csn_step csn_health_ready(struct csn_exchange *x);
enum csn_step csn_health_metrics(struct csn_exchange *x);

/* gateway.c */
enum csn_step csn_gateway_verify(struct csn_exchange *x);

/* challenge.c, login.c, session.c, logout.c */
enum csn_step csn_challenge_issue(struct csn_exchange *x);
enum csn_step csn_session_start(struct csn_exchange *x);
enum csn_step csn_session_show(struct csn_exchange *x);
enum csn_step csn_session_renew(struct csn_exchange *x);
enum csn_step csn_session_end(struct csn_exchange *x);

/* stream.c */
enum csn_step csn_stream_open(struct csn_exchange *x);

/* accounts.c, api_keys.c */
enum csn_step csn_accounts_list(struct csn_exchange *x);
enum csn_step csn_accounts_create(struct csn_exchange *x);
enum csn_step csn_accounts_get(struct csn_exchange *x);
enum csn_step csn_accounts_whoami(struct csn_exchange *x);
enum csn_step csn_api_keys_list(struct csn_exchange *x);
enum csn_step csn_api_keys_create(struct csn_exchange *x);
enum csn_step csn_api_keys_delete(struct csn_exchange *x);

/* apps.c, policy.c */
enum csn_step csn_apps_list(struct csn_exchange *x);
enum csn_step csn_apps_create(struct csn_exchange *x);
enum csn_step csn_apps_get(struct csn_exchange *x);
enum csn_step csn_apps_update(struct csn_exchange *x);
enum csn_step csn_apps_delete(struct csn_exchange *x);
enum csn_step csn_policy_get(struct csn_exchange *x);
enum csn_step csn_policy_put(struct csn_exchange *x);
enum csn_step csn_enforcement_get(struct csn_exchange *x);
enum csn_step csn_enforcement_put(struct csn_exchange *x);

/* keys.c, keys_create.c, jwks.c */
enum csn_step csn_keys_list(struct csn_exchange *x);
enum csn_step csn_keys_get(struct csn_exchange *x);
enum csn_step csn_keys_create(struct csn_exchange *x);
enum csn_step csn_keys_update(struct csn_exchange *x);
enum csn_step csn_keys_delete(struct csn_exchange *x);
enum csn_step csn_jwks_put(struct csn_exchange *x);
enum csn_step csn_jwks_delete(struct csn_exchange *x);

/* customers.c, links.c, decisions.c, diagnose.c */
enum csn_step csn_customers_list(struct csn_exchange *x);
enum csn_step csn_customers_get(struct csn_exchange *x);
enum csn_step csn_customers_revoke(struct csn_exchange *x);
enum csn_step csn_links_put(struct csn_exchange *x);
enum csn_step csn_links_delete(struct csn_exchange *x);
enum csn_step csn_decisions_list(struct csn_exchange *x);
enum csn_step csn_decisions_summary(struct csn_exchange *x);
enum csn_step csn_diagnosis_run(struct csn_exchange *x);

/* audit.c */
enum csn_step csn_audit_trail(struct csn_exchange *x);
enum csn_step csn_audit_last(struct csn_exchange *x);
/* readiness.c, failures.c */
enum csn_step csn_readiness_show(struct csn_exchange *x);
enum csn_step csn_failures_list(struct csn_exchange *x);
enum csn_step csn_failures_get(struct csn_exchange *x);

/* profile.c */
enum csn_step csn_profile_show(struct csn_exchange *x);
enum csn_step csn_profile_change(struct csn_exchange *x);
enum csn_step csn_profile_own_show(struct csn_exchange *x);
enum csn_step csn_profile_own_change(struct csn_exchange *x);

/* push.c */
enum csn_step csn_push_show(struct csn_exchange *x);
enum csn_step csn_push_give(struct csn_exchange *x);
enum csn_step csn_push_take(struct csn_exchange *x);

/* experiences.c */
enum csn_step csn_experiences_list(struct csn_exchange *x);
enum csn_step csn_experiences_create(struct csn_exchange *x);
enum csn_step csn_experiences_get(struct csn_exchange *x);
enum csn_step csn_experiences_update(struct csn_exchange *x);
enum csn_step csn_experiences_delete(struct csn_exchange *x);
enum csn_step csn_experiences_show(struct csn_exchange *x);
/* dry_run.c */
enum csn_step csn_dry_run_of_policy(struct csn_exchange *x);
enum csn_step csn_dry_run_of_enforcement(struct csn_exchange *x);

/* timeline.c, blast.c */
enum csn_step csn_timeline_of_customer(struct csn_exchange *x);
enum csn_step csn_timeline_of_identity(struct csn_exchange *x);
enum csn_step csn_blast_show(struct csn_exchange *x);
enum csn_step csn_blast_revoke(struct csn_exchange *x);

/* broadcasts.c */
enum csn_step csn_broadcasts_list(struct csn_exchange *x);
enum csn_step csn_broadcasts_create(struct csn_exchange *x);
enum csn_step csn_broadcasts_get(struct csn_exchange *x);
enum csn_step csn_broadcasts_withdraw(struct csn_exchange *x);

/* sync.c, items.c */
enum csn_step csn_sync(struct csn_exchange *x);
enum csn_step csn_items_list(struct csn_exchange *x);
enum csn_step csn_items_add(struct csn_exchange *x);

/* erase.c */
enum csn_step csn_erasure_make(struct csn_exchange *x);
enum csn_step csn_erasure_get(struct csn_exchange *x);

/* webhooks.c, push_key.c */
enum csn_step csn_webhooks_list(struct csn_exchange *x);
enum csn_step csn_webhooks_create(struct csn_exchange *x);
enum csn_step csn_webhooks_get(struct csn_exchange *x);
enum csn_step csn_webhooks_update(struct csn_exchange *x);
enum csn_step csn_webhooks_delete(struct csn_exchange *x);
enum csn_step csn_webhooks_rotate(struct csn_exchange *x);
enum csn_step csn_webhooks_test(struct csn_exchange *x);
enum csn_step csn_webhooks_deliveries(struct csn_exchange *x);
enum csn_step csn_push_keys_get(struct csn_exchange *x);
enum csn_step csn_push_keys_put(struct csn_exchange *x);
enum csn_step csn_push_keys_delete(struct csn_exchange *x);

/* presets.c */
enum csn_step csn_presets_list(struct csn_exchange *x);
enum csn_step csn_presets_get(struct csn_exchange *x);

#endif
