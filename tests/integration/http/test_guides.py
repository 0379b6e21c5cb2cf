"""Every command of docs/guides and docs/backup.md, run as a reader would paste it; every answer printed there, held
against what it answers.

SPDX-License-Identifier: Apache-2.0"""
import os
import shutil
import sys
import tempfile
import unittest

import guides
from server import BIN, Server

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../docs/guides")
GUIDES = sorted(n for n in os.listdir(FOLDER) if n.endswith(".md") and n != "README.md")


def blocks_of(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as f:
        return guides.steps(f.read())


def block(commands, kind=None, answer=None, how=""):
    step = guides.Step(1, commands, how)
    step.kind, step.answer = kind, answer
    return step


class Guides(unittest.TestCase):
    def follow(self, blocks, options=()):
        """What is wrong with them, against a fresh server."""
        folder = tempfile.mkdtemp(prefix="countersign-guide-")
        self.addCleanup(shutil.rmtree, folder)
        with Server(options=options) as server:
            self.addCleanup(shutil.rmtree, server.folder)
            programs = os.path.dirname(os.path.abspath(BIN))
            return guides.run(blocks, folder, {
                **os.environ, "PATH": programs + ":" + os.environ["PATH"], "LC_ALL": "C.UTF-8",
                "COUNTERSIGN_URL": f"http://127.0.0.1:{server.port}",
                "DATA": server.path("data"), "BACKUPS": folder,
                "COUNTERSIGN_API_KEY": server.admin})

    def test_every_guide_does_what_it_says(self):
        self.assertEqual(len(GUIDES), 5)
        first = blocks_of("README.md")
        for name in GUIDES:
            with self.subTest(name):
                own = blocks_of(name)
                self.assertGreaterEqual(len(own), 5, "a guide is told in commands")
                self.assertGreaterEqual(sum(b.kind is not None for b in own), 3, "and proved")
                found = self.follow(first + own, ["--demo"])
                if found:
                    self.fail(f"docs/guides/{name}, {found}")

    def test_the_page_on_backups_does_what_it_says(self):
        with open(os.path.join(FOLDER, "../backup.md"), encoding="utf-8") as f:
            own = guides.steps(f.read())
        self.assertEqual([b.kind for b in own], ["text"] * 4, "each command with its answer")
        found = self.follow(own)
        if found:
            self.fail(f"docs/backup.md, {found}")

    def test_a_command_that_fails_is_told(self):
        self.assertIn("line 1:", self.follow([block("false\n"), block("true\n")]))

    def test_a_command_that_should_have_been_refused_is_told(self):
        self.assertIn("ended 0", self.follow([block("true\n", how="refused")]))
        self.assertIsNone(self.follow([block("false\n", how="refused")]))

    def test_what_one_block_sets_the_next_one_knows(self):
        self.assertIsNone(self.follow([block("a=1\n"), block('echo "$a"\n', "text", "1\n")]))

    def test_an_answer_that_is_due_soon_is_asked_for_again(self):
        count = 'echo x >>tries; grep -c x tries\n'
        self.assertIsNone(self.follow([block(count, "text", "3\n", "soon")]))
        self.assertIsNotNone(self.follow([block(count, "text", "3\n")]))

    def test_what_follows_a_refused_block_still_ends_at_its_first_failure(self):
        ends = [block("false\n", how="refused"), block("false\ntrue\n")]
        self.assertIn("failed", self.follow(ends))

    def test_another_answer_is_told(self):
        self.assertIn("where the guide prints", self.follow([block("echo 2\n", "text", "1\n")]))


class Answers(unittest.TestCase):
    def yes(self, kind, expected, printed):
        self.assertTrue(guides.agrees(kind, expected, printed), (expected, printed))

    def no(self, kind, expected, printed):
        self.assertFalse(guides.agrees(kind, expected, printed), (expected, printed))

    def test_text_is_exact_but_for_wildcards(self):
        self.yes("text", "a <number>.\n", "a 12.\n")
        self.no("text", "a <number>.\n", "a b.\n")
        self.no("text", "a.b\n", "axb\n")
        self.no("text", "a\n", "a\nb\n")
        self.yes("text", "a\n…\nd\n", "a\nb\nc\nd\n")
        self.no("text", "a\n…\nd\n", "a\nb\nc\n")
        self.yes("text", "at <time>\n", "at 2026-11-21T18:00:00.123Z\n")
        self.no("text", "at <time>\n", "at 2026-11-21\n")

    def test_json_is_compared_as_values(self):
        self.yes("json", '{"a": 1, "b": [2]}', '{"b":[2],"a":1}')
        self.no("json", '{"a": 1}', '{"a":1,"b":2}')
        self.no("json", '{"a": 1, "b": 2}', '{"a":1}')
        self.no("json", '{"a": 1}', '{"a":true}')
        self.no("json", '{"a": 1}', "{")

    def test_json_may_leave_members_out_by_saying_so(self):
        self.yes("json", '{"a": 1, "…": "…"}', '{"a":1,"b":2}')
        self.no("json", '{"a": 1, "…": "…"}', '{"a":2,"b":2}')
        self.no("json", '{"a": 1, "…": "…"}', '{"b":2}')
        self.yes("json", '[1, "…"]', "[1,2,3]")
        self.no("json", '[1, 2, "…"]', "[1]")

    def test_a_wildcard_stands_for_its_kind_alone(self):
        self.yes("json", '{"n": "<number>"}', '{"n":-5}')
        self.no("json", '{"n": "<number>"}', '{"n":"5"}')
        self.no("json", '{"n": "<number>"}', '{"n":null}')
        self.yes("json", '["<id>"]', '["01M7ZN7T4T7BEN3DK95YWS7X9D"]')
        self.no("json", '["<id>"]', '["01M7"]')

    def test_an_excerpt_stands_in_its_file(self):
        piece = "class Server:\n"
        name = "tests/integration/http/server.py"
        self.assertEqual(guides.steps(f"```python {name}\n{piece}```\n"), [])
        with self.assertRaises(ValueError):
            guides.steps(f"```python {name}\nclass Sever:\n```\n")

    def test_a_block_of_no_known_kind_and_an_answer_to_nothing_are_refused(self):
        with self.assertRaises(ValueError):
            guides.steps("```bash\ntrue\n```\n")
        with self.assertRaises(ValueError):
            guides.steps("```sh refusd\nfalse\n```\n")
        with self.assertRaises(ValueError):
            guides.steps("```text\n1\n```\n")


if __name__ == "__main__":
    for program in ("curl", "jq"):
        if shutil.which(program) is None:
            print(f"skipped: {program} is not here")
            sys.exit(77)
    unittest.main()
