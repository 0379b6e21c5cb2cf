# ./dev fuzz: libFuzzer over every target of tests/fuzz, or one. Starts from the kept corpora in
# tests/fuzz/corpus/TARGET; what it finds lies in build/fuzz/found, crashes in build/fuzz/crashes.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash

dev_fuzz() {
    local seconds=60 target=
    while (($# > 0)); do
        case $1 in
            --seconds) seconds=${2:?--seconds needs a number} && shift ;;
            *) target=$1 ;;
        esac
        shift
    done
    local -a names
    mapfile -t names < <(fuzz_names "$target")
    ((${#names[@]} > 0)) || die "there is no fuzz target ${target:-at all} in tests/fuzz"
    need build test fuzz
    build fuzz "${names[@]}"
    mkdir -p build/fuzz/found build/fuzz/crashes build/fuzz/logs
    export -f fuzz_one
    printf '%s\n' "${names[@]}" | xargs -P "$(nproc)" -I{} bash -c 'fuzz_one "$@"' _ {} "$seconds"
}

# A target is called as its source is: all of them, or the one.
fuzz_names() {
    local file
    for file in tests/fuzz/fuzz_*.c; do
        file=$(basename "$file" .c)
        [[ -n ${1:-} && $file != "$1" ]] || printf '%s\n' "$file"
    done
}

# fuzz_one NAME SECONDS: one line when it held, the whole log when it did not.
fuzz_one() {
    local name=$1 log=build/fuzz/logs/$1.log
    mkdir -p "build/fuzz/found/$name"
    if "build/fuzz/tests/fuzz/$name" -max_total_time="$2" -timeout=10 -rss_limit_mb=2048 \
        -print_final_stats=1 -artifact_prefix="build/fuzz/crashes/$name-" \
        "build/fuzz/found/$name" "tests/fuzz/corpus/$name" >"$log" 2>&1 </dev/null; then
        printf '%-28s %s runs, held\n' "$name" \
            "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
        return 0
    fi
    cat "$log"
    printf '%-28s FAILED, see build/fuzz/crashes\n' "$name"
    return 1
}
