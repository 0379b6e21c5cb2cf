#!/usr/bin/env python3
# The transcript on the README's first screens is run, line by line, with the program just built:
# what follows each "$ " line must be what it prints. A printed line "…" stands for any lines, and
# "…" inside a line for any text. argv[1] is the program. SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def transcript():
    """[(command, expected lines)] of the README's ```console blocks."""
    steps = []
    for block in re.findall(r"^```console\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"),
                            re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                steps.append((line[2:], []))
            elif steps[-1][0].endswith("\\"):
                steps[-1] = (steps[-1][0] + "\n" + line, [])
            else:
                steps[-1][1].append(line)
    return steps


def agrees(expected, printed):
    pattern = "".join(r"(?:.*\n)*?" if line == "…" else
                      ".*".join(map(re.escape, line.split("…"))) + r"\n" for line in expected)
    return re.fullmatch(pattern, printed) is not None


def main(program):
    steps = transcript()
    failures = 0 if steps else 1
    bin_folder = str(pathlib.Path(program).resolve().parent)
    environment = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
    with tempfile.TemporaryDirectory() as folder:
        for command, expected in steps:
            done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, text=True,
                                  stdin=subprocess.DEVNULL, capture_output=True, check=False)
            printed = done.stdout + done.stderr
            if not agrees(expected, printed):
                failures += 1
                print(f"the README says that\n  {command}\nprints\n" + "\n".join(expected)
                      + f"\nbut it prints\n{printed}")
    print(f"{len(steps)} commands of the README, {failures} differ")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
