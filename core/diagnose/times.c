/* Times: units, types, zones and clocks.
 *
 * A clock that is off and an old token look alike, so these are "likely" unless something proves
 * them: a difference of a time zone's size, or a challenge of ours that is younger than the token.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/diagnose/work.h"
#include "core/numeric_date.h"

#define ZONE_TOLERANCE_S 60 /* how long ago a fresh token was made */
#define ZONE_MIN_S 1800
#define ZONE_MAX_S (14 * 3600)
#define SAMPLE_LIFETIME_S 900 /* what the sample code of the documents gives a token */

struct time_claim {
    const char *name;
    bool present, read; /* read: a good time, in `at_s` */
    int64_t at_s;
};

static void
say_claim(struct csn_said *said, const char *name, const struct csn_json_node *node)
{
    csn_said_start(said);
    csn_said_text(said, "The claim `");
    csn_said_text(said, name);
    csn_said_text(said, "` is ");
    csn_said_value(said, node->text);
    csn_said_text(said, ".");
}

static void
say_milliseconds(struct csn_work *w, const char *name, const struct csn_json_node *node)
{
    struct csn_said seen;
    say_claim(&seen, name, node);
    csn_find(w, CSN_FINDING_TIME_MILLISECONDS, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
             csn_bytes_text("That is milliseconds. A NumericDate counts seconds (RFC 7519 §2), so "
                            "it lies tens of thousands of years ahead."),
             csn_bytes_text("Divide by 1000: Math.floor(Date.now() / 1000)\nJava: "
                            "System.currentTimeMillis() / 1000, or setIssuedAt(new Date())"));
}

static void
say_string(struct csn_work *w, const char *name, const struct csn_json_node *node)
{
    struct csn_said seen;
    say_claim(&seen, name, node);
    csn_find(w, CSN_FINDING_TIME_STRING, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
             csn_bytes_text("It must be a JSON number, without quotation marks (RFC 7519 §2)."),
             csn_bytes_text("Give the number: {\"exp\": Math.floor(Date.now() / 1000) + 900}"));
}

static void
say_impossible(struct csn_work *w, const char *name, const struct csn_json_node *node)
{
    struct csn_said seen;
    say_claim(&seen, name, node);
    csn_find(w, CSN_FINDING_CLAIM_INVALID, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
             csn_bytes_text("A time is a number of seconds between 1970 and the year 9999."),
             csn_bytes_text("Set it from the clock: Math.floor(Date.now() / 1000)"));
}

static struct time_claim
read_claim(struct csn_work *w, const char *name)
{
    struct time_claim claim = {.name = name};
    const struct csn_json_node *node = csn_json_get(w->payload, name);
    if (node == NULL)
        return claim;
    claim.present = true;
    if (node->kind == CSN_JSON_STRING) {
        if (!csn_found(w, CSN_FINDING_PLACEHOLDER))
            say_string(w, name, node);
        return claim;
    }
    int64_t us = 0;
    enum csn_numeric_date kind = CSN_DATE_INVALID;
    if (node->kind == CSN_JSON_NUMBER)
        kind = csn_numeric_date_read(node->text, w->request->policy->time_unit, &us);
    if (kind == CSN_DATE_IN_MILLISECONDS)
        say_milliseconds(w, name, node);
    if (kind == CSN_DATE_INVALID)
        say_impossible(w, name, node);
    claim.read = kind == CSN_DATE_READ;
    claim.at_s = us / CSN_US_PER_S;
    return claim;
}

/* Returns: a difference such as a time zone makes, to within the age of a fresh token. */
static bool
is_zone(int64_t seconds)
{
    int64_t size = seconds < 0 ? -seconds : seconds;
    int64_t over = size % 1800, quarter = size % 900;
    bool half_hours = over <= ZONE_TOLERANCE_S || over >= 1800 - ZONE_TOLERANCE_S;
    /* The three zones that are off by a quarter: 5:45, 8:45 and 12:45. */
    int64_t nearest = (size + 450) / 900 * 900;
    bool odd = (quarter <= ZONE_TOLERANCE_S || quarter >= 900 - ZONE_TOLERANCE_S) &&
               (nearest == 20700 || nearest == 31500 || nearest == 45900);
    return size >= ZONE_MIN_S - ZONE_TOLERANCE_S && size <= ZONE_MAX_S + ZONE_TOLERANCE_S &&
           (half_hours || odd);
}

