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
    decision->has_skew = verdict->has_issued_at;
    if (!verdict->has_issued_at)
        return;
    decision->skew_ms = now_ms - verdict->issued_at_ms;
    if (verdict->has_expires_at)
        decision->lifetime_ms = verdict->expires_at_ms - verdict->issued_at_ms;
}

void
csn_record(struct csn_exchange *x, const struct csn_judged *judged)
{
    if (x->service->decisions == NULL)
        return;
    struct csn_decision decision = {
        .at_ms = x->now_ms,
        .app = x->app->id,
        .key_number = judged->key_number,
        .algorithm = judged->verdict->algorithm,
        .reason = judged->reason,
        .endpoint = judged->endpoint,
        .assurance = judged->assurance,
        .mode = judged->mode != CSN_ENFORCE_UNSET ? judged->mode : x->app->enforcement.mode,
        .admitted = judged->admitted};
    csn_pseudonym_of(x->app, judged->identity, decision.pseudonym);
    copy_text(decision.platform, sizeof decision.platform, judged->device.platform);
    copy_text(decision.app_version, sizeof decision.app_version, judged->device.app_version);
    copy_text(decision.sdk_version, sizeof decision.sdk_version, judged->device.sdk_version);
    copy_times(&decision, judged->verdict, x->now_ms);
    csn_decisions_record(x->service->decisions, &decision);
}

void
csn_record_caller(struct csn_exchange *x)
{
    const struct csn_caller *caller = &x->caller;
    bool accepted = caller->verdict.reason == CSN_REASON_ACCEPTED;
    bool admitted = accepted || x->enforced.admitted;
    csn_record(x, &(struct csn_judged){
                      .verdict = &caller->verdict,
                      .reason = caller->verdict.reason,
                      .endpoint = x->route->endpoint,
                      .assurance = admitted ? caller->assurance : CSN_ASSURANCE_NONE,
                      .mode = x->enforced.applied,
                      .admitted = admitted,
                      .key_number = accepted ? caller->key_number : 0,
                      .identity = csn_bytes_of(caller->identity, caller->identity_len),
                      .device = csn_sdk_device_of(caller),
                  });
}
