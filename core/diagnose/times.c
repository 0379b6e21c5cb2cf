/* Times: units, types, zones and clocks.
 *
 * A clock that is off and an old token look alike, so these are "likely" unless something proves
 * them: a difference of a time zone's size, or a challenge of ours that is younger than the token.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/diagnose/work.h"
#include "core/numeric_date.h"

#define ZONE_TOLERANCE_S 60 /* how long ago a fresh token was made */
#define ZONE_MIN_S 3600     /* no zone is nearer to UTC, but UTC itself */
#define ZONE_MAX_S (14 * 3600)
#define DAY_S 86400
#define DURATION_MAX_S 100000000 /* three years: less is no point in time, but a length of it */
#define SAMPLE_LIFETIME_S 900    /* what the sample code of the documents gives a token */

struct time_claim {
    const char *name;
    bool present, read; /* read: a good time, in `at_us` */
    int64_t at_us;
};

struct time_claims {
    struct time_claim expires, not_before, issued;
};

static void
say_claim(struct csn_said *said, const char *name, const struct csn_json_node *node)
{
    csn_said_start(said);
    csn_said_text(said, "The claim `");
    csn_said_text(said, name);
    csn_said_text(said, "` is ");
    if (node->kind == CSN_JSON_NUMBER || node->kind == CSN_JSON_STRING)
        csn_said_value(said, node->text);
    else
        csn_said_text(said, "no number");
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

static void
say_duration(struct csn_work *w, const char *name, const struct csn_json_node *node)
{
    struct csn_said seen, fix;
    say_claim(&seen, name, node);
    csn_said_start(&fix);
    csn_said_text(&fix, "Add the clock to it: {");
    csn_said_text(&fix, name);
    csn_said_text(&fix, ": Math.floor(Date.now() / 1000)");
    csn_said_text(&fix, csn_bytes_equal_text(csn_bytes_text(name), "exp") ? " + 900}" : "}");
    csn_find(w, CSN_FINDING_TIME_IS_DURATION, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
             csn_bytes_text("That is a length of time. A NumericDate is a point in time, in "
                            "seconds since 1970 (RFC 7519 §2), so this one lies in the first "
                            "years after it."),
             csn_said_view(&fix));
}

/* A number, or what else stands there. */
static void
read_number(struct csn_work *w, struct time_claim *claim, const struct csn_json_node *node)
{
    enum csn_numeric_date kind = CSN_DATE_INVALID;
    if (node->kind == CSN_JSON_NUMBER)
        kind = csn_numeric_date_read(node->text, w->request->policy->time_unit, &claim->at_us);
    if (kind == CSN_DATE_IN_MILLISECONDS)
        say_milliseconds(w, claim->name, node);
    if (kind == CSN_DATE_INVALID)
        say_impossible(w, claim->name, node);
    claim->read = kind == CSN_DATE_READ;
    if (claim->read && claim->at_us < DURATION_MAX_S * CSN_US_PER_S) {
        say_duration(w, claim->name, node);
        claim->read = false;
    }
}

static struct time_claim
read_claim(struct csn_work *w, const char *name)
{
    const struct csn_json_node *node = csn_json_get(w->payload, name);
    struct time_claim claim = {.name = name, .present = node != NULL};
    if (node == NULL)
        return claim;
    if (node->kind == CSN_JSON_NULL)
        csn_say_empty(w, csn_bytes_text(name), node);
    else if (node->kind != CSN_JSON_STRING)
        read_number(w, &claim, node);
    else if (!csn_is_placeholder(node->text))
        say_string(w, name, node);
    return claim;
}

static int64_t
nearest_quarter(int64_t seconds)
{
    return (seconds + 450) / 900 * 900;
}

/* Returns: a difference such as a time zone makes, to within the age of a fresh token. */
static bool
is_zone(int64_t seconds)
{
    int64_t size = seconds < 0 ? -seconds : seconds;
    int64_t over = size % 1800, quarter = size % 900;
    bool half_hours = over <= ZONE_TOLERANCE_S || over >= 1800 - ZONE_TOLERANCE_S;
    /* The three zones that are off by a quarter: 5:45, 8:45 and 12:45. */
    int64_t nearest = nearest_quarter(size);
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
    csn_said_duration(&seen, nearest_quarter(off_s < 0 ? -off_s : off_s));
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

/* Returns: a time lies ahead of the clock, beyond the leeway. Out: by how much, in seconds. */
static bool
is_ahead(const struct csn_work *w, const struct time_claim *claim, int64_t *ahead_s)
{
    int64_t ahead_us = claim->at_us - w->now_us;
    *ahead_s = ahead_us / CSN_US_PER_S;
    return claim->read && ahead_us > w->leeway_us;
}

static void
check_issued_ahead(struct csn_work *w, const struct time_claim *issued)
{
    int64_t ahead_s = 0;
    if (!is_ahead(w, issued, &ahead_s))
        return;
    if (is_zone(ahead_s))
        say_zone(w, issued->name, ahead_s, CSN_CONFIDENCE_LIKELY);
    say_clock(w, CSN_FINDING_CLOCK_AHEAD, ahead_s, CSN_CONFIDENCE_LIKELY);
}

/* Without iat, an nbf that is a little ahead was most likely meant to be now. */
static void
check_not_before(struct csn_work *w, const struct time_claims *t)
{
    int64_t ahead_s = 0;
    if (!is_ahead(w, &t->not_before, &ahead_s))
        return;
    if (!t->issued.read && is_zone(ahead_s))
        say_zone(w, t->not_before.name, ahead_s, CSN_CONFIDENCE_LIKELY);
    if (!t->issued.read && ahead_s < DAY_S)
        say_clock(w, CSN_FINDING_CLOCK_AHEAD, ahead_s, CSN_CONFIDENCE_LIKELY);
    struct csn_said seen;
    csn_said_start(&seen);
    csn_said_text(&seen, "The claim `nbf` lies ");
    csn_said_duration(&seen, ahead_s);
    csn_said_text(&seen, " in the future.");
    csn_find(w, CSN_FINDING_NOT_YET_VALID, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
             csn_bytes_text("Before that time the token is not valid (RFC 7519 §4.1.5)."),
             csn_bytes_text("Leave nbf out, or set it to now: jwt.sign(claims, secret)"));
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
        int64_t behind_us = n->issued_ms * CSN_US_PER_MS - issued->at_us;
        if (n->issued_ms == 0 || !csn_bytes_equal(n->nonce, nonce) || behind_us <= w->leeway_us)
            continue;
        int64_t behind_s = behind_us / CSN_US_PER_S;
        if (is_zone(behind_s))
            say_zone(w, issued->name, -behind_s, CSN_CONFIDENCE_CERTAIN);
        say_clock(w, CSN_FINDING_CLOCK_BEHIND, behind_s, CSN_CONFIDENCE_CERTAIN);
        return true;
    }
    return false;
}

static void
say_age(struct csn_work *w, enum csn_finding_code code, int64_t age_us, const char *what,
        const char *why, const char *fix)
{
    struct csn_said seen;
    csn_said_start(&seen);
    csn_said_text(&seen, what);
    csn_said_duration(&seen, age_us / CSN_US_PER_S);
    csn_said_text(&seen, " ago.");
    csn_find(w, code, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen), csn_bytes_text(why),
             csn_bytes_text(fix));
}

