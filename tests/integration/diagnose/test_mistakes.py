#!/usr/bin/env python3
"""The documented mistakes, made with real libraries; `countersign explain --json` must name each.

    test_mistakes.py --work DIR --bin build/dev/cli/countersign

The libraries are those of the interoperability tests: their copy in DIR is used, and made where it
is not there yet.

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "interop"))
from harness.languages import LANGUAGES, Skip  # noqa: E402

SKIPPED = 77
AT_LEAST = 50


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", required=True, type=Path, help="where the libraries are")
    parser.add_argument("--bin", required=True, type=Path, help="the countersign program")
    return parser.parse_args()


def explain(binary, folder, case):
    """-> the exit code, the diagnosis"""
    def file(name, text):
        (folder / name).write_text(text)
        return str(folder / name)

    command = [binary, "explain", "--json", "--now", str(case["now"]),
               "--policy", file("policy.json", json.dumps(case["policy"]))]
    if "key" in case:
        command += ["--key-file", file("public.pem", case["key"])]
    else:
        command += ["--secret-file", file("secret", case["secret"])]
    for option in ("identity", "nonce"):
        if option in case:
            command += ["--" + option, case[option]]
    done = subprocess.run([*command, "--", case["token"]], capture_output=True, text=True)
    if not done.stdout:
        raise AssertionError(f"{case['name']}: {done.stderr}")
    return done.returncode, json.loads(done.stdout)


def fault(case, code, diagnosis):
    """-> what is wrong with the answer; None when it is right"""
    found = [finding["code"] for finding in diagnosis["findings"]]
    reason = diagnosis["verdict"]["reason"]
    good = case["first"] == "accepted"
    if not found or found[0] != case["first"]:
        return f"{case['first']} is due, found were {', '.join(found)} ({reason})"
    if (reason == "accepted") != good or code != (0 if good else 1):
        return f"the verdict is {reason}, the exit code {code}"
    if any(case.get("secret", "\0") in json.dumps(finding) for finding in diagnosis["findings"]):
        return "the secret is said"
    return None


def main():
    given = arguments()
    node = LANGUAGES["node"]
    try:
        node.require()
    except Skip as missing:
        print(f"SKIP: {missing} is not installed")
        return SKIPPED
    modules = node.prepare(given.work.resolve())
    made = subprocess.run(["node", HERE / "mistakes.js", modules], capture_output=True, text=True)
    if made.returncode != 0:
        sys.exit(made.stderr)
    cases = [json.loads(line) for line in made.stdout.splitlines()]
    faults = 0
    with tempfile.TemporaryDirectory(prefix="countersign-diagnose-") as scratch:
        for case in cases:
            wrong = fault(case, *explain(given.bin.resolve(), Path(scratch), case))
            faults += wrong is not None
            print(f"{'FAILED' if wrong else 'ok':7} {case['name']}{': ' + wrong if wrong else ''}")
    print(f"{len(cases)} cases, {faults} failed")
    return 0 if faults == 0 and len(cases) >= AT_LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
