# Configure and build a preset of CMakePresets.json; the small words all commands use.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash

say() {
    printf '== %s\n' "$*"
}

die() {
    printf './dev: %s\n' "$*" >&2
    exit 1
}

# configure PRESET [cmake options]: only when it was not yet, or when options are given anew.
configure() {
    local preset=$1
    shift
    local ready=build/$preset/build.ninja chosen="build/$preset/.configured"
    [[ -e $ready && $(cat "$chosen" 2>/dev/null) == "$*" ]] && return 0
    cmake --preset "$preset" "$@" && printf '%s' "$*" >"$chosen"
}

# build PRESET [TARGET...]
build() {
    local preset=$1
    shift
    configure "$preset" && cmake --build "build/$preset" ${1:+--target "$@"} -- -k 0
}

# tracked PATTERN...: the files of the repository that match, one a line.
tracked() {
    git ls-files --cached -- "$@"
}