static void
say_zone(struct csn_work *w, const char *name, int64_t off_s, enum csn_confidence confidence)
{
    struct csn_said seen;
    csn_said_start(&seen);
    csn_said_text(&seen, "The claim `");
    csn_said_text(&seen, name);
    csn_said_text(&seen, "` is off by ");
    csn_said_duration(&seen, off_s < 0 ? -off_s : off_s);
    csn_said_text(&seen, off_s < 0 ? " into the past." : " into the future.");
    csn_find(w, CSN_FINDING_TIME_LOCAL, confidence, csn_said_view(&seen),
             csn_bytes_text("That is the size of a time zone: local time was taken for UTC."),
             csn_bytes_text("Python: datetime.datetime.now(datetime.timezone.utc), not "
                            "datetime.now() or utcnow().timestamp()\nor simply int(time.time())"));
}

static void
say_clock(struct csn_work *w, enum csn_finding_code code, int64_t off_s,
          enum csn_confidence confidence)
{
    struct csn_said seen;
    csn_said_start(&seen);
    csn_said_text(&seen, "By this token the signing server's clock is ");
    csn_said_duration(&seen, off_s);
    csn_said_text(&seen, code == CSN_FINDING_CLOCK_AHEAD ? " ahead."
                                                         : " behind, or the token is "
                                                           "that old.");
    csn_find(
        w, code, confidence, csn_said_view(&seen),
        csn_bytes_text("Tokens are judged by this server's clock, with a small leeway."),
        csn_bytes_text("Let the signing server follow a time server: timedatectl set-ntp true"));
}

/* iat or nbf ahead of the clock. */
static void
check_ahead(struct csn_work *w, const struct time_claim *claim, enum csn_finding_code plain)
{
    int64_t ahead_s = claim->at_s - w->now_ms / 1000;
    if (!claim->read || ahead_s <= w->request->policy->leeway_s)
        return;
    if (is_zone(ahead_s))
        say_zone(w, claim->name, ahead_s, CSN_CONFIDENCE_LIKELY);
    if (plain == CSN_FINDING_CLOCK_AHEAD || ahead_s < 86400)
        say_clock(w, CSN_FINDING_CLOCK_AHEAD, ahead_s, CSN_CONFIDENCE_LIKELY);
    if (plain != CSN_FINDING_CLOCK_AHEAD)
        csn_find_text(w, plain, CSN_CONFIDENCE_CERTAIN, "The claim `nbf` lies in the future.",
                      "Before that time the token is not valid (RFC 7519 §4.1.5).",
                      "Leave nbf out, or set it to now: jwt.sign(claims, secret)");
}

/* Returns: what a nonce proves: our challenge is younger than the token claims to be. */
static bool
check_against_challenge(struct csn_work *w, const struct time_claim *issued)
{
    struct csn_bytes nonce;
    if (!issued->read || !csn_json_get_text(w->payload, "nonce", &nonce))
        return false;
    for (size_t i = 0; i < w->request->nonce_count; i++) {
        const struct csn_diagnosis_nonce *n = &w->request->nonces[i];
        int64_t behind_s = n->issued_ms / 1000 - issued->at_s;
        if (n->issued_ms == 0 || !csn_bytes_equal(n->nonce, nonce) ||
            behind_s <= w->request->policy->leeway_s)
            continue;
        if (is_zone(behind_s))
            say_zone(w, issued->name, -behind_s, CSN_CONFIDENCE_CERTAIN);
        say_clock(w, CSN_FINDING_CLOCK_BEHIND, behind_s, CSN_CONFIDENCE_CERTAIN);
        return true;
    }
    return false;
}

/* When the token ends: its exp, or iat and the policy's longest lifetime. */
static bool
end_of(const struct csn_work *w, const struct time_claim *issued, const struct time_claim *expires,
       int64_t *end_s)
{
    int64_t lifetime_s = w->request->policy->lifetime_max_s;
    *end_s = expires->read ? expires->at_s : issued->at_s + lifetime_s;
    return expires->read || (!expires->present && issued->read && lifetime_s >= 0);
}

