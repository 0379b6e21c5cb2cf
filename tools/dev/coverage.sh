# ./dev coverage: branch coverage of base and core by the quick tests, file by file. The files
# through which every token passes must reach 100 %; coverage.py beside this says which. Branches of
# CSN_ASSERT are left out: taking one ends the program. build/coverage/lines.html shows each line.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash

dev_coverage() {
    need build test coverage
    build coverage >/dev/null
    find build/coverage -name '*.gcda' -delete
    ctest --test-dir build/coverage -L '^quick$' -j "$(nproc)" --output-on-failure --quiet \
        --output-log build/coverage/ctest.log ||
        say "some tests failed (build/coverage/ctest.log): what they reached counts all the same"
    gcovr --root . --object-directory build/coverage --filter base/ --filter core/ \
        --exclude-branches-by-pattern '\bCSN_ASSERT\(' --exclude-unreachable-branches \
        --json-summary build/coverage/summary.json --html-details build/coverage/lines.html \
        build/coverage/base build/coverage/core
    python3 tools/dev/coverage.py build/coverage/summary.json
}
