/* The table of all endpoints. Order is not meaning, with one exception: the gateway stands first,
 * because it is asked most.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/dialects.h"
#include "server/api/handlers.h"
#include "server/domain/management_apps.h"

#define SMALL 16384      /* bytes: a body of a few short fields */
#define TOKENS 65536     /* bytes: up to three tokens and the facts of a device */
#define POLICY 16384     /* bytes: a policy, with room for white space */
#define KEYS 131072      /* bytes: a PEM or JWK, escaped */
#define ITEM 40960       /* bytes: an item's body, with room for white space */
#define DIAGNOSIS 131072 /* bytes: two mangled tokens */
#define PROFILE 32768    /* bytes: a whole profile, escaped */
#define CONTENT 49152    /* bytes: what an app says, with room for white space */

#define SDK "/sdk/v1/apps/{app}/"
#define APP "/api/v1/apps/{app}"

/* clang-format off */
static const struct csn_route routes[] = {
    {CSN_METHOD_OTHER, "/gateway/v1/apps/{app}/verify", "verifyForGateway", CSN_ACCESS_GATEWAY,
     .app_param = true, .handle = csn_gateway_verify, .endpoint = CSN_ENDPOINT_GATEWAY},

    {CSN_POST, SDK "challenge", "createChallenge", CSN_ACCESS_PUBLIC,
     .app_param = true, .browser = true, .body_max = SMALL, .handle = csn_challenge_issue},
    {CSN_POST, SDK "sessions", "startSession", CSN_ACCESS_PUBLIC,
     .app_param = true, .browser = true, .body_max = TOKENS, .handle = csn_session_start,
     .endpoint = CSN_ENDPOINT_SESSION_START},
    {CSN_GET, SDK "sessions/current", "getCurrentSession", CSN_ACCESS_BEARER,
     .app_param = true, .browser = true, .handle = csn_session_show, .endpoint = CSN_ENDPOINT_SDK},
    {CSN_PATCH, SDK "sessions/current", "refreshSession", CSN_ACCESS_BEARER,
     .app_param = true, .browser = true, .body_max = TOKENS, .handle = csn_session_renew,
     .endpoint = CSN_ENDPOINT_SESSION_REFRESH},
    /* A logout works with an expired bearer, so the handler judges what it is given. */
    {CSN_DELETE, SDK "sessions/current", "endSession", CSN_ACCESS_PUBLIC,
     .app_param = true, .browser = true, .body_max = SMALL, .handle = csn_session_end,
     .endpoint = CSN_ENDPOINT_SESSION_END},

    {CSN_POST, SDK "sync", "sync", CSN_ACCESS_BEARER,
     .app_param = true, .browser = true, .body_max = CSN_REQUEST_SYNC_BODY_MAX, .handle = csn_sync,
     .endpoint = CSN_ENDPOINT_SDK},
    {CSN_GET, SDK "experiences", "getExperiences", CSN_ACCESS_BEARER,
     .app_param = true, .browser = true, .handle = csn_experiences_show,
     .endpoint = CSN_ENDPOINT_SDK},
    {CSN_GET, SDK "device/push", "getPush", CSN_ACCESS_BEARER,
     .app_param = true, .browser = true, .handle = csn_push_show, .endpoint = CSN_ENDPOINT_SDK},
    {CSN_PUT, SDK "device/push", "setPushAddress", CSN_ACCESS_BEARER,
     .app_param = true, .browser = true, .body_max = SMALL, .handle = csn_push_give,
     .endpoint = CSN_ENDPOINT_SDK},
    {CSN_DELETE, SDK "device/push", "removePushAddress", CSN_ACCESS_BEARER,
     .app_param = true, .browser = true, .handle = csn_push_take, .endpoint = CSN_ENDPOINT_SDK},
    {CSN_GET, SDK "profile", "getOwnProfile", CSN_ACCESS_BEARER,
     .app_param = true, .browser = true, .handle = csn_profile_own_show,
     .endpoint = CSN_ENDPOINT_SDK},
    {CSN_PATCH, SDK "profile", "updateOwnProfile", CSN_ACCESS_BEARER,
     .app_param = true, .browser = true, .body_max = PROFILE, .handle = csn_profile_own_change,
     .endpoint = CSN_ENDPOINT_SDK},
    {CSN_GET, SDK "stream", "followLog", CSN_ACCESS_BEARER,
     .app_param = true, .browser = true, .handle = csn_stream_open, .endpoint = CSN_ENDPOINT_SDK},

    {CSN_GET, "/api/v1/whoami", "whoAmI", CSN_ACCESS_VIEWER, .handle = csn_accounts_whoami},
    {CSN_GET, "/api/v1/accounts", "listAccounts", CSN_ACCESS_ROOT, .handle = csn_accounts_list},
    {CSN_POST, "/api/v1/accounts", "createAccount", CSN_ACCESS_ROOT,
     .body_max = SMALL, .handle = csn_accounts_create},
    {CSN_GET, "/api/v1/accounts/{account}", "getAccount", CSN_ACCESS_VIEWER,
     .handle = csn_accounts_get},
    {CSN_GET, "/api/v1/api-keys", "listApiKeys", CSN_ACCESS_ADMIN, .handle = csn_api_keys_list},
    {CSN_POST, "/api/v1/api-keys", "createApiKey", CSN_ACCESS_ADMIN,
     .body_max = SMALL, .handle = csn_api_keys_create},
    {CSN_DELETE, "/api/v1/api-keys/{apiKey}", "revokeApiKey", CSN_ACCESS_ADMIN,
     .handle = csn_api_keys_delete},

    {CSN_GET, "/api/v1/apps", "listApps", CSN_ACCESS_VIEWER, .handle = csn_apps_list},
    {CSN_POST, "/api/v1/apps", "createApp", CSN_ACCESS_ADMIN,
     .body_max = POLICY, .handle = csn_apps_create},
    {CSN_GET, APP, "getApp", CSN_ACCESS_VIEWER, .app_param = true, .handle = csn_apps_get},
    {CSN_PATCH, APP, "updateApp", CSN_ACCESS_ADMIN,
     .app_param = true, .body_max = SMALL, .handle = csn_apps_update},
    {CSN_DELETE, APP, "deleteApp", CSN_ACCESS_ADMIN, .app_param = true, .handle = csn_apps_delete},
    {CSN_GET, APP "/policy", "getPolicy", CSN_ACCESS_VIEWER,
     .app_param = true, .handle = csn_policy_get},
    {CSN_PUT, APP "/policy", "replacePolicy", CSN_ACCESS_ADMIN,
     .app_param = true, .body_max = POLICY, .handle = csn_policy_put},
    {CSN_GET, APP "/enforcement", "getEnforcement", CSN_ACCESS_VIEWER,
     .app_param = true, .handle = csn_enforcement_get},
    {CSN_PUT, APP "/enforcement", "replaceEnforcement", CSN_ACCESS_ADMIN,
     .app_param = true, .body_max = CSN_ENFORCEMENT_JSON_MAX, .handle = csn_enforcement_put},

    {CSN_GET, APP "/keys", "listKeys", CSN_ACCESS_VIEWER,
     .app_param = true, .handle = csn_keys_list},
    {CSN_POST, APP "/keys", "createKey", CSN_ACCESS_ADMIN,
     .app_param = true, .body_max = KEYS, .handle = csn_keys_create},
    {CSN_GET, APP "/keys/{key}", "getKey", CSN_ACCESS_VIEWER,
     .app_param = true, .handle = csn_keys_get},
    {CSN_PATCH, APP "/keys/{key}", "changeKeyState", CSN_ACCESS_ADMIN,
     .app_param = true, .body_max = SMALL, .handle = csn_keys_update},
    {CSN_DELETE, APP "/keys/{key}", "deleteKey", CSN_ACCESS_ADMIN,
     .app_param = true, .handle = csn_keys_delete},
    {CSN_PUT, APP "/jwks", "setJwksUrl", CSN_ACCESS_ADMIN,
     .app_param = true, .body_max = SMALL, .handle = csn_jwks_put},
    {CSN_DELETE, APP "/jwks", "removeJwksUrl", CSN_ACCESS_ADMIN,
     .app_param = true, .handle = csn_jwks_delete},

    {CSN_GET, APP "/customers", "listCustomers", CSN_ACCESS_VIEWER,
     .app_param = true, .handle = csn_customers_list},
    {CSN_GET, APP "/customers/{customer}", "getCustomer", CSN_ACCESS_VIEWER,
     .app_param = true, .handle = csn_customers_get},
    {CSN_POST, APP "/customers/{customer}/revoke", "revokeCustomer", CSN_ACCESS_USER,
     .app_param = true, .body_max = SMALL, .handle = csn_customers_revoke},
    {CSN_PUT, APP "/customers/{customer}/links/{anonymous}", "linkCustomer", CSN_ACCESS_USER,
     .app_param = true, .handle = csn_links_put},
    {CSN_DELETE, APP "/customers/{customer}/links/{anonymous}", "unlinkCustomer", CSN_ACCESS_USER,
     .app_param = true, .handle = csn_links_delete},
    {CSN_DELETE, APP "/customers/{customer}", "eraseCustomer", CSN_ACCESS_ADMIN,
     .app_param = true, .handle = csn_erasure_make},
    {CSN_GET, APP "/customers/{customer}/erasure", "getErasure", CSN_ACCESS_VIEWER,
     .app_param = true, .handle = csn_erasure_get},
    {CSN_GET, APP "/customers/{customer}/items", "listItems", CSN_ACCESS_VIEWER,
     .app_param = true, .handle = csn_items_list},
    {CSN_POST, APP "/customers/{customer}/items", "addItem", CSN_ACCESS_USER,
     .app_param = true, .body_max = ITEM, .handle = csn_items_add},
    {CSN_GET, APP "/customers/{customer}/profile", "getProfile", CSN_ACCESS_VIEWER,
     .app_param = true, .handle = csn_profile_show},
    {CSN_PATCH, APP "/customers/{customer}/profile", "updateProfile", CSN_ACCESS_USER,
     .app_param = true, .body_max = PROFILE, .handle = csn_profile_change},
    {CSN_GET, APP "/experiences", "listExperiences", CSN_ACCESS_VIEWER,
     .app_param = true, .handle = csn_experiences_list},
    {CSN_POST, APP "/experiences", "createExperience", CSN_ACCESS_USER,
     .app_param = true, .body_max = CONTENT, .handle = csn_experiences_create},
    {CSN_GET, APP "/experiences/{experience}", "getExperience", CSN_ACCESS_VIEWER,
     .app_param = true, .handle = csn_experiences_get},
    {CSN_PATCH, APP "/experiences/{experience}", "updateExperience", CSN_ACCESS_USER,
     .app_param = true, .body_max = CONTENT, .handle = csn_experiences_update},
    {CSN_DELETE, APP "/experiences/{experience}", "deleteExperience", CSN_ACCESS_USER,
     .app_param = true, .handle = csn_experiences_delete},
    {CSN_GET, APP "/broadcasts", "listBroadcasts", CSN_ACCESS_VIEWER,
     .app_param = true, .handle = csn_broadcasts_list},
    {CSN_POST, APP "/broadcasts", "createBroadcast", CSN_ACCESS_USER,
     .app_param = true, .body_max = CONTENT, .handle = csn_broadcasts_create},
    {CSN_GET, APP "/broadcasts/{broadcast}", "getBroadcast", CSN_ACCESS_VIEWER,
     .app_param = true, .handle = csn_broadcasts_get},
    {CSN_DELETE, APP "/broadcasts/{broadcast}", "withdrawBroadcast", CSN_ACCESS_USER,
     .app_param = true, .handle = csn_broadcasts_withdraw},
    {CSN_GET, APP "/decisions", "listDecisions", CSN_ACCESS_VIEWER,
     .app_param = true, .handle = csn_decisions_list},
    {CSN_GET, APP "/decisions/summary", "summarizeDecisions", CSN_ACCESS_VIEWER,
     .app_param = true, .handle = csn_decisions_summary},
    {CSN_GET, APP "/readiness", "getEnforcementReadiness", CSN_ACCESS_VIEWER,
     .app_param = true, .handle = csn_readiness_show},
    {CSN_POST, APP "/policy/dry-run", "dryRunPolicy", CSN_ACCESS_VIEWER,
     .app_param = true, .body_max = POLICY, .handle = csn_dry_run_of_policy},
    {CSN_POST, APP "/enforcement/dry-run", "dryRunEnforcement", CSN_ACCESS_VIEWER,
     .app_param = true, .body_max = CSN_ENFORCEMENT_JSON_MAX, .handle = csn_dry_run_of_enforcement},
    {CSN_GET, APP "/customers/{customer}/timeline", "getCustomerTimeline", CSN_ACCESS_VIEWER,
     .app_param = true, .handle = csn_timeline_of_customer},
    {CSN_GET, APP "/timeline", "findTimeline", CSN_ACCESS_VIEWER,
     .app_param = true, .handle = csn_timeline_of_identity},
    {CSN_GET, APP "/keys/{key}/blast-radius", "getKeyBlastRadius", CSN_ACCESS_VIEWER,
     .app_param = true, .handle = csn_blast_show},
    {CSN_POST, APP "/keys/{key}/revoke-sessions", "revokeKeySessions", CSN_ACCESS_ADMIN,
     .app_param = true, .handle = csn_blast_revoke},
    {CSN_GET, APP "/failures", "listFailures", CSN_ACCESS_VIEWER,
     .app_param = true, .handle = csn_failures_list},
    {CSN_GET, APP "/failures/{failure}", "diagnoseFailure", CSN_ACCESS_USER,
     .app_param = true, .handle = csn_failures_get, .slow = true},
    {CSN_POST, APP "/diagnose", "diagnoseToken", CSN_ACCESS_USER,
     .app_param = true, .body_max = DIAGNOSIS, .handle = csn_diagnosis_run, .slow = true},

    {CSN_GET, "/api/v1/audit", "listAudit", CSN_ACCESS_ADMIN, .handle = csn_audit_trail},
    {CSN_GET, "/api/v1/audit/head", "getAuditHead", CSN_ACCESS_ADMIN, .handle = csn_audit_last},

    {CSN_GET, APP "/webhooks", "listWebhooks", CSN_ACCESS_ADMIN,
     .app_param = true, .handle = csn_webhooks_list},
    {CSN_POST, APP "/webhooks", "createWebhook", CSN_ACCESS_ADMIN,
     .app_param = true, .body_max = SMALL, .handle = csn_webhooks_create},
    {CSN_GET, APP "/webhooks/{webhook}", "getWebhook", CSN_ACCESS_ADMIN,
     .app_param = true, .handle = csn_webhooks_get},
    {CSN_PATCH, APP "/webhooks/{webhook}", "updateWebhook", CSN_ACCESS_ADMIN,
     .app_param = true, .body_max = SMALL, .handle = csn_webhooks_update},
    {CSN_DELETE, APP "/webhooks/{webhook}", "deleteWebhook", CSN_ACCESS_ADMIN,
     .app_param = true, .handle = csn_webhooks_delete},
    {CSN_POST, APP "/webhooks/{webhook}/rotate", "rotateWebhookSecret", CSN_ACCESS_ADMIN,
     .app_param = true, .handle = csn_webhooks_rotate},
    {CSN_POST, APP "/webhooks/{webhook}/test", "testWebhook", CSN_ACCESS_ADMIN,
     .app_param = true, .handle = csn_webhooks_test},
    {CSN_GET, APP "/webhooks/{webhook}/deliveries", "listDeliveries", CSN_ACCESS_ADMIN,
     .app_param = true, .handle = csn_webhooks_deliveries},
    {CSN_GET, APP "/push-key", "getPushKey", CSN_ACCESS_VIEWER,
     .app_param = true, .handle = csn_push_keys_get},
    {CSN_PUT, APP "/push-key", "setPushKey", CSN_ACCESS_ADMIN,
     .app_param = true, .body_max = SMALL, .handle = csn_push_keys_put},
    {CSN_DELETE, APP "/push-key", "removePushKey", CSN_ACCESS_ADMIN,
     .app_param = true, .handle = csn_push_keys_delete},

    {CSN_GET, "/api/v1/presets", "listPresets", CSN_ACCESS_VIEWER, .handle = csn_presets_list},
    {CSN_GET, "/api/v1/presets/{preset}", "getPreset", CSN_ACCESS_VIEWER,
     .handle = csn_presets_get},

    {CSN_GET, "/healthz", "getHealth", CSN_ACCESS_PUBLIC, .handle = csn_health_alive},
    {CSN_GET, "/readyz", "getReadiness", CSN_ACCESS_PUBLIC, .handle = csn_health_ready},
    {CSN_GET, "/metrics", "getMetrics", CSN_ACCESS_PUBLIC, .handle = csn_health_metrics},
};
/* clang-format on */

#define OWN_COUNT (sizeof routes / sizeof routes[0])

size_t
csn_route_count(void)
{
    return OWN_COUNT + csn_dialect_route_count();
}

const struct csn_route *
csn_route_at(size_t index)
{
    return index < OWN_COUNT ? &routes[index] : csn_dialect_route_at(index - OWN_COUNT);
}
