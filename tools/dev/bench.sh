# ./dev bench: the figures. Each speed is taken against its reference in the same run, in turns,
# and given as a ratio; bench/README.md says how to read them.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash

dev_bench() {
    local what=${1:-all}
    (($# == 0)) || shift
    need build test bench
    # `./dev run` configures the release without tests and measurements.
    configure release -DCSN_TESTS=ON >/dev/null
    cmake --build build/release
    bench/run "$what" "$@"
}
