# ./dev check: the gate before a commit, under half a minute when warm. ./dev fmt mends the format.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash

dev_check() {
    need build test check
    results_begin
    built_suite dev '^quick$' "$@"
    check_steps
    results_end
}

# What `check` and `test --all` share. Needs build/dev.
check_steps() {
    step format check_format
    step build-clang build clang
    step layers python3 tools/layers --archives build/dev
    step scripts check_scripts
}

check_format() {
    tracked '*.c' '*.h' | xargs -r -P "$(nproc)" -n 32 clang-format --dry-run -Werror
}

check_scripts() {
    tracked dev .ci/run '*.sh' | xargs -r shellcheck -x
}

dev_fmt() {
    need check
    tracked '*.c' '*.h' | xargs -r -P "$(nproc)" -n 32 clang-format -i
}
