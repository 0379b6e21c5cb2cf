#!/bin/sh
# Kustomer: a chat that began before the login is kept, and follows its customer to a second device.
# The login outlives the fifteen minutes of its token. Somebody else on the device sees none of it.
# SPDX-License-Identifier: Apache-2.0
set -eu
# shellcheck source-path=SCRIPTDIR source=story.sh
. "$(dirname "$0")/story.sh"

say "The app, and the API key that may read its secret: both roles, and an end."
app=$("$COUNTERSIGN" app create --preset kustomer "Kustomer story" | get .id)
manage POST /api-keys "{\"name\":\"chat backend\",\"roles\":[\"org.admin\",\"org.user\"],
    \"app\":\"$app\",\"expires_at\":\"2036-01-01T00:00:00Z\"}" >"$work/key"
key=$(get '.key + "." + .secret' <"$work/key")
ask GET /v1/auth/customer/settings "$key" | get .data.attributes.secret | tr -d '\n' >"$work/secret"
prove "GET /v1/auth/customer/settings answered" 200 "$(status)"
prove "the secret is made once, and then the same" "$(cat "$work/secret")" \
    "$(ask GET /v1/auth/customer/settings "$key" | get .attributes.secret)"
sdk="/sdk/v1/apps/$app"

# token CLAIM=VALUE…: what logIn is given; typ JWT, iat now, no exp.
token() {
    claims=""
    for claim in "$@"; do claims="$claims --claim $claim"; done
    # shellcheck disable=SC2086 # one word an option
    "$COUNTERSIGN" mint --secret-file "$work/secret" --alg HS256 --typ JWT $claims
}
# start DEVICE MEMBERS: what the device was answered stays in $work/session.
start() { ask POST "$sdk/sessions" "" "{\"device\":{\"id\":\"$1\",\"platform\":\"web\"}$2}" >"$work/session"; }
session() { get .session.token <"$work/session"; }
chat() { ask POST "$sdk/sync" "$1" '{}' | get '[.items[].body.text] | join(" / ")'; }
write() {
    ask POST "$sdk/sync" "$1" \
        "{\"items\":[{\"id\":\"$2\",\"kind\":\"message\",\"body\":{\"text\":\"$3\"}}]}" >/dev/null
}

say "A chat begins, and nobody knows with whom."
start browser-5a10c7 ""
visitor=$(session)
write "$visitor" m1 "Where is my parcel?"
write "$visitor" m2 "It should have come on Monday."

say "logIn: the token names an e-mail and an external id; the e-mail wins."
start browser-5a10c7 ",\"token\":\"$(token email=alice@example.com externalId=ext-1)\",\"anonymous\":\"$visitor\""
browser=$(session)
prove "the customer is the e-mail's" alice@example.com "$(get .customer.identity <"$work/session")"
prove "the chat was kept, in its order" \
    "Where is my parcel? / It should have come on Monday." "$(chat "$browser")"

say "An agent answers; the same customer takes up the phone."
alice=$(get .customer.id <"$work/session")
manage POST "/apps/$app/customers/$alice/items" \
    '{"kind":"message","body":{"text":"It is with your neighbour."}}' >/dev/null
start phone-77e0b2 ",\"token\":\"$(token email=alice@example.com)\""
phone=$(session)
prove "the history followed her" \
    "Where is my parcel? / It should have come on Monday. / It is with your neighbour." "$(chat "$phone")"
write "$phone" m3 "Thank you!"
prove "and what she writes there is on the browser too" "Thank you!" \
    "$(ask POST "$sdk/sync" "$browser" '{}' | get '.items[-1].body.text')"

say "isLoggedIn, long after the fifteen minutes of a token: the session says so by itself."
prove "the session lasts for more than a day" true \
    "$(ask GET "$sdk/sessions/current" "$browser" |
        get '(.session.expires_at | sub("\\.[0-9]+Z"; "Z") | fromdate) > (now + 86400)')"

say "Somebody else logs in on the browser."
start browser-5a10c7 ",\"token\":\"$(token externalId=bob-9)\""
prove "Bob's chat is empty" "" "$(chat "$(session)")"
ask POST "$sdk/sync" "$browser" '{}' >"$work/late"
prove "Alice's session there is over" revoked "$(get .reason <"$work/late")"
prove "her phone is not touched" 200 "$(ask GET "$sdk/sessions/current" "$phone" >/dev/null && status)"

say "logOut on the phone."
ask DELETE "$sdk/sessions/current" "$phone" >/dev/null
ask GET "$sdk/sessions/current" "$phone" >"$work/late"
prove "isLoggedIn says no" revoked "$(get .reason <"$work/late")"

say "What the documents warn of is refused, with its reason."
old=$(($(date +%s) - 16 * 60))
start phone-77e0b2 ",\"token\":\"$("$COUNTERSIGN" mint --secret-file "$work/secret" --alg HS256 \
    --typ JWT --claims "{\"email\":\"alice@example.com\",\"iat\":$old}")\""
prove "an iat of 16 minutes ago" issued_too_long_ago "$(get .reason <"$work/session")"

ended Kustomer
