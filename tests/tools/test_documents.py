#!/usr/bin/env python3
# Documents are code: every relative link leads somewhere, every ./dev command they name exists.
# SPDX-License-Identifier: Apache-2.0
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
COMMAND = re.compile(r"(?:`|^)\./dev ([a-z]+)", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def documents():
    listed = subprocess.run(["git", "ls-files", "--", "*.md"], cwd=ROOT, capture_output=True,
                            text=True, check=True).stdout.split()
    return [ROOT / name for name in listed]


class Documents(unittest.TestCase):
    def test_every_relative_link_leads_to_a_file(self):
        dead = []
        for path in documents():
            prose = FENCE.sub("", path.read_text(encoding="utf-8"))
            for target in LINK.findall(prose):
                if "://" not in target and not target.startswith("mailto:"):
                    if not (path.parent / target).exists():
                        dead.append(f"{path.relative_to(ROOT)}: {target}")
        self.assertEqual(dead, [])

    def test_every_command_of_dev_that_is_named_exists_and_has_its_line_of_help(self):
        known = subprocess.run([ROOT / "dev", "help"], capture_output=True, text=True,
                               check=True).stdout
        helped = set(re.findall(r"^\./dev ([a-z]+)", known, re.MULTILINE))
        dispatched = set(re.search(r"^    (run[a-z |]+)\)", (ROOT / "dev").read_text(),
                                   re.MULTILINE)[1].split(" | "))
        self.assertEqual(helped, dispatched)
        named = {c for path in documents() for c in COMMAND.findall(path.read_text("utf-8"))}
        self.assertEqual(named - helped, set())

    def test_an_unknown_command_is_refused_with_the_help(self):
        done = subprocess.run([ROOT / "dev", "nonsense"], capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("./dev run", done.stderr)


if __name__ == "__main__":
    unittest.main()
