#!/usr/bin/env python3
# Prints the branch coverage of each file from gcovr's summary and fails where the security
# boundary is not covered whole: base64url, JSON, JWS, header, key choice, claims, times, judge.
# SPDX-License-Identifier: Apache-2.0
import json
import re
import sys

MUST_BE_WHOLE = re.compile(r"(base64|json|jws|header|key_choice|claim|numeric_date|times|judge)")


def main(path):
    with open(path, encoding="utf-8") as file:
        files = json.load(file)["files"]
    short = []
    print(f"{'file':40} {'branches':>9} {'taken':>7} {'%':>7}")
    for entry in sorted(files, key=lambda e: e["filename"]):
        name, total, taken = entry["filename"], entry["branch_total"], entry["branch_covered"]
        percent = 100.0 * taken / total if total else 100.0
        bound = bool(MUST_BE_WHOLE.search(name))
        print(f"{name:40} {total:9} {taken:7} {percent:7.1f}{'  must be 100' if bound else ''}")
        if bound and taken < total:
            short.append(name)
    if not files:
        print("no file was measured")
        return 1
    for name in short:
        print(f"FAILED: {name} is below 100 % of its branches")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
