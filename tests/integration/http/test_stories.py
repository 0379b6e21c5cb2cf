"""Each story of examples/stories, run as a reader would run it, against one server.

SPDX-License-Identifier: Apache-2.0"""
import os
import re
import shutil
import subprocess
import sys
import unittest

from server import BIN, Server

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../examples/stories")
STORIES = sorted(n for n in os.listdir(FOLDER) if n.endswith(".sh") and n != "story.sh")


class Stories(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(options=["--demo"]).start()  # it has apps of all five systems already

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def tell(self, story):
        environment = {**os.environ, "COUNTERSIGN": os.path.abspath(BIN),
                       "COUNTERSIGN_URL": f"http://127.0.0.1:{self.server.port}",
                       "COUNTERSIGN_API_KEY": self.server.admin}
        return subprocess.run([os.path.join(FOLDER, story)], env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)

    def test_tells_no_story_that_is_not_true(self):
        self.assertEqual(len(STORIES), 5)
        for story in STORIES:
            with self.subTest(story):
                told = self.tell(story)
                self.assertEqual(told.returncode, 0, told.stdout)
                self.assertRegex(told.stdout, r"\n\w+: [1-9][0-9]+ proofs, none false\.\n$")
                self.assertEqual(len(re.findall("  proved ", told.stdout)),
                                 int(re.findall(r"(\d+) proofs", told.stdout)[-1]))

    def test_appcues_is_told_again_beside_the_app_of_the_first_time(self):
        for _ in range(2):
            told = self.tell("appcues.sh")
            self.assertEqual(told.returncode, 0, told.stdout)

    def test_a_false_sentence_ends_a_story(self):
        script = f'. {FOLDER}/story.sh; prove "two is three" 2 3; ended Never'
        told = subprocess.run(["/bin/sh", "-euc", script], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT,
                              env={**os.environ, "COUNTERSIGN_API_KEY": "k.s"})
        self.assertEqual(told.returncode, 1)
        self.assertIn("FALSE  two is three", told.stdout)
        self.assertNotIn("none false", told.stdout)


if __name__ == "__main__":
    for program in ("curl", "jq"):
        if shutil.which(program) is None:
            print(f"skipped: {program} is not here")
            sys.exit(77)
    unittest.main()
