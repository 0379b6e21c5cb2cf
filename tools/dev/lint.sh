# ./dev lint: clang-tidy (.clang-tidy), cppcheck, and gcc's analyzer, over the product's own code.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash

dev_lint() {
    need build test lint
    configure dev >/dev/null
    local files
    files=$(tracked 'base/*.c' 'core/*.c' 'crypto/*.c' 'server/*.c' 'cli/*.c')
    # One file a run: after a va_list, clang-tidy 14 is wrong about those of the next file.
    xargs -P "$(nproc)" -n 1 clang-tidy -p build/dev --quiet --warnings-as-errors='*' <<<"$files"
    lint_cppcheck
    lint_analyzer "$files"
}

# ctuuninitvar: across files, cppcheck 2.10 takes for unset what is set member by member, or through
# a pointer in a table; gcc's analyzer, clang's and valgrind watch the same.
lint_cppcheck() {
    mkdir -p build/cppcheck
    cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr -j "$(nproc)" \
        --cppcheck-build-dir=build/cppcheck --enable=warning,portability \
        --suppress=missingIncludeSystem --suppress=ctuuninitvar -I. -Iinclude base core crypto server cli
}

lint_analyzer() {
    xargs -P "$(nproc)" -n 1 gcc -std=c11 -D_GNU_SOURCE -O1 -fanalyzer -Werror -I. -Iinclude \
        -c -o /dev/null <<<"$1"
}
