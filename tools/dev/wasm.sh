# ./dev wasm: base and core, compiled for a machine that has no system at all. What builds there
# does no I/O, reads no clock and takes no memory; the only libc it sees is tools/freestanding.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash

dev_wasm() {
    need wasm
    local out=build/wasm file object objects=()
    rm -rf "$out"
    mkdir -p "$out"
    for file in $(find base core -name '*.c' | sort); do
        object=$out/${file//\//_}.o
        clang --target=wasm32 -ffreestanding -nostdlib -nostdlibinc -isystem tools/freestanding \
            -std=c11 -O2 -Wall -Wextra -Werror -DNDEBUG -I. -Iinclude -c "$file" -o "$object"
        objects+=("$object")
    done
    wasm-ld --no-entry --allow-undefined --export-all -o "$out/countersign.wasm" "${objects[@]}"
    say "base + core: ${#objects[@]} files, $(stat -c %s "$out/countersign.wasm") bytes of wasm," \
        "$(gzip -9c "$out/countersign.wasm" | wc -c) after gzip"
    say "what the host must bring: $(wasm_needs "${objects[@]}")"
}

# The symbols that no object defines.
wasm_needs() {
    comm -23 <(llvm-nm -u -j "$@" | grep '^[a-z]' | sort -u) \
        <(llvm-nm -U -j "$@" | grep '^[a-z]' | sort -u) | tr '\n' ' '
}
