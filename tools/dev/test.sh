# ./dev test: runs what ctest knows and the checks around it, goes on after a failure, and ends
# with one line that counts everything: N passed, N failed, N skipped.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash

results=build/results

dev_test() {
    local all=no
    if [[ ${1:-} == --all ]]; then
        all=yes
        shift
    fi
    need build run test full
    [[ $all == no ]] || need all check lint fuzz wasm coverage
    results_begin
    if [[ $all == yes ]]; then
        test_everything "$@"
    else
        built_suite dev '^(quick|full)$' "$@"
    fi
    results_end
}

test_everything() {
    built_suite dev '^(quick|full|all)$' "$@"
    check_steps
    built_suite asan '^quick$' "$@"
    built_suite tsan '^quick$' "$@"
    step wasm dev_wasm
    step coverage dev_coverage
    step lint dev_lint
    step fuzz dev_fuzz --seconds 60
}

results_begin() {
    rm -rf "$results"
    mkdir -p "$results"
}

# The closing line, and the exit code with it.
results_end() {
    python3 tools/dev/summary.py "$results"
}

# step NAME COMMAND...: one check that either holds or not; its output is shown when it does not.
step() {
    local name=$1 log=$results/$1.log outcome=passed began=$SECONDS
    shift
    # A subshell, so that `exit` ends the step alone; and no `||`, which would disarm its `set -e`.
    set +e
    (set -e; "$@") >"$log" 2>&1 </dev/null
    local status=$?
    set -e
    ((status == 0)) || outcome=failed
    last_step=$outcome
    printf '%s\t%s\n' "$outcome" "$name" >>"$results/steps.tsv"
    say "$name: $outcome ($((SECONDS - began)) s)"
    [[ $outcome == passed ]] || tail -n 60 "$log"
}

# built_suite PRESET LABELS [ctest args]: builds the preset; then, where that held, its tests that
# carry one of the labels. Old programs are never tested in place of ones that do not build.
built_suite() {
    step "build-$1" build "$1"
    [[ $last_step == failed ]] || suite "$@"
}

suite() {
    local preset=$1 labels=$2
    shift 2
    local began=$SECONDS junit=$PWD/$results/ctest-$preset.xml
    # Leaks count, and a sanitizer's report must be a failure of its test.
    export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1 TSAN_OPTIONS=halt_on_error=1
    export UBSAN_OPTIONS=print_stacktrace=1
    ctest --test-dir "build/$preset" -L "$labels" -j "$(nproc)" --timeout 600 --output-on-failure \
        --no-tests=error --output-junit "$junit" --test-output-size-passed 65536 "$@" </dev/null ||
        [[ -e $junit ]] || printf 'failed\tctest-%s\n' "$preset" >>"$results/steps.tsv"
    say "ctest $preset $labels: $((SECONDS - began)) s"
}
