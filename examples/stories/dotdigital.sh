#!/bin/sh
# Dotdigital: the server asks first (a nonce), the token answers. Two devices of one ID claim are one
# profile; its e-mail makes it a contact; one push reaches both, while they listen.
# SPDX-License-Identifier: Apache-2.0
set -eu
# shellcheck source-path=SCRIPTDIR source=story.sh
. "$(dirname "$0")/story.sh"

say "The app: issuer, audience, and a secret."
printf '{"issuer":"https://api.comapi.com/defaultauth","audience":"https://api.comapi.com"}' >"$work/policy"
app=$("$COUNTERSIGN" app create --preset dotdigital --policy "$work/policy" "Dotdigital story" | get .id)
new_secret HS256 "$work/secret"
"$COUNTERSIGN" key import --secret-file "$work/secret" --alg HS256 "$app" >/dev/null
sdk="/sdk/v1/apps/$app"

# challenge DEVICE: the nonce that the next token of this device must carry.
challenge() { ask POST "$sdk/challenge" "" "{\"device\":{\"id\":\"$1\"}}" | get .nonce; }
# token NONCE SUB: what the challenge handler of the app's backend returns.
token() {
    "$COUNTERSIGN" mint --secret-file "$work/secret" --alg HS256 --typ JWT --claim "nonce=$1" --claim "sub=$2" \
        --claim iss=https://api.comapi.com/defaultauth --claim aud=https://api.comapi.com --expires-in 2592000
}
# start DEVICE TOKEN: what the device was answered stays in $work/session.
start() {
    ask POST "$sdk/sessions" "" "{\"device\":{\"id\":\"$1\",\"platform\":\"ios\"},\"token\":\"$2\"}" >"$work/session"
}

say "The phone is asked, and answers."
nonce=$(challenge phone-3fd1)
phone_token=$(token "$nonce" alice)
start phone-3fd1 "$phone_token"
prove "the session starts" 201 "$(status)"
phone=$(get .session.token <"$work/session")
profile=$(get .customer.id <"$work/session")
prove "its token is itself a JWT, with an exp in numbers" number \
    "$(printf '%s' "$phone" | cut -d. -f2 | tr -d '\n' | { cat; printf '=='; } | base64 -d 2>/dev/null | get '.exp | type')"
start phone-3fd1 "$phone_token"
prove "the nonce is good for one start" nonce_used "$(get .reason <"$work/session")"

say "The tablet of the same ID claim."
start tablet-88ac "$(token "$(challenge tablet-88ac)" alice)"
tablet=$(get .session.token <"$work/session")
prove "both devices are one profile" "$profile" "$(get .customer.id <"$work/session")"
start tablet-88ac "$(token "$(challenge phone-3fd1)" alice)"
prove "a nonce of another device is refused" nonce_unknown "$(get .reason <"$work/session")"

say "An e-mail on the profile makes it a contact."
ask PATCH "$sdk/profile" "$phone" '{"email":"alice@example.com","properties":{"plan":"gold"}}' >"$work/profile"
prove "the profile was changed" 200 "$(status)"
prove "it is found by its e-mail" "$profile" \
    "$(manage GET "/apps/$app/customers?email=alice%40example.com" | get '.items[0].id')"
prove "the tablet sees the same profile" gold "$(ask GET "$sdk/profile" "$tablet" | get .properties.plan)"

say "Both listen; one push."
# listen DEVICE SESSION: prints the stream's frames into a file, until the story ends.
listen() {
    printf 'Authorization: Bearer %s\n' "$2" |
        curl --silent --no-buffer --max-time 60 --header @- "$COUNTERSIGN_URL$sdk/stream" >"$work/$1.stream" &
    listeners="${listeners:-} $!"
}
# heard DEVICE TEXT: waits until the device's stream has said it.
heard() {
    for _ in $(seq 1 300); do
        grep -q -- "$2" "$work/$1.stream" && return 0
        sleep 0.1
    done
    return 1
}
listen phone "$phone"
listen tablet "$tablet"
heard phone 'event: hello' && heard tablet 'event: hello'
manage POST "/apps/$app/customers/$profile/items" '{"kind":"push","body":{"title":"Your order left"}}' >/dev/null
prove "the push was taken" 201 "$(status)"
prove "the phone heard it" yes "$(heard phone 'Your order left' && echo yes)"
prove "the tablet heard it" yes "$(heard tablet 'Your order left' && echo yes)"
# shellcheck disable=SC2086 # one word a listener
kill $listeners 2>/dev/null || true
prove "and who was not listening finds it in the log" "Your order left" \
    "$(ask POST "$sdk/sync" "$phone" '{}' | get '.items[-1].body.title')"

say "What the documents warn of is refused, with its reason."
start phone-3fd1 "$("$COUNTERSIGN" mint --secret-file "$work/secret" --alg HS256 --claim "nonce=$(challenge phone-3fd1)" \
    --claim sub=alice --claim iss=https://api.comapi.com/defaultauth --claim aud=https://elsewhere.example --expires-in 600)"
prove "another audience" audience_mismatch "$(get .reason <"$work/session")"
start phone-3fd1 "$(token made-up-by-somebody-else alice)"
prove "a nonce that nobody gave" nonce_unknown "$(get .reason <"$work/session")"

ended Dotdigital
