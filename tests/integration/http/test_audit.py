"""The audit from an operator's chair: listed, exported, verified; on a running server, beside one,
and on a folder that somebody wrote in behind the server's back.
SPDX-License-Identifier: Apache-2.0"""
import json
import sqlite3
import subprocess
import unittest

import server as real


class Audit(unittest.TestCase):
    def setUp(self):
        self.server = real.Server().start()
        self.addCleanup(lambda: self.server.process.poll() is None and self.server.stop())
        for name in ("one", "two", "three"):
            self.server.make_app(name)  # an app and a key: two rows each

    def run_command(self, *words, online=True, stdin=""):
        where = ["--server", f"http://127.0.0.1:{self.server.port}"] if online else []
        return subprocess.run([real.BIN, "audit", *words, *where], input=stdin, text=True,
                              capture_output=True, timeout=30,
                              env={"COUNTERSIGN_API_KEY": self.server.admin})

    def good(self, *words, **more):
        done = self.run_command(*words, **more)
        self.assertEqual(done.returncode, 0, (words, done.stdout, done.stderr))
        return done.stdout

    def bad(self, said, *words, **more):
        done = self.run_command(*words, **more)
        self.assertEqual(done.returncode, 1, (words, done.stdout, done.stderr))
        self.assertIn(said, done.stdout + done.stderr)

    def offline(self, *words):
        return ("verify", "--data", self.server.path("data"), *words)

    def tamper(self, *statements):
        base = sqlite3.connect(self.server.path("data") + "/countersign.db")
        for statement in statements:
            self.assertGreater(base.execute(statement).rowcount, 0)
        base.commit()
        base.close()

    def test_a_sound_chain_is_sound_from_every_side(self):
        self.assertIn("7 rows, sound", self.good("verify"))
        self.assertIn("7 rows, sound", self.good(*self.offline(), online=False))
        self.assertIn("7 rows, sound", self.good("verify", "--file", "-", stdin=self.good("export")))
        self.server.stop()
        self.assertIn("7 rows, sound", self.good(*self.offline(), online=False))

    def test_both_exports_are_the_same_lines(self):
        lines = self.good("export")
        self.assertEqual(lines, self.good("export", "--data", self.server.path("data"), online=False))
        rows = [json.loads(line) for line in lines.splitlines()]
        self.assertEqual([r["number"] for r in rows], list(range(1, 8)))
        self.assertEqual(rows[0]["operation"], "firstStart")
        self.assertNotIn(real.SECRET, lines)

    def test_a_list_is_filtered(self):
        listed = json.loads(self.good("list", "--operation", "createApp", "--limit", "2"))
        self.assertEqual([r["number"] for r in listed["items"]], [6, 4])
        self.assertEqual(self.run_command("list", "--since", "today").returncode, 1)

    def test_what_is_written_behind_the_servers_back_is_named(self):
        self.server.stop()
        for statement, said in (
                ("UPDATE audit SET operation = 'x' WHERE number = 3", "row 3 was changed"),
                ("DELETE FROM audit WHERE number = 2", "row 2 is missing"),
                ("DELETE FROM audit WHERE number = 1", "row 1 is missing")):
            self.tamper(statement)
            self.bad(said, *self.offline(), online=False)

    def test_rows_cut_off_are_found_by_the_head_noted_before(self):
        head = json.loads(self.good("head"))["head"]
        self.assertIn("sound", self.good("verify", "--head", head))
        self.server.make_app("four")
        self.assertIn("sound", self.good("verify", "--head", head))
        self.server.stop()
        self.tamper("DELETE FROM audit WHERE number > 5")
        self.good(*self.offline(), online=False)
        self.bad("row 6 was noted and is cut off", *self.offline("--head", head), online=False)

    def test_an_export_that_was_edited_is_found(self):
        lines = self.good("export").splitlines(keepends=True)
        swapped = lines[:2] + [lines[3], lines[2]] + lines[4:]
        self.bad("row 3 is missing", "verify", "--file", "-", stdin="".join(swapped))
        twice = lines[:3] + lines[2:]
        self.bad("row 3 is out of order", "verify", "--file", "-", stdin="".join(twice))
        edited = "".join(lines).replace("createKey", "createCow", 1)
        self.bad("row 3 was changed", "verify", "--file", "-", stdin=edited)
        self.bad("line 2 is no audit row", "verify", "--file", "-", stdin=lines[0] + "{}\n")

    def test_a_folder_is_only_read(self):
        done = self.run_command("verify", "--data", self.server.path("nowhere"), online=False)
        self.assertEqual(done.returncode, 3)
        self.assertIn("there is no database", done.stderr)
        self.assertEqual(self.run_command("verify", "--head", "1:2").returncode, 2)

    def test_a_new_admin_key_is_in_the_audit(self):
        self.server.stop()
        self.server.options += ["--new-admin-key"]
        self.server.start()
        listed = json.loads(self.good("list", "--limit", "1"))["items"][0]
        self.assertEqual((listed["operation"], listed["api_key"]), ("newAdminKey", None))

    def test_what_a_demo_makes_is_in_the_audit_once(self):
        for _ in range(2):
            self.server.stop()
            self.server.options += ["--demo"]
            self.server.start()
            listed = json.loads(self.good("list", "--limit", "100"))["items"][:-7]
            self.assertEqual([r["operation"] for r in listed], ["createKey", "createApp"] * 5)
            self.assertEqual({r["api_key"] for r in listed}, {None})
            self.assertEqual(len({r["app"] for r in listed}), 5)
        self.assertIn("17 rows, sound", self.good("verify"))


if __name__ == "__main__":
    unittest.main()
