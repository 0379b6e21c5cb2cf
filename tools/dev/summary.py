#!/usr/bin/env python3
# Adds up one run of ./dev test: the JUnit files ctest left and the steps beside them.
# Names every failure, and every skip with the reason it gave; nothing is skipped in silence.
# Prints "N passed, N failed, N skipped" last and exits 1 when anything failed.
# SPDX-License-Identifier: Apache-2.0
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

# cmocka names a skipped function on stdout; the program as a whole still counts as passed.
CMOCKA_SKIP = re.compile(r"^\[  SKIPPED \] (\w+)$", re.MULTILINE)
# ... and so does Python's unittest, which gives the reason too.
UNITTEST_SKIP = re.compile(r"^(\w+) \(.*\) \.\.\. skipped ['\"](.*)['\"]$", re.MULTILINE)


def reason_of(case):
    """The last line the test printed: a test that skips says why there."""
    output = (case.findtext("system-out") or "").strip()
    message = case.find("skipped")
    fallback = message.get("message", "") if message is not None else ""
    return output.splitlines()[-1] if output else fallback or "no reason given"


def read_junit(path, passed, failed, skipped):
    suite = path.stem.removeprefix("ctest-")
    cases = list(ElementTree.parse(path).getroot().iter("testcase"))
    if not cases:
        failed.append(f"{suite}: ctest found no test")
    for case in cases:
        name = f"{suite}/{case.get('name')}"
        if case.find("failure") is not None or case.get("status") == "fail":
            failed.append(name)
        elif case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
            skipped.append((name, reason_of(case)))
        else:
            passed.append(name)
        output = case.findtext("system-out") or ""
        for function in CMOCKA_SKIP.findall(output):
            skipped.append((f"{name}: {function}", "skipped by the test itself"))
        for function, reason in UNITTEST_SKIP.findall(output):
            skipped.append((f"{name}: {function}", reason))


def read_steps(path, passed, failed):
    for line in path.read_text().splitlines():
        outcome, name = line.split("\t")
        (passed if outcome == "passed" else failed).append(name)


def main(folder):
    passed, failed, skipped = [], [], []
    for path in sorted(folder.glob("ctest-*.xml")):
        read_junit(path, passed, failed, skipped)
    if (folder / "steps.tsv").exists():
        read_steps(folder / "steps.tsv", passed, failed)
    for name, reason in skipped:
        print(f"skipped: {name}: {reason}")
    for name in failed:
        print(f"FAILED: {name}")
    print(f"{len(passed)} passed, {len(failed)} failed, {len(skipped)} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
