#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# constant_time.sh PROGRAM: runs it under valgrind, which must find nothing, and then once more doing
# what it should not, which valgrind must find.
set -eu
program=$1

if ! command -v valgrind >/dev/null; then
    echo "skipped: valgrind is not installed"
    exit 77
fi
if ! valgrind --quiet --error-exitcode=9 true >/dev/null 2>&1; then
    echo "skipped: valgrind does not run on this machine"
    exit 77
fi
check() {
    valgrind --quiet --error-exitcode=9 --track-origins=yes "$@"
}
check "$program"
if check "$program" leak >/dev/null 2>&1; then
    echo "a branch on a secret went unnoticed: this test shows nothing"
    exit 1
fi
echo "1 passed, 0 failed"
