# ./dev run: from a bare Debian to a running demo server.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash

dev_run() {
    # curl is what the demo shows its commands with.
    need build run
    # The tests would ask for packages that running does not need.
    [[ -e build/release/build.ninja ]] || configure release -DCSN_TESTS=OFF >/dev/null
    cmake --build build/release --target countersign
    exec build/release/cli/countersign serve --demo "$@"
}
