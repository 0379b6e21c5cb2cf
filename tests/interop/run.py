#!/usr/bin/env python3
"""Runs one language's interoperability tests against a real server. See README.md.

    run.py --language node --work build/dev/interop --bin build/dev/cli/countersign

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from harness import both_ways, logins
from harness.countersign import Server
from harness.keys import Keys
from harness.languages import LANGUAGES, Skip
from harness.local_time import check_local_time
from harness.misuse import Misuse
from harness.processes import Backend, Lines
from harness.report import Report

SKIPPED = 77


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--language", required=True, choices=LANGUAGES)
    parser.add_argument("--work", required=True, type=Path, help="where the examples are built")
    parser.add_argument("--bin", default=os.environ.get("COUNTERSIGN_BIN"),
                        help="the countersign program (else COUNTERSIGN_BIN)")
    parser.add_argument("--shapes-only", action="store_true",
                        help="look at the backends' tokens only; needs no server")
    return parser.parse_args()


def run(report, language, copy, binary, scratch):
    keys = Keys(scratch / "keys")
    environment = logins.environment(keys)
    with Backend(language, copy, environment) as backend:
        logins.check_shapes(report, language, backend)
        logins.check_backend_refusals(report, language, backend)
        if binary is None:
            return
        with Server(binary, scratch) as server, Lines(language, copy) as lines:
            apps = server.create_systems(keys)
            logins.check_logins(report, language, backend, server, apps)
            Misuse(report, language, lines, server, apps, keys).check_all()
            check_local_time(report, language, copy, server, apps, keys)
            every = both_ways.create_apps(server, keys)
            both_ways.check_signed_by_library(report, language, lines, server, every, keys)
            both_ways.check_minted_by_us(report, language, lines, binary, keys)


def main():
    given = arguments()
    language = LANGUAGES[given.language]
    try:
        if shutil.which("openssl") is None:
            raise Skip("openssl")
        language.require()
    except Skip as missing:
        print(f"SKIP: {missing} is not installed")
        return SKIPPED
    if given.bin is None and not given.shapes_only:
        sys.exit("name the countersign program with --bin or COUNTERSIGN_BIN")
    binary = None if given.shapes_only else str(Path(given.bin).resolve())
    report = Report()
    try:
        copy = language.prepare(given.work.resolve())
    except subprocess.CalledProcessError as failed:
        print(f"FAILED  {language.name}: {' '.join(failed.cmd)}")
        return 1
    with tempfile.TemporaryDirectory(prefix="countersign-interop-") as scratch:
        run(report, language, copy, binary, Path(scratch))
    return 0 if report.close() else 1


if __name__ == "__main__":
    sys.exit(main())
