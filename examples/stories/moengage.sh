#!/bin/sh
# MoEngage: the customer's own RSA keys, more than one; enforcement required; the token's identifier
# must be the one the SDK was given. Ten failures, then a good token: and the owner sees which and why.
# SPDX-License-Identifier: Apache-2.0
set -eu
# shellcheck source-path=SCRIPTDIR source=story.sh
. "$(dirname "$0")/story.sh"

say "The app, with two public keys. The private ones never leave the backend."
app=$("$COUNTERSIGN" app create --preset moengage "MoEngage story" | get .id)
for key in one two stranger; do
    "$COUNTERSIGN" key generate --alg RS256 --out "$work/$key.pem" >"$work/$key.pub"
done
"$COUNTERSIGN" key import --key-file "$work/one.pub" --alg RS256 "$app" >/dev/null
"$COUNTERSIGN" key import --key-file "$work/two.pub" --alg RS256 "$app" >/dev/null
"$COUNTERSIGN" enforcement set "$app" required >/dev/null
sdk="/sdk/v1/apps/$app"

token() { "$COUNTERSIGN" mint --alg RS256 --key-file "$work/$1.pem" --claim "sub=$2" --expires-in 900; }
# pass TOKEN IDENTIFIER: passAuthenticationDetails; the answer stays in $work/answer.
pass() {
    ask POST "$sdk/sync" "$1" "{\"identity\":\"$2\",\"items\":[{\"id\":\"opened-$2\",\"kind\":\"event\",\"body\":{\"name\":\"opened\"}}]}" >"$work/answer"
}

say "Tokens of either key are stamped on requests."
pass "$(token one alice)" alice
prove "a token of the first key" accepted "$(get '.results[0].status' <"$work/answer")"
pass "$(token two alice)" alice
prove "one of the second: the same customer, and the event only once" duplicate "$(get '.results[0].status' <"$work/answer")"

say "Required means required."
pass "" alice
prove "no token" enforcement_missing "$(get .reason <"$work/answer")"
pass "$(token one bob)" alice
prove "a token for somebody else than the SDK says" identity_mismatch "$(get .reason <"$work/answer")"

say "Ten failures in a row: a key pair that was never registered."
for n in 1 2 3 4 5 6 7 8 9 10; do
    pass "$(token stranger "user-$n")" "user-$n"
    prove "failure $n says why, and what to do" "signature_invalid fix_setup" "$(get '.reason + " " + .action' <"$work/answer")"
done
pass "$(token one alice)" alice
prove "a good token passes at once, whatever came before it" 200 "$(status)"

say "What the owner sees."
refused() { manage GET "/apps/$app/decisions?reason=$1&limit=100" | get '.items | length'; }
eventually "ten tokens whose signature is no key's" 10 refused signature_invalid
eventually "and one that was for somebody else" 1 refused identity_mismatch

ended MoEngage
