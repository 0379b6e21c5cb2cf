"""Counts what held and what did not, a line each.

SPDX-License-Identifier: Apache-2.0
"""


class Report:
    def __init__(self):
        self.passed = self.failed = 0

    def expect(self, what, seen, *due):
        """One of `due` must be what was seen."""
        if seen in due:
            self.passed += 1
            print(f"ok      {what}")
            return
        self.failed += 1
        print(f"FAILED  {what}: expected {' or '.join(map(repr, due))}, saw {seen!r}")

    def close(self):
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return self.failed == 0 and self.passed > 0