static void
say_age(struct csn_work *w, enum csn_finding_code code, int64_t age_s, const char *what,
        const char *why, const char *fix)
{
    struct csn_said seen;
    csn_said_start(&seen);
    csn_said_text(&seen, what);
    csn_said_duration(&seen, age_s);
    csn_said_text(&seen, " ago.");
    csn_find(w, code, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen), csn_bytes_text(why),
             csn_bytes_text(fix));
}

static void
check_past(struct csn_work *w, const struct time_claim *issued, const struct time_claim *expires)
{
    const struct csn_policy *policy = w->request->policy;
    int64_t now_s = w->now_ms / 1000, end_s = 0, age_s = now_s - issued->at_s;
    bool ended = end_of(w, issued, expires, &end_s) && now_s >= end_s + policy->leeway_s;
    bool too_old = issued->read && policy->issued_within_s >= 0 &&
                   age_s > policy->issued_within_s + policy->leeway_s;
    if (!ended && !too_old)
        return;
    /* Without iat only the sample code's lifetime can tell when the token was made. */
    int64_t off_s = issued->read ? -age_s : end_s - SAMPLE_LIFETIME_S - now_s;
    if (is_zone(off_s))
        say_zone(w, issued->read ? "iat" : "exp", off_s, CSN_CONFIDENCE_LIKELY);
    if (ended)
        say_age(w, CSN_FINDING_EXPIRED, now_s - end_s, "The token ended ",
                "Past its exp (or its longest lifetime) a token is refused (RFC 7519 §4.1.4).",
                "Fetch a fresh token when the SDK asks for one, not only at the app's start.");
    if (too_old)
        say_age(w, CSN_FINDING_ISSUED_TOO_LONG_AGO, age_s, "The token was issued ",
                "For a login this app accepts only tokens issued just before.",
                "Mint the token when the user logs in; do not keep one.");
    if (issued->read && age_s > policy->leeway_s)
        say_clock(w, CSN_FINDING_CLOCK_BEHIND, age_s, CSN_CONFIDENCE_POSSIBLE);
}

static void
check_lifetime(struct csn_work *w, const struct time_claim *issued,
               const struct time_claim *expires)
{
    int64_t max_s = w->request->policy->lifetime_max_s;
    if (!expires->read)
        return;
    if (issued->read && expires->at_s < issued->at_s)
        csn_find_text(w, CSN_FINDING_EXP_BEFORE_IAT, CSN_CONFIDENCE_CERTAIN,
                      "The claim `exp` lies before `iat`.",
                      "The token would end before it begins: a lifetime was subtracted, or the "
                      "two are in different units or zones.",
                      "exp = iat + 900");
    int64_t from_s = issued->read ? issued->at_s : w->now_ms / 1000 + w->request->policy->leeway_s;
    int64_t life_s = expires->at_s - from_s;
    if (max_s < 0 || life_s <= max_s)
        return;
    struct csn_said seen, fix;
    csn_said_start(&seen);
    csn_said_text(&seen, "From iat to exp it is ");
    csn_said_duration(&seen, life_s);
    csn_said_text(&seen, "; the policy allows ");
    csn_said_duration(&seen, max_s);
    csn_said_text(&seen, ".");
    csn_said_start(&fix);
    csn_said_text(&fix, "Set a shorter one: exp = iat + ");
    csn_said_int(&fix, max_s);
    csn_find(w, CSN_FINDING_LIFETIME_TOO_LONG, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
             csn_bytes_text("A stolen token is good until it ends, so the policy bounds its life."),
             csn_said_view(&fix));
}

void
csn_diagnose_times(struct csn_work *w)
{
    struct time_claim expires = read_claim(w, "exp");
    struct time_claim not_before = read_claim(w, "nbf");
    struct time_claim issued = read_claim(w, "iat");
    check_ahead(w, &issued, CSN_FINDING_CLOCK_AHEAD);
    if (!check_against_challenge(w, &issued) && !csn_found(w, CSN_FINDING_CLOCK_AHEAD)) {
        if (issued.read && expires.read && expires.at_s < issued.at_s)
            check_lifetime(w, &issued, &expires);
        check_past(w, &issued, &expires);
    }
    check_ahead(w, &not_before, CSN_FINDING_NOT_YET_VALID);
    check_lifetime(w, &issued, &expires);
}
