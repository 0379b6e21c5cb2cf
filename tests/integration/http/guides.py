"""A guide's blocks, how they are run, and whether an answer is the one the guide prints.

docs/guides/README.md says what a block and a wildcard are; this is where it is so.

SPDX-License-Identifier: Apache-2.0"""
import json
import os
import re
import signal
import subprocess
import threading
import time

FENCE = re.compile(r"^```(.*)\n((?:.*\n)*?)^```$", re.MULTILINE)
WILDCARDS = {
    "<id>": r"[0-9A-HJKMNP-TV-Z]{26}",
    "<time>": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z",
    "<date>": r"\d{4}-\d\d-\d\d",
    "<number>": r"-?\d+(\.\d+)?",
    "<word>": r"[^\s\"]+",
}
NAMED = re.compile("(" + "|".join(WILDCARDS) + ")")
KINDS = ("sh", "sh refused", "sh soon", "json", "text", "")
SOON_S = 20  # for what is counted beside the requests, each second
LONGEST_S = 120
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../..")
EXCERPT = re.compile(r"\w+ (\S+)")


class Step:
    """One ```sh block, and the answer block that follows it, if one does."""

    def __init__(self, line, commands, how=""):
        self.line, self.commands = line, commands
        self.refused, self.soon = how == "refused", how == "soon"
        self.kind, self.answer = None, None


def steps(text):
    """The commands of a guide. Raises ValueError for a block that is nothing the README knows."""
    found, last = [], ""
    for fence in FENCE.finditer(text):
        kind, body = fence[1], fence[2]
        line = text.count("\n", 0, fence.start()) + 2
        if kind not in KINDS:
            check_excerpt(line, kind, body)
        elif kind.startswith("sh"):
            found.append(Step(line, body, kind[3:]))
        elif kind and not last.startswith("sh"):
            raise ValueError(f"line {line}: an answer to no command")
        elif kind:
            found[-1].kind, found[-1].answer = kind, body
        last = kind
    return found


def check_excerpt(line, kind, body):
    """```python examples/…/x.py: the block is a piece of that file."""
    named = EXCERPT.fullmatch(kind)
    if named is None or kind.startswith("sh "):
        raise ValueError(f"line {line}: a block is none of {KINDS} and no excerpt: {kind!r}")
    with open(os.path.join(ROOT, named[1]), encoding="utf-8") as f:
        if body not in f.read():
            raise ValueError(f"line {line}: that does not stand in {named[1]}")


# --- what an answer may be ---

def pattern(expected):
    return "".join(WILDCARDS.get(piece, re.escape(piece)) for piece in NAMED.split(expected))


def text_agrees(expected, printed):
    lines = "".join(r"(?:.*\n)*?" if line.strip() == "…" else pattern(line) + r"\n"
                    for line in expected.splitlines())
    return re.fullmatch(lines, printed if printed.endswith("\n") else printed + "\n") is not None


def value_agrees(expected, got):
    if isinstance(expected, dict) and isinstance(got, dict):
        more = "…" in expected
        named = {name: value for name, value in expected.items() if name != "…"}
        return (more or set(named) == set(got)) and all(
            name in got and value_agrees(value, got[name]) for name, value in named.items())
    if isinstance(expected, list) and isinstance(got, list):
        more = expected[-1:] == ["…"]
        named = expected[:-1] if more else expected
        return (len(got) >= len(named) if more else len(got) == len(named)) and all(
            value_agrees(value, one) for value, one in zip(named, got))
    if expected == "<number>":
        return isinstance(got, (int, float)) and not isinstance(got, bool)
    if isinstance(expected, str) and isinstance(got, str):
        return re.fullmatch(pattern(expected), got) is not None
    return type(expected) is type(got) and expected == got


def agrees(kind, expected, printed):
    if kind == "text":
        return text_agrees(expected, printed)
    try:
        return value_agrees(json.loads(expected), json.loads(printed))
    except ValueError:
        return False


# --- one shell per guide ---

class Shell:
    """sh with set -eu. A block's output goes to a file; its end is told on the shell's own output."""

    def __init__(self, folder, environment):
        self.out = os.path.join(folder, "out")
        self.process = subprocess.Popen(
            ["sh", "-eu"], cwd=folder, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True,
            env={**environment, "OUT": self.out, "TMPDIR": folder})
        self.watchdog = threading.Timer(LONGEST_S, self.kill)

    def __enter__(self):
        self.watchdog.start()
        return self

    def __exit__(self, *unused):
        self.watchdog.cancel()
        self.kill()  # what it started in the background must not outlive it
        self.process.communicate()

    def kill(self):
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass

    def do(self, block):
        """Returns: what it printed, and its exit code as text; of a block that failed, neither."""
        group = "{\n" + block.commands + "}"
        if block.refused or block.soon:  # its failure must not end the shell, but ends the block
            group = "set +e\n(set -eu\n" + block.commands + ")"
        try:
            self.process.stdin.write(f'{group} >"$OUT" 2>&1 </dev/null\necho "ended $?"\nset -e\n')
            self.process.stdin.flush()
            end = self.process.stdout.readline()
        except BrokenPipeError:
            end = ""
        with open(self.out, "a+", encoding="utf-8") as f:
            f.seek(0)
            printed = f.read()
        os.unlink(self.out)
        return printed, end


def wrong(block, printed, end):
    told = f"line {block.line}:\n{block.commands}printed\n{printed}"
    if not end.startswith("ended "):
        return f"{told}and failed. {end}"
    if (end != "ended 0\n") != block.refused:
        return told + "and " + end
    if block.kind and not agrees(block.kind, block.answer, printed):
        return f"{told}where the guide prints\n{block.answer}"
    return None


def run(blocks, folder, environment):
    """Runs them in order, in an empty folder. Returns the first thing wrong, or None."""
    with Shell(folder, environment) as shell:
        for block in blocks:
            until = time.monotonic() + (SOON_S if block.soon else 0)
            found = wrong(block, *shell.do(block))
            while found and time.monotonic() < until:
                found = wrong(block, *shell.do(block))
            if found:
                return found
    return None
