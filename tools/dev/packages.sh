# Which Debian packages each purpose needs, and installing the ones that are missing.
#
# An entry is PACKAGE, or PACKAGE:PROGRAM where any PROGRAM on the PATH will do, whoever installed
# it. Nothing is updated or installed when nothing is missing, and no service is started.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash

packages_policy=/usr/sbin/policy-rc.d
declare -A packages=(
    [build]="gcc:gcc libc6-dev cmake:cmake ninja-build:ninja pkg-config:pkg-config libssl-dev
        libsodium-dev libsqlite3-dev libmicrohttpd-dev libcurl4-openssl-dev ca-certificates"
    [run]="curl:curl"
    [test]="libcmocka-dev python3:python3 git:git universal-ctags:ctags"
    [full]="curl:curl jq:jq valgrind:valgrind openssl:openssl haproxy:haproxy nginx:nginx caddy:caddy ruby:ruby
        ruby-jwt erlang-base:erl erlang-jose elixir:elixir libjwt-dev nodejs:node npm:npm chromium:chromium
        python3-yaml python3-jsonschema python3-cryptography"
    [all]="default-jdk-headless:javac maven:mvn golang-go:go cargo:cargo python3-venv python3-pip"
    [check]="clang:clang clang-format:clang-format shellcheck:shellcheck"
    [lint]="clang-tidy:clang-tidy cppcheck:cppcheck"
    [fuzz]="clang:clang libclang-rt-dev llvm:llvm-symbolizer"
    [wasm]="clang:clang lld:wasm-ld llvm:llvm-nm"
    [coverage]="gcovr:gcovr"
    [bench]="python3:python3 haproxy:haproxy nginx:nginx wrk:wrk libjwt-dev"
)

# need PURPOSE...: returns once every package of these purposes is there.
need() {
    local purpose entries=() lacking
    for purpose in "$@"; do
        # shellcheck disable=SC2206 # the lists are words, and are split here
        entries+=(${packages[$purpose]})
    done
    if ! command -v dpkg-query >/dev/null; then
        say "no Debian here: taking it on trust that these are installed: ${entries[*]%%:*}"
        return 0
    fi
    lacking=$(packages_lacking "${entries[@]}")
    [[ -z $lacking ]] || packages_install "$lacking"
}

# packages_lacking ENTRY...: prints the packages that are not installed, one a line.
packages_lacking() {
    local entry wanted=() installed package
    for entry in "$@"; do
        [[ $entry == *:* ]] && command -v "${entry#*:}" >/dev/null && continue
        wanted+=("${entry%%:*}")
    done
    ((${#wanted[@]} > 0)) || return 0
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null) || true
    for package in "${wanted[@]}"; do
        [[ $'\n'$installed$'\n' == *$'\n'"installed $package"$'\n'* ]] || printf '%s\n' "$package"
    done
}

packages_install() {
    local -a names
    mapfile -t names <<<"$1"
    say "installing: ${names[*]}"
    # nginx and haproxy would start at once and take ports; 101 forbids that (invoke-rc.d(8)).
    packages_as_root "$packages_policy" "${names[@]}" <<'ROOT' || die "as root: apt-get install ${names[*]}"
set -eu
export DEBIAN_FRONTEND=noninteractive
policy=$1
shift
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi
# A foreign source that does not answer is no reason to stop: the installation decides.
apt-get -q -o DPkg::Lock::Timeout=300 update || true
apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@" </dev/null
ROOT
}

# packages_as_root ARGUMENT...: the script on stdin, as root. sudo may ask only where someone sits.
packages_as_root() {
    if ((EUID == 0)); then
        bash -s -- "$@"
    elif [[ -t 1 && -z ${CI:-} ]]; then
        sudo bash -s -- "$@"
    else
        sudo -n bash -s -- "$@"
    fi
}
