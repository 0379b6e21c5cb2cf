#!/bin/sh
# Alchemer: two customers on one device. What a visitor said before the login is kept; each customer
# sees only their own; a logout locks the door; the same key opens the same customer's store again.
# SPDX-License-Identifier: Apache-2.0
set -eu
# shellcheck source-path=SCRIPTDIR source=story.sh
. "$(dirname "$0")/story.sh"

say "The app: HS512, its secret taken as the bytes it is written with."
app=$("$COUNTERSIGN" app create --preset alchemer "Alchemer story" | get .id)
new_secret HS512 "$work/secret"
"$COUNTERSIGN" key import --secret-file "$work/secret" --alg HS512 "$app" >/dev/null
sdk="/sdk/v1/apps/$app"

# token SUB: what the app's backend signs once it knows who is there.
token() {
    "$COUNTERSIGN" mint --secret-file "$work/secret" --alg HS512 --claim "sub=$1" --expires-in 259200
}

# login TOKEN [ANONYMOUS]: the phone logs in; the answer stays in $work/login.
phone='"device":{"id":"the-one-phone-9f27c1","platform":"android","app_version":"4.0.0"}'
login() {
    ask POST "$sdk/sessions" "" "{$phone,\"token\":\"$1\"${2:+,\"anonymous\":\"$2\"}}" >"$work/login"
}
session() { get .session.token <"$work/login"; }
messages() { ask POST "$sdk/sync" "$1" '{}' | get '[.items[].body.text] | join(" / ")'; }
write() {
    ask POST "$sdk/sync" "$1" \
        "{\"items\":[{\"id\":\"$2\",\"kind\":\"message\",\"body\":{\"text\":\"$3\"}}]}" >/dev/null
}

say "A visitor opens the message centre, before any login."
ask POST "$sdk/sessions" "" "{$phone}" >"$work/login"
visitor=$(session)
prove "the server made the anonymous conversation's token" anonymous "$(get .customer.assurance <"$work/login")"
write "$visitor" first "Does this work without an account?"

say "It turns out to be Alice."
alice_token=$(token alice-123121)
login "$alice_token" "$visitor"
prove "the login was accepted" 201 "$(status)"
alice=$(session)
alice_key=$(get .vault_key <"$work/login")
write "$alice" second "My order is late."
prove "her conversation goes on where the visitor's began" \
    "Does this work without an account? / My order is late." "$(messages "$alice")"

say "She logs out, and hands the phone to Bob."
ask DELETE "$sdk/sessions/current" "$alice" >/dev/null
prove "the logout was done" 204 "$(status)"
ask POST "$sdk/sync" "$alice" '{}' >"$work/late"
prove "her session opens nothing any more" revoked "$(get .reason <"$work/late")"
login "$alice_token"
prove "nor does the token that was logged out" revoked "$(get .reason <"$work/login")"
login "$(token bob-77)"
bob=$(session)
bob_key=$(get .vault_key <"$work/login")
prove "Bob sees nothing of hers" "" "$(messages "$bob")"
prove "and his store on this phone has another key" different \
    "$([ "$alice_key" = "$bob_key" ] && echo same || echo different)"
write "$bob" first "Hello, Bob here."
ask DELETE "$sdk/sessions/current" "$bob" >/dev/null

say "Alice takes the phone back, with a newer token."
sleep 1
login "$(token alice-123121)"
prove "she is let in again" 201 "$(status)"
prove "the same key opens her store on the phone" "$alice_key" "$(get .vault_key <"$work/login")"
prove "and her conversation is hers alone" \
    "Does this work without an account? / My order is late." "$(messages "$(session)")"

say "What the documents warn of is refused, with its reason."
login "$("$COUNTERSIGN" mint --secret-file "$work/secret" --alg HS512 --claim sub=alice-123121 --expires-in 2764800)"
prove "a token for 32 days" lifetime_too_long "$(get .reason <"$work/login")"
login "$("$COUNTERSIGN" mint --secret-file "$work/secret" --alg HS512 --no-iat --claim sub=alice-123121 --expires-in 3600)"
prove "a token without iat" claim_missing "$(get .reason <"$work/login")"
login "$("$COUNTERSIGN" mint --secret-file "$work/secret" --alg HS256 --claim sub=alice-123121 --expires-in 3600)"
prove "HS256 in place of HS512" algorithm_not_allowed "$(get .reason <"$work/login")"

ended Alchemer