/* Returns: the token has ended: by its exp, or by iat and the policy's longest lifetime. */
static bool
has_ended(const struct csn_work *w, const struct time_claims *t, int64_t *ended_us)
{
    int64_t lifetime_s = w->request->policy->lifetime_max_s;
    bool derived = !t->expires.present && t->issued.read && lifetime_s >= 0;
    int64_t end_us = derived ? t->issued.at_us + lifetime_s * CSN_US_PER_S : t->expires.at_us;
    *ended_us = w->now_us - end_us;
    return (t->expires.read || derived) && *ended_us >= w->leeway_us;
}

static void
check_past(struct csn_work *w, const struct time_claims *t)
{
    int64_t window_s = w->request->policy->issued_within_s;
    int64_t ended_us = 0, age_us = w->now_us - t->issued.at_us;
    bool ended = has_ended(w, t, &ended_us);
    bool too_old =
        t->issued.read && window_s >= 0 && age_us > window_s * CSN_US_PER_S + w->leeway_us;
    if (!ended && !too_old)
        return;
    /* Without iat only the sample code's lifetime can tell when the token was made. */
    int64_t off_s =
        t->issued.read ? -age_us / CSN_US_PER_S : -ended_us / CSN_US_PER_S - SAMPLE_LIFETIME_S;
    if (is_zone(off_s))
        say_zone(w, t->issued.read ? "iat" : "exp", off_s, CSN_CONFIDENCE_LIKELY);
    if (ended)
        say_age(w, CSN_FINDING_EXPIRED, ended_us, "The token ended ",
                "Past its exp (or its longest lifetime) a token is refused (RFC 7519 §4.1.4).",
                "Fetch a fresh token when the SDK asks for one, not only at the app's start.");
    if (too_old)
        say_age(w, CSN_FINDING_ISSUED_TOO_LONG_AGO, age_us, "The token was issued ",
                "For a login this app accepts only tokens issued just before.",
                "Mint the token when the user logs in; do not keep one.");
    if (t->issued.read && age_us > w->leeway_us)
        say_clock(w, CSN_FINDING_CLOCK_BEHIND, age_us / CSN_US_PER_S, CSN_CONFIDENCE_POSSIBLE);
}

