/* Recording: copies what may be kept into a decision.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/record.h"

#include <string.h>

#include "server/api/route.h"
#include "server/api/sdk_form.h"
#include "server/domain/pseudonym.h"

/* Cut, never refused: recording must not fail a request. */
static void
copy_text(char *to, size_t cap, struct csn_bytes from)
{
    size_t len = from.len < cap ? from.len : cap - 1;
    if (len > 0)
        memcpy(to, from.ptr, len);
    to[len] = '\0';
}

static void
copy_times(struct csn_decision *decision, const struct csn_verdict *verdict, int64_t now_ms)
{
    decision->expires_ms = verdict->has_expires_at ? verdict->expires_at_ms : 0;
    decision->has_skew = verdict->has_issued_at;
    if (!verdict->has_issued_at)
        return;
    decision->skew_ms = now_ms - verdict->issued_at_ms;
    if (verdict->has_expires_at)
        decision->lifetime_ms = verdict->expires_at_ms - verdict->issued_at_ms;
}

/* Who it was about, as far as readiness and dry runs count them; not at the gateway, where neither
 * enforcement nor a device has a say. */
static void
copy_visitor(struct csn_exchange *x, const struct csn_judged *judged, struct csn_decision *decision)
{
    struct csn_bytes device = judged->device.id;
    csn_pseudonym_of(x->app, judged->identity, decision->pseudonym);
    decision->percentile = -1;
    if (judged->endpoint == CSN_ENDPOINT_GATEWAY)
        return;
    csn_pseudonym_of_device(x->app, device, decision->device);
    struct csn_bytes who = judged->identity.len > 0 ? judged->identity : device;
    if (who.len > 0)
        decision->percentile = (int8_t)csn_enforcement_percentile(x->app, who);
}

static uint8_t
facts_of(const struct csn_judged *judged)
{
    if (judged->token.len == 0)
        return 0;
    return (uint8_t)(CSN_FACT_TOKEN | (judged->verdict->nonce.len > 0 ? CSN_FACT_NONCE : 0) |
                     (judged->verdict->has_expires_at ? CSN_FACT_EXPIRY : 0));
}

void
csn_record(struct csn_exchange *x, const struct csn_judged *judged)
{
    if (x->service->decisions == NULL)
        return;
    struct csn_decision decision = {.at_ms = x->now_ms,
                                    .app = x->app->id,
                                    .key_number = judged->key_number,
                                    .algorithm = judged->verdict->algorithm,
                                    .reason = judged->reason,
                                    .endpoint = judged->endpoint,
                                    .assurance = judged->assurance,
                                    .mode = judged->mode,
                                    .admitted = judged->admitted,
                                    .facts = facts_of(judged)};
    copy_visitor(x, judged, &decision);
    copy_text(decision.platform, sizeof decision.platform, judged->device.platform);
    copy_text(decision.app_version, sizeof decision.app_version, judged->device.app_version);
    copy_text(decision.sdk_version, sizeof decision.sdk_version, judged->device.sdk_version);
    copy_times(&decision, judged->verdict, x->now_ms);
    csn_decisions_record(x->service->decisions, &decision);
    csn_evidence_keep(x->service->evidence, x->app, &decision,
                      &(struct csn_presented){.token = judged->token,
                                              .identity = judged->identity,
                                              .device = judged->device.id});
}

/* Returns: the mode that decided, or would have: enforcement is for tokens and their absence, not
 * for sessions of ours, and not for proxies. */
static enum csn_enforcement_mode
mode_of(const struct csn_exchange *x)
{
    if (x->caller.kind == CSN_BEARER_SESSION || x->route->endpoint == CSN_ENDPOINT_GATEWAY)
        return CSN_ENFORCE_UNSET;
    enum csn_enforcement_mode applied = x->enforced.applied;
    return applied != CSN_ENFORCE_UNSET ? applied : x->app->enforcement.mode;
}

/* Returns: the key of the app that verified the token's signature, whatever followed; 0: none. */
static int64_t
key_number_of(const struct csn_caller *caller)
{
    if (caller->verdict.reason == CSN_REASON_ACCEPTED)
        return caller->key_number;
    bool is_theirs = caller->kind == CSN_BEARER_TOKEN && caller->verdict.key != NULL;
    return is_theirs ? caller->verdict.key->number : 0;
}

/* Whom the call was about: the identity that was proved, else the one it claims. */
static struct csn_bytes
identity_of(const struct csn_exchange *x)
{
    const struct csn_caller *caller = &x->caller;
    return caller->identity_len > 0 ? csn_bytes_of(caller->identity, caller->identity_len)
                                    : x->claimed;
}

void
csn_record_caller(struct csn_exchange *x)
{
    const struct csn_caller *caller = &x->caller;
    bool accepted = caller->verdict.reason == CSN_REASON_ACCEPTED;
    bool admitted = accepted || x->enforced.admitted;
    bool is_theirs = caller->kind == CSN_BEARER_TOKEN;
    csn_record(x, &(struct csn_judged){
                      .verdict = &caller->verdict,
                      .reason = caller->verdict.reason,
                      .endpoint = x->route->endpoint,
                      .assurance = admitted ? caller->assurance : CSN_ASSURANCE_NONE,
                      .mode = mode_of(x),
                      .admitted = admitted,
                      .key_number = key_number_of(caller),
                      .token = is_theirs ? x->bearer : (struct csn_bytes){0},
                      .identity = identity_of(x),
                      .device = csn_sdk_device_of(caller),
                  });
}
