#!/usr/bin/env python3
# Prints the branch coverage of each file from gcovr's summary and fails where the security
# boundary is not covered whole: base64url, JSON, JWS, header, key choice, claims, times, judge. What
# only explains (core/diagnose) can let nobody in: it is held to 95 % as a folder.
# SPDX-License-Identifier: Apache-2.0
import json
import re
import sys

MUST_BE_WHOLE = re.compile(
    r"^(base|core)/(base64|json|jws|header|key_choice|claim|numeric_date|times|judge)")
DIAGNOSE = "core/diagnose/"
DIAGNOSE_PERCENT = 95


def main(path):
    with open(path, encoding="utf-8") as file:
        files = json.load(file)["files"]
    short, explained, explained_taken = [], 0, 0
    print(f"{'file':40} {'branches':>9} {'taken':>7} {'%':>7}")
    for entry in sorted(files, key=lambda e: e["filename"]):
        name, total, taken = entry["filename"], entry["branch_total"], entry["branch_covered"]
        percent = 100.0 * taken / total if total else 100.0
        bound = bool(MUST_BE_WHOLE.search(name))
        print(f"{name:40} {total:9} {taken:7} {percent:7.1f}{'  must be 100' if bound else ''}")
        if bound and taken < total:
            short.append(f"{name} is below 100 % of its branches")
        if name.startswith(DIAGNOSE):
            explained, explained_taken = explained + total, explained_taken + taken
    if not files:
        print("no file was measured")
        return 1
    if 100 * explained_taken < DIAGNOSE_PERCENT * explained:
        short.append(f"{DIAGNOSE} has {100.0 * explained_taken / explained:.1f} % of its branches taken")
    for fault in short:
        print(f"FAILED: {fault}")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
