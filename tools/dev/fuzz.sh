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
    need build test fuzz
    build fuzz >/dev/null
    local targets
    targets=$(fuzz_targets "$target")
    [[ -n $targets ]] || die "no fuzz target ${target:-at all} in build/fuzz/tests/fuzz"
    mkdir -p build/fuzz/found build/fuzz/crashes build/fuzz/logs
    export -f fuzz_one
    xargs -P "$(nproc)" -I{} bash -c 'fuzz_one "$@"' _ {} "$seconds" <<<"$targets"
}

fuzz_targets() {
    find build/fuzz/tests/fuzz -maxdepth 1 -type f -executable -name "${1:-fuzz_*}" 2>/dev/null | sort
}

# fuzz_one PROGRAM SECONDS: one line when it held, the whole log when it did not.
fuzz_one() {
    local name log
    name=$(basename "$1")
    log=build/fuzz/logs/$name.log
    mkdir -p "build/fuzz/found/$name"
    local seeds=()
    [[ ! -d tests/fuzz/corpus/$name ]] || seeds=("tests/fuzz/corpus/$name")
    if "$1" -max_total_time="$2" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix="build/fuzz/crashes/$name-" \
        "build/fuzz/found/$name" "${seeds[@]}" >"$log" 2>&1 </dev/null; then
        printf '%-28s %s runs, held\n' "$name" "$(sed -n 's/^stat::number_of_executed_units: //p' "$log")"
        return 0
    fi
    cat "$log"
    printf '%-28s FAILED, see build/fuzz/crashes\n' "$name"
    return 1
}
