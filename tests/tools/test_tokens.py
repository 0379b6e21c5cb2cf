#!/usr/bin/env python3
# docs/tokens.md tells the truth: its reasons are reason.def, its fields and defaults the code's.
# SPDX-License-Identifier: Apache-2.0
import json
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
REASON = re.compile(r'^CSN_REASON\(\w+, "(\w+)", (\d+), (\w+), "([^"]*)"\)$', re.MULTILINE)
FIELD = re.compile(r'^    \{"(\w+)", \w+\},$', re.MULTILINE)
PRESET_OWN = ("algorithms", "required")  # what the preset `generic` sets itself


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def table(heading):
    """The rows below a heading, without the table's own two."""
    section = read("docs/tokens.md").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")]
            for line in section.splitlines() if line.startswith("|")]
    return rows[2:]


class Tokens(unittest.TestCase):
    def test_the_reasons_are_those_of_the_code_in_its_order(self):
        code = [[f"`{name}`", status, f"`{action.lower()}`", sentence]
                for name, status, action, sentence in REASON.findall(read("include/countersign/reason.def"))]
        self.assertGreater(len(code), 30)
        self.assertEqual(table("The reasons"), code)

    def test_the_fields_are_those_a_policy_is_read_by(self):
        code = FIELD.findall(read("core/policy_read.c"))
        self.assertGreater(len(code), 20)
        self.assertEqual(sorted(row[0].strip("`") for row in table("The policy")), sorted(code))

    def test_the_defaults_are_those_a_policy_has(self):
        shown = json.loads(subprocess.run([BIN, "preset", "show", "generic"], capture_output=True,
                                          check=True).stdout)
        told = {row[0].strip("`"): row[1] for row in table("The policy")}
        for field, value in shown.items():
            if field not in PRESET_OWN:
                self.assertEqual(json.loads(told[field].strip("`")), value, field)
        self.assertEqual(json.loads(told["required"].strip("`")), [])


if __name__ == "__main__":
    BIN = sys.argv.pop(1)
    unittest.main()
