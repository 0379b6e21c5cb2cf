/* The presets: what each known system's documents ask of a token, as policy documents. Immutable:
 * a rule that changes is a new preset with a new date. tests/unit/core/presets/ shows each in full.
 *
 * What only the app's owner knows stays unset here and belongs in the app's own policy: `issuer`
 * (the account id of appcues, the app id of onesignal), `audience` (dotdigital).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "countersign/policy.h"

#define DAYS_30 "2592000"
#define DAYS_31 "2678400"
#define YEAR "31536000"
#define FIXED "2026-11-21"

static const struct csn_preset presets[] = {
    {"alchemer", FIXED, "Alchemer Mobile (Apptentive): HS512, sub and iat, at most 30 days",
     "{\"algorithms\":[\"HS512\"],\"identity\":[\"sub\"],\"required\":[\"sub\",\"iat\"],"
     "\"lifetime_max_s\":" DAYS_30 ",\"use\":\"every_request\",\"logout_revokes_token\":true}"},

    {"kustomer", FIXED, "Kustomer: HS256, typ JWT, email or externalId, issued within 15 minutes",
     "{\"algorithms\":[\"HS256\"],\"type\":\"JWT\",\"identity\":[\"email\",\"externalId\"],"
     "\"required\":[\"iat\"],\"issued_within_s\":900,\"use\":\"session\"}"},

    {"moengage", FIXED, "MoEngage: RS256, ES256 or EdDSA with the customer's own key pair",
     "{\"algorithms\":[\"RS256\",\"ES256\",\"EdDSA\"],\"identity\":[\"sub\"],"
     "\"required\":[\"sub\",\"exp\"],\"lifetime_max_s\":" DAYS_30 ",\"use\":\"every_request\"}"},

    {"appcues", FIXED, "Appcues: HS256, iss (the account id), sub and exp on every request",
     "{\"algorithms\":[\"HS256\"],\"identity\":[\"sub\"],\"required\":[\"iss\",\"sub\",\"exp\"],"
     "\"lifetime_max_s\":" DAYS_30 ",\"use\":\"every_request\"}"},

    /* The Java sample of its documents writes milliseconds, the others fractions of a second; 30
     * calendar days are an hour longer where the clocks change, hence 31. */
    {"dotdigital", FIXED, "Dotdigital (Comapi): HS256, iss, aud and the challenge's nonce",
     "{\"algorithms\":[\"HS256\"],\"identity\":[\"sub\"],"
     "\"required\":[\"iss\",\"aud\",\"sub\",\"iat\",\"exp\"],\"nonce\":\"required\","
     "\"lifetime_max_s\":" DAYS_31 ",\"time_unit\":\"auto\",\"use\":\"session\"}"},

    {"braze", FIXED, "Braze: RS256, typ JWT, sub and exp on every request",
     "{\"algorithms\":[\"RS256\"],\"type\":\"JWT\",\"identity\":[\"sub\"],"
     "\"required\":[\"sub\",\"exp\"],\"use\":\"every_request\"}"},

    {"onesignal", FIXED, "OneSignal: ES256, iss (the app id), sub or identity.external_id",
     "{\"algorithms\":[\"ES256\"],\"identity\":[\"sub\",\"/identity/external_id\"],"
     "\"required\":[\"iss\",\"exp\"],\"use\":\"every_request\"}"},

    {"iterable", FIXED, "Iterable: HS256, email or userId, iat and exp within one year",
     "{\"algorithms\":[\"HS256\"],\"identity\":[\"email\",\"userId\"],"
     "\"required\":[\"iat\",\"exp\"],\"lifetime_max_s\":" YEAR ",\"use\":\"every_request\"}"},

    {"intercom", FIXED, "Intercom: HS256, user_id and exp",
     "{\"algorithms\":[\"HS256\"],\"identity\":[\"user_id\"],"
     "\"required\":[\"user_id\",\"exp\"],\"use\":\"session\"}"},

    {"zendesk", FIXED, "Zendesk: HS256 with kid, scope user, external_id",
     "{\"algorithms\":[\"HS256\"],\"kid_required\":true,\"identity\":[\"external_id\"],"
     "\"required\":[\"external_id\",\"scope\"],\"equals\":{\"scope\":\"user\"},"
     "\"use\":\"session\"}"},

    {"generic", FIXED, "Any backend: HS256, sub and exp",
     "{\"algorithms\":[\"HS256\"],\"identity\":[\"sub\"],\"required\":[\"sub\",\"exp\"],"
     "\"use\":\"session\"}"},
};
#define PRESETS (sizeof presets / sizeof *presets)

size_t
csn_preset_count(void)
{
    return PRESETS;
}

const struct csn_preset *
csn_preset_at(size_t index)
{
    return index < PRESETS ? &presets[index] : NULL;
}

const struct csn_preset *
csn_preset_find(struct csn_bytes name)
{
    for (size_t i = 0; i < PRESETS; i++)
        if (csn_bytes_equal_text(name, presets[i].name))
            return &presets[i];
    return NULL;
}