static void
check_order(struct csn_work *w, const struct time_claims *t)
{
    if (!t->issued.read || !t->expires.read || t->expires.at_us >= t->issued.at_us)
        return;
    struct csn_said seen;
    csn_said_start(&seen);
    csn_said_text(&seen, "The claim `exp` is ");
    csn_said_int(&seen, t->expires.at_us / CSN_US_PER_S);
    csn_said_text(&seen, ", `iat` is ");
    csn_said_int(&seen, t->issued.at_us / CSN_US_PER_S);
    csn_said_text(&seen, ".");
    csn_find(
        w, CSN_FINDING_EXP_BEFORE_IAT, CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
        csn_bytes_text("The token would end before it begins: a lifetime was subtracted, or the "
                       "two are in different zones."),
        csn_bytes_text("exp = iat + 900"));
}

static void
check_lifetime(struct csn_work *w, const struct time_claims *t)
{
    int64_t max_s = w->request->policy->lifetime_max_s;
    int64_t from_us = t->issued.read ? t->issued.at_us : w->now_us + w->leeway_us;
    int64_t life_us = t->expires.at_us - from_us;
    if (!t->expires.read || max_s < 0 || life_us <= max_s * CSN_US_PER_S)
        return;
    struct csn_said seen, fix;
    csn_said_start(&seen);
    csn_said_text(&seen, t->issued.read ? "From iat to exp it is " : "From now to exp it is ");
    csn_said_duration(&seen, life_us / CSN_US_PER_S);
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

/* A window needs an iat, a bounded life an exp or an iat, whether the policy requires them by name
 * or not. */
static void
check_presence(struct csn_work *w, const struct time_claims *t)
{
    const struct csn_policy *p = w->request->policy;
    if (!t->issued.present && p->issued_within_s >= 0)
        csn_say_missing(w, csn_bytes_text("iat"));
    if (!t->issued.present && !t->expires.present && p->lifetime_max_s >= 0)
        csn_say_missing(w, csn_bytes_text("exp"));
}

void
csn_diagnose_times(struct csn_work *w)
{
    struct time_claims t = {
        .expires = read_claim(w, "exp"),
        .not_before = read_claim(w, "nbf"),
        .issued = read_claim(w, "iat"),
    };
    check_presence(w, &t);
    check_issued_ahead(w, &t.issued);
    check_order(w, &t);
    if (!check_against_challenge(w, &t.issued))
        check_past(w, &t);
    check_not_before(w, &t);
    check_lifetime(w, &t);
}
