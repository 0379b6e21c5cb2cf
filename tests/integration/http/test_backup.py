"""Backup and restore: made under load, restored, and started on. What was answered before is there;
what was damaged, newer, or has a place already is refused.
SPDX-License-Identifier: Apache-2.0"""
import hashlib
import json
import os
import re
import shutil
import sqlite3
import stat
import struct
import subprocess
import tempfile
import threading
import unittest

import server as real

MAGIC = b"countersign-bak1"


class Backup(unittest.TestCase):
    def setUp(self):
        self.server = real.Server().start()
        self.addCleanup(lambda: self.server.process.poll() is None and self.server.stop())
        self.folder = tempfile.mkdtemp(prefix="countersign-backup-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.file = os.path.join(self.folder, "backup")

    def run_command(self, *words, code=0):
        done = subprocess.run([real.BIN, *words], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, code, (words, done.stdout, done.stderr))
        return done.stdout + done.stderr

    def backup(self, **more):
        return self.run_command("backup", "--data", self.server.path("data"), "--out", self.file, **more)

    def restore(self, data="new", **more):
        return self.run_command("restore", "--from", self.file, "--data",
                                os.path.join(self.folder, data), **more)

    def start_restored(self):
        """A server on the restored folder, with the master key of the first."""
        other = real.Server(folder=self.folder)
        os.rename(os.path.join(self.folder, "new"), other.path("data"))
        shutil.copy(self.server.path("data") + "/master.key", other.path("data"))
        other.start()
        self.addCleanup(other.stop)
        other.admin = self.server.admin
        return other

    def seal(self, database, schema):
        """A backup file of our own making, in the documented form."""
        manifest = json.dumps({"schema": schema, "made_at": "2026-11-21T00:00:00.000Z",
                               "master_key": "", "audit_head": ""}).encode()
        whole = database + manifest + MAGIC + struct.pack(">QQ", len(database), len(manifest))
        with open(self.file, "wb") as f:
            f.write(whole + hashlib.sha256(whole).digest())

    def database(self, *statements):
        """The database of the server, stopped, with something done to it."""
        self.server.stop()
        path = self.server.path("data") + "/countersign.db"
        base = sqlite3.connect(path)
        for statement in statements:
            base.execute(statement)
        base.commit()
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        base.close()
        with open(path, "rb") as f:
            return f.read()

    def test_everything_answered_before_a_backup_under_load_is_in_it(self):
        answered, stop, told = [], threading.Event(), threading.Semaphore(0)

        def work(worker):
            number = 0
            while not stop.is_set():
                name = f"app-{worker}-{number}"
                self.server.manage("POST", "/apps", {"name": name, "preset": "generic"})
                answered.append(name)
                told.release()
                number += 1
        threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(50):
            told.acquire()
        before = list(answered)
        said = self.backup()
        stop.set()
        for thread in threads:
            thread.join()
        head = re.search(r"audit head +(\S+)", said).group(1)
        self.assertGreater(int(head.split(":")[0]), len(before))
        self.restore()
        verified = self.run_command("audit", "verify", "--data", os.path.join(self.folder, "new"),
                                    "--head", head)
        self.assertIn("sound", verified)
        other = self.start_restored()
        names, cursor = set(), ""
        while cursor is not None:
            page = other.manage("GET", "/apps?limit=200" + cursor)
            names |= {a["name"] for a in page["items"]}
            cursor = page["next"] and "&cursor=" + page["next"]
        self.assertLessEqual(set(before), names)
        self.assertEqual(other.manage("GET", "/audit?limit=1")["items"][0]["operation"], "restore")

    def test_what_was_revoked_stays_revoked(self):
        app, _ = self.server.make_app(use="session")
        token = real.mint(real.good_claims())
        first, second = (self.server.login(app, token, device=d).json["session"]["token"]
                         for d in ("dev-1", "dev-2"))
        path = f"/sdk/v1/apps/{app}/sessions/current"
        self.assertEqual(self.server.call("DELETE", path, key=first).status, 204)
        self.server.stop()
        self.backup()
        self.restore()
        other = self.start_restored()
        self.assertEqual(other.call("GET", path, key=first).json["reason"], "revoked")
        self.assertEqual(other.call("GET", path, key=second).status, 200)

    def test_devices_that_read_further_than_the_backup_get_what_comes_next(self):
        app, _ = self.server.make_app(use="session")
        session = self.server.login(app, real.mint(real.good_claims())).json["session"]["token"]
        path = f"/sdk/v1/apps/{app}/sync"

        def sync(server, **body):
            answer = server.call("POST", path, body, key=session)
            self.assertEqual(answer.status, 200, answer.body)
            return answer.json

        def broadcast(server):
            server.manage("POST", f"/apps/{app}/broadcasts", {"kind": "message", "body": {"n": 1}})
        broadcast(self.server)
        self.backup()
        for number in range(5):
            sync(self.server, items=[{"id": f"lost-{number}", "kind": "event", "body": {}}])
            broadcast(self.server)
        ahead = sync(self.server)["cursor"]
        self.server.stop()
        self.restore()
        other = self.start_restored()
        who = other.manage("GET", f"/apps/{app}/customers")["items"][0]["id"]
        other.manage("POST", f"/apps/{app}/customers/{who}/items",
                     {"kind": "message", "id": "after", "body": {}})
        broadcast(other)
        self.assertEqual([i["broadcast"] for i in sync(other, cursor=ahead)["items"]], [False, True])

    def test_a_backup_is_private_and_never_holds_the_master_key(self):
        said = self.backup()
        self.assertEqual(stat.S_IMODE(os.stat(self.file).st_mode), 0o600)
        self.assertEqual(os.listdir(self.folder), ["backup"])
        with open(self.server.path("data") + "/master.key") as f:
            key = f.read().strip()
        with open(self.file, "rb") as f:
            content = f.read()
        for form in (key.encode(), bytes.fromhex(key) if len(key) == 64 else key.encode()):
            self.assertNotIn(form, content)
        self.assertRegex(said, r"master key +[0-9a-f]{16}\n")
        self.assertIn("The master key is not in the backup", said)

    def test_another_master_key_does_not_open_it(self):
        self.backup()
        self.restore()
        other = real.Server(folder=self.folder)
        os.rename(os.path.join(self.folder, "new"), other.path("data"))
        with self.assertRaises(RuntimeError):
            other.start()

    def test_one_flipped_byte_anywhere_is_refused(self):
        self.backup()
        with open(self.file, "rb") as f:
            good = f.read()
        size = len(good)
        for at in (0, 20, 4096, size // 2, size - 200, size - 64, size - 40, size - 33, size - 1):
            with open(self.file, "wb") as f:
                f.write(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
            self.assertIn("damaged", self.restore(code=1))
            self.assertFalse(os.path.exists(os.path.join(self.folder, "new")))
        for cut in (0, 1, 63, 64, size - 1):
            with open(self.file, "wb") as f:
                f.write(good[:cut])
            self.restore(code=1)
        with open(self.file, "wb") as f:
            f.write(good)
        self.restore()

    def test_a_database_that_is_not_sound_is_refused(self):
        bad = self.database("PRAGMA foreign_keys=OFF",
                            "INSERT INTO jwks SELECT 'nobody', x'00', 1, 0, 0, 0, 0, ''")
        self.seal(bad, 1)
        self.assertIn("damaged", self.restore(code=1))
        self.assertEqual(os.listdir(os.path.join(self.folder, "new")), [])

    def test_a_newer_schema_is_refused(self):
        good = self.database()
        self.seal(good, 9999)
        self.assertIn("newer version", self.restore(code=1))
        newer = self.database_again("INSERT INTO schema_version VALUES (9999, 'x')")
        self.seal(newer, 1)
        self.assertIn("newer version", self.restore(code=1))

    def database_again(self, statement):
        self.server.start()
        return self.database(statement)

    def test_nothing_is_ever_overwritten(self):
        self.backup()
        self.assertIn("exists", self.backup(code=1))
        os.mkdir(os.path.join(self.folder, "full"))
        with open(os.path.join(self.folder, "full", "something"), "w") as f:
            f.write("x")
        self.assertIn("not empty", self.restore(data="full", code=1))
        self.assertEqual(os.listdir(os.path.join(self.folder, "full")), ["something"])
        os.mkdir(os.path.join(self.folder, "key"))
        shutil.copy(self.server.path("data") + "/master.key", os.path.join(self.folder, "key"))
        self.restore(data="key")
        self.assertIn("no database", self.run_command("backup", "--data", self.folder, "--out",
                                                      self.file + "2", code=3))


if __name__ == "__main__":
    unittest.main()
