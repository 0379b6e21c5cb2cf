# What the stories share: asking the server, and proving what it answered.
#
#   COUNTERSIGN_URL       where it listens            (http://127.0.0.1:8080)
#   COUNTERSIGN_API_KEY   an admin's key, "key.secret", as the first start printed it
#   COUNTERSIGN           the program                 (countersign)
#
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh

: "${COUNTERSIGN_URL:=http://127.0.0.1:8080}" "${COUNTERSIGN:=countersign}"
: "${COUNTERSIGN_API_KEY:?the admin key that the server printed at its first start}"
export COUNTERSIGN_URL COUNTERSIGN_API_KEY
proofs=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { printf '\n%s\n' "$*"; }

# prove SENTENCE WANTED GOT: the sentence is true, or the story ends here.
prove() {
    if [ "$2" != "$3" ]; then
        printf '  FALSE  %s\n         wanted: %s\n         got:    %s\n' "$1" "$2" "$3" >&2
        exit 1
    fi
    proofs=$((proofs + 1))
    printf '  proved %s\n' "$1"
}

# eventually SENTENCE WANTED COMMAND…: the same of what the command prints, which may take a moment.
eventually() {
    sentence=$1 wanted=$2
    shift 2
    for _ in $(seq 1 100); do
        got=$("$@")
        [ "$got" = "$wanted" ] && break
        sleep 0.1
    done
    prove "$sentence" "$wanted" "$got"
}

# ask METHOD PATH BEARER [BODY]: prints the answer's body; its status is in $work/status. The bearer
# goes through a pipe, so that no list of processes shows it; so do $fields, more header lines. An
# empty BEARER is none: the field without a token would be a bad one.
ask() {
    { [ -z "$3" ] || printf 'Authorization: Bearer %s\n' "$3"; printf '%s' "${fields:-}"; } |
        curl --silent --show-error --request "$1" --header @- --header 'Content-Type: application/json' \
            --output - --write-out '%{stderr}%{http_code}' ${4:+--data "$4"} \
            "$COUNTERSIGN_URL$2" 2>"$work/status"
}

status() { cat "$work/status"; }

# manage METHOD PATH [BODY]: a call of the management API, as the app's owner.
manage() { ask "$1" "/api/v1$2" "$COUNTERSIGN_API_KEY" "${3:-}"; }

# get FILTER: the field of the JSON on standard input.
get() { jq --raw-output "$1"; }

# new_secret: what an app's backend would keep.
new_secret() { "$COUNTERSIGN" key generate --alg "$1" --out "$2" >/dev/null; }

ended() { printf '\n%s: %s proofs, none false.\n' "$1" "$proofs"; }
