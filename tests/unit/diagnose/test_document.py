#!/usr/bin/env python3
# docs/diagnosis.md and finding.def name the same findings, in the same order, by the same titles.
# SPDX-License-Identifier: Apache-2.0
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
DEFINED = re.compile(r'^CSN_FINDING\(\w+, "(\w+)", "((?:[^"\\]|\\.)*)"\)', re.MULTILINE)
ROW = re.compile(r"^\| `(\w+)` \|(.*)\|$", re.MULTILINE)


def defined():
    text = (ROOT / "include/countersign/finding.def").read_text(encoding="utf-8")
    return [(code, title.replace('\\"', '"')) for code, title in DEFINED.findall(text)]


def documented():
    text = (ROOT / "docs/diagnosis.md").read_text(encoding="utf-8")
    return [(code, [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", cells)])
            for code, cells in ROW.findall(text)]


class Document(unittest.TestCase):
    def test_names_every_finding_once_in_the_order_of_the_program(self):
        self.assertEqual([code for code, _ in documented()], [code for code, _ in defined()])

    def test_says_what_the_program_says(self):
        self.assertEqual([(code, cells[0]) for code, cells in documented()], defined())

    def test_tells_of_each_what_shows_it_and_how_to_mend_it(self):
        self.assertGreater(len(documented()), 70)
        for code, cells in documented():
            self.assertEqual([code, len(cells), all(cells)], [code, 3, True])

    def test_reads_every_line_of_the_definition(self):
        text = (ROOT / "include/countersign/finding.def").read_text(encoding="utf-8")
        self.assertEqual(len(defined()), len(re.findall(r"^CSN_FINDING\(", text, re.MULTILINE)))


if __name__ == "__main__":
    unittest.main()
