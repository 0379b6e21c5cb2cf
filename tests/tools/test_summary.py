#!/usr/bin/env python3
# The closing line of ./dev test must not flatter: failures, skips and a run without tests all show.
# SPDX-License-Identifier: Apache-2.0
import pathlib
import subprocess
import sys
import tempfile
import unittest

SUMMARY = pathlib.Path(__file__).resolve().parents[2] / "tools" / "dev" / "summary.py"
GOOD = '<testcase name="good" status="run"/>'
BAD = '<testcase name="bad" status="fail"><failure message="Failed"/></testcase>'
SKIPPED = ('<testcase name="away" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/>'
           "<system-out>looking\nno haproxy here\n</system-out></testcase>")
DISABLED = '<testcase name="off" status="disabled"/>'
INNER = ('<testcase name="unit" status="run"><system-out>[  SKIPPED ] needs_a_clock\n'
         "[  PASSED  ] 3 test(s).</system-out></testcase>")
UNITTEST = ('<testcase name="flows" status="run"><system-out>test_a (m.C) ... skipped '
            "'no socket'\nOK (skipped=1)</system-out></testcase>")


class Summary(unittest.TestCase):
    def summary(self, *cases, steps=""):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            if cases:
                (path / "ctest-dev.xml").write_text(f"<testsuite>{''.join(cases)}</testsuite>")
            if steps:
                (path / "steps.tsv").write_text(steps)
            done = subprocess.run([sys.executable, SUMMARY, folder], capture_output=True, text=True,
                                  check=False)
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout.splitlines()

    def test_counts_tests_and_steps_together(self):
        code, lines = self.summary(GOOD, GOOD, steps="passed\tformat\n")
        self.assertEqual((code, lines[-1]), (0, "3 passed, 0 failed, 0 skipped"))

    def test_a_failed_test_fails_the_run_and_is_named(self):
        code, lines = self.summary(GOOD, BAD)
        self.assertEqual((code, lines[-1]), (1, "1 passed, 1 failed, 0 skipped"))
        self.assertIn("FAILED: dev/bad", lines)

    def test_a_failed_step_fails_the_run_and_is_named(self):
        code, lines = self.summary(GOOD, steps="failed\tlayers\n")
        self.assertEqual((code, lines[-1]), (1, "1 passed, 1 failed, 0 skipped"))
        self.assertIn("FAILED: layers", lines)

    def test_a_skipped_test_gives_its_own_reason(self):
        code, lines = self.summary(GOOD, SKIPPED)
        self.assertEqual((code, lines[-1]), (0, "1 passed, 0 failed, 1 skipped"))
        self.assertIn("skipped: dev/away: no haproxy here", lines)

    def test_a_disabled_test_counts_as_skipped(self):
        self.assertEqual(self.summary(GOOD, DISABLED)[1][-1], "1 passed, 0 failed, 1 skipped")

    def test_a_function_skipped_inside_a_passing_program_is_not_silent(self):
        code, lines = self.summary(INNER)
        self.assertEqual((code, lines[-1]), (0, "1 passed, 0 failed, 1 skipped"))
        self.assertTrue(any("dev/unit: needs_a_clock" in line for line in lines))

    def test_a_python_test_skipped_inside_a_passing_program_is_not_silent(self):
        code, lines = self.summary(UNITTEST)
        self.assertEqual((code, lines[-1]), (0, "1 passed, 0 failed, 1 skipped"))
        self.assertIn("skipped: dev/flows: test_a: no socket", lines)

    def test_a_ctest_run_that_found_nothing_fails(self):
        code, lines = self.summary("", steps="passed\tformat\n")
        self.assertEqual((code, lines[-1]), (1, "1 passed, 1 failed, 0 skipped"))

    def test_a_run_without_any_test_fails(self):
        self.assertEqual(self.summary(), (1, ["0 passed, 0 failed, 0 skipped"]))


if __name__ == "__main__":
    unittest.main()
