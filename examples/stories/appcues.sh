#!/bin/sh
# Appcues: the signature is the bearer of every request. Enforcement starts off; real traffic tells
# what it would refuse; then it is switched on, as the documents print it, and off again.
# SPDX-License-Identifier: Apache-2.0
set -eu
# shellcheck source-path=SCRIPTDIR source=story.sh
. "$(dirname "$0")/story.sh"

say "The account 4242, one SDK key, and the pair of the API."
printf '{"issuer":"4242"}' >"$work/policy"
app=$("$COUNTERSIGN" app create --preset appcues --policy "$work/policy" "Appcues story" | get .id)
manage POST /api-keys "{\"name\":\"operations\",\"roles\":[\"admin\"],\"app\":\"$app\"}" >"$work/pair"
pair="$(get .key <"$work/pair"):$(get .secret <"$work/pair")"
# operate METHOD PATH: with Basic API_KEY:API_SECRET, as the documents print it.
operate() {
    printf 'user = "%s"\n' "$pair" | curl --silent --config - --request "$1" --write-out '%{stderr}%{http_code}' \
        "$COUNTERSIGN_URL/v2/accounts/4242$2" 2>"$work/status"
}
operate POST /sdk_keys >"$work/made"
get .secret <"$work/made" | tr -d '\n' >"$work/secret"
prove "POST …/sdk_keys made one" 1 "$(operate GET /sdk_keys | get length)"
sdk="/sdk/v1/apps/$app"

sign() { "$COUNTERSIGN" mint --secret-file "$1" --alg HS256 --no-iat --claim iss=4242 --claim "sub=$2" --expires-in 900; }
# as VERSION: from here on, the calls come from this version of the app.
as() { fields=$(printf 'Countersign-Platform: android\nCountersign-App-Version: %s' "$1"); }
# update BEARER USER: an update as the SDK sends it; the answer stays in $work/answer.
update() {
    ask POST "$sdk/sync" "$1" "{\"identity\":\"$2\",\"items\":[{\"id\":\"page-$2\",\"kind\":\"event\",\"body\":{\"name\":\"page\"}}]}" >"$work/answer"
}
new_secret HS256 "$work/wrong"

say "Enforcement off: a missing signature passes, a valid one too, an invalid one does not."
operate POST /enforcement_mode/disable >/dev/null
prove "switched off" 200 "$(status)"
as 3.2.0
update "" alice
prove "missing" 200 "$(status)"
update "$(sign "$work/secret" alice)" alice
prove "valid" 200 "$(status)"
update "$(sign "$work/wrong" alice)" alice
prove "invalid" "401 signature_invalid" "$(status) $(get .reason <"$work/answer")"

say "What would be refused if it were on? The old versions do not sign; 3.2.0 nearly always does."
as 3.1.0
for user in bob carol dave; do
    update "" "$user"
done
as 3.2.0
for user in erin frank grace; do
    update "$(sign "$work/secret" "$user")" "$user"
done
readiness() { manage GET "/apps/$app/readiness?threshold=40" | get "$1"; }
eventually "of nine requests it would refuse five" "9 5" \
    readiness '"\(.now.requests) \(.now.would_refuse)"'
prove "that is four customers" 4 "$(readiness .now.customers)"
prove "three of them on 3.1.0, for no signature at all" "missing 3" \
    "$(readiness '.items[] | select(.app_version == "3.1.0") | "\(.reason) \(.customers)"')"
prove "from 3.2.0 on, hardly anybody would notice" 3.2.0 "$(readiness '.platforms[0].minimum.app_version')"

say "So it is switched on from that version first."
printf '{"mode":"required","otherwise":"optional","from_versions":{"android":"3.2.0"}}' >"$work/enforcement"
"$COUNTERSIGN" enforcement set --file "$work/enforcement" "$app" >/dev/null
as 3.1.0
update "" bob
prove "the old version still passes" 200 "$(status)"
as 3.2.0
update "" alice
prove "the new one must sign" "401 enforcement_missing" "$(status) $(get .reason <"$work/answer")"
operate POST /enforcement_mode/disable >/dev/null

say "Test mode prints the three sentences."
until=$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ)
manage PATCH "/apps/$app" "{\"test_mode_until\":\"$until\"}" >/dev/null
update "$(sign "$work/secret" alice)" alice
prove "it worked" "Identity Verification Testing: Successfully sent update to API using User ID Signature" \
    "$(get '.test_mode | sub("^[^ ]+ "; "")' <"$work/answer")"
update "" alice
prove "it was missing" \
    "Identity Verification Testing: Failed to send update to API - verification failure: No User ID Signature present" \
    "$(get '.test_mode | sub("^[^ ]+ "; "")' <"$work/answer")"
update "$(sign "$work/wrong" alice)" alice
prove "it was wrong" \
    "Identity Verification Testing: Failed to send update to API - verification failure: Invalid User ID Signature" \
    "$(get '.test_mode | sub("^[^ ]+ "; "") | sub(" [0-9]{4}$"; "")' <"$work/answer")"

say "Enforcement on: only a valid signature passes."
operate POST /enforcement_mode/enable >/dev/null
prove "switched on" 200 "$(status)"
update "" alice
prove "missing is refused" "401 enforcement_missing" "$(status) $(get .reason <"$work/answer")"
update "$(sign "$work/secret" alice)" alice
prove "valid passes" 200 "$(status)"

ended Appcues
