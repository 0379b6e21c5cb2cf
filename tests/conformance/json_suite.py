#!/usr/bin/env python3
"""Runs every case of JSONTestSuite's test_parsing through json_check.

Usage: json_suite.py JSON_CHECK FOLDER. `y_` must be accepted, `n_` refused, `i_` may be either, and
none may end in any other way. Three `y_` cases are refused on purpose: RFC 8259 allows a reader to
set limits (section 9), and calls duplicate names interoperable with nobody (section 4).

SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import subprocess
import sys

ACCEPTED, REFUSED = 0, 1
STRICTER = {
    "y_object_duplicated_key.json": "names must be unique",
    "y_object_duplicated_key_and_value.json": "names must be unique",
    "y_number_double_close_to_zero.json": "a number over 40 characters",
}


def allowed(name):
    if name in STRICTER or name.startswith("n_"):
        return {REFUSED}
    return {ACCEPTED} if name.startswith("y_") else {ACCEPTED, REFUSED}


def main(program, folder):
    cases = sorted(pathlib.Path(folder).glob("*.json"))
    wrong = 0
    for case in cases:
        with case.open("rb") as document:
            status = subprocess.run([program], stdin=document, check=False).returncode
        if status not in allowed(case.name):
            wrong += 1
            print(f"{case.name}: exit status {status}")
    print(f"{len(cases)} cases, {wrong} wrong")
    return 0 if cases and wrong == 0 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
