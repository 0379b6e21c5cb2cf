/* Enforcement, the rules: see enforcement.h for the table. Pure: no store, no clock, no heap.
 *
 * Zero denies: an unset mode is judged as REQUIRED, and an undecided reason is refused in every
 * mode.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/enforcement.h"

#include "core/crypto.h"
#include "server/domain/version.h"

static bool
admits_without_proof(enum csn_enforcement_mode mode, bool token_came)
{
    if (mode == CSN_ENFORCE_OFF || mode == CSN_ENFORCE_MONITOR)
        return true;
    return mode == CSN_ENFORCE_OPTIONAL && !token_came;
}

/* Reasons that speak of the app, the server or the caller's right to ask, not of the token: no mode
 * softens them. All else is a missing proof (decision 0006). */
static bool
is_beyond_enforcement(enum csn_reason reason)
{
    return reason == CSN_UNDECIDED || reason == CSN_REASON_APP_UNKNOWN ||
           reason == CSN_REASON_APP_SUSPENDED || reason == CSN_REASON_RATE_LIMITED ||
           reason == CSN_REASON_UNAVAILABLE;
}

static const struct csn_enforcement_version *
version_rule(const struct csn_enforcement *e, struct csn_bytes platform)
{
    const struct csn_enforcement_version *any = NULL;
    for (size_t i = 0; i < e->version_count; i++) {
        if (csn_bytes_equal_nocase(e->versions[i].platform, platform))
            return &e->versions[i];
        if (csn_bytes_equal_text(e->versions[i].platform, "*"))
            any = &e->versions[i];
    }
    return any;
}

static bool
version_reached(const struct csn_enforcement *e, const struct csn_device_facts *device)
{
    if (e->version_count == 0)
        return true;
    const struct csn_enforcement_version *rule = version_rule(e, device->platform);
    return rule != NULL && device->app_version.len > 0 &&
           csn_version_compare(device->app_version, rule->min_version) >= 0;
}

unsigned
csn_enforcement_percentile(const struct csn_app *app, struct csn_bytes who)
{
    uint8_t text[CSN_ID_LENGTH + CSN_IDENTITY_MAX + 1];
    struct csn_buffer joined = csn_buffer_over(text, sizeof text);
    csn_buffer_append(&joined, csn_bytes_of(app->id.text, CSN_ID_LENGTH));
    csn_buffer_append(&joined, who);
    uint8_t digest[32];
    csn_sha256(csn_buffer_view(&joined), digest);
    uint32_t number = (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 |
                      (uint32_t)digest[2] << 8 | digest[3];
    return number % 100;
}

/* A share of customers can be taken of those who are somebody; nobody in particular is in none. */
static bool
is_within(const struct csn_app *app, struct csn_bytes who)
{
    unsigned percentage = app->enforcement.percentage;
    return percentage >= 100 || (who.len > 0 && csn_enforcement_percentile(app, who) < percentage);
}

static bool
is_exempt(const struct csn_enforcement *e, struct csn_bytes identity, int64_t now_ms)
{
    if (identity.len == 0)
        return false;
    for (size_t i = 0; i < e->exemption_count; i++) {
        if (now_ms < e->exemptions[i].until_ms &&
            csn_bytes_equal(e->exemptions[i].identity, identity))
            return true;
    }
    return false;
}

static enum csn_enforcement_mode
mode_for(const struct csn_app *app, const struct csn_enforcement_case *of, int64_t now_ms)
{
    const struct csn_enforcement *e = &app->enforcement;
    struct csn_bytes who = of->identity.len > 0 ? of->identity : of->device.id;
    bool applies = (e->until_ms == 0 || now_ms < e->until_ms) && version_reached(e, &of->device) &&
                   is_within(app, who) && !is_exempt(e, of->identity, now_ms);
    return applies ? e->mode : e->otherwise;
}

struct csn_enforcement_answer
csn_enforce(const struct csn_app *app, const struct csn_enforcement_case *of, int64_t now_ms)
{
    struct csn_enforcement_answer answer = {
        .reason = of->reason,
        .applied = mode_for(app, of, now_ms),
    };
    if (is_beyond_enforcement(of->reason))
        return answer;
    if (of->reason == CSN_REASON_ACCEPTED) {
        answer.admitted = true;
        answer.assurance = CSN_ASSURANCE_VERIFIED;
        return answer;
    }
    bool token_came = of->reason != CSN_REASON_MISSING;
    bool anonymous_start = !token_came && of->identity.len == 0 && app->policy.missing_is_anonymous;
    if (!anonymous_start && !admits_without_proof(answer.applied, token_came)) {
        answer.reason = token_came ? of->reason : CSN_REASON_ENFORCEMENT_MISSING;
        return answer;
    }
    answer.admitted = true;
    answer.assurance = of->identity.len > 0 ? CSN_ASSURANCE_CLAIMED : CSN_ASSURANCE_ANONYMOUS;
    answer.tell = token_came && answer.applied == CSN_ENFORCE_MONITOR;
    return answer;
}

bool
csn_enforcement_admits(const struct csn_enforcement *e, const struct csn_enforcement_replay *replay,
                       bool as_it_was)
{
    enum csn_reason reason = replay->reason;
    if (is_beyond_enforcement(reason) || reason == CSN_REASON_ACCEPTED)
        return as_it_was;
    bool within = e->percentage >= 100 ||
                  (replay->percentile >= 0 && (unsigned)replay->percentile < e->percentage);
    bool applies = version_reached(e, &replay->device) && within && !replay->exempt;
    bool token_came = reason != CSN_REASON_MISSING && reason != CSN_REASON_ENFORCEMENT_MISSING;
    bool anonymous_start = !token_came && !replay->named && replay->missing_is_anonymous;
    return anonymous_start || admits_without_proof(applies ? e->mode : e->otherwise, token_came);
}
