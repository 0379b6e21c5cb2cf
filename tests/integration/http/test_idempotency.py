"""Idempotency-Key on the real server: many at once do it once, and so does whoever asks again after
the server was killed, whenever that was.
SPDX-License-Identifier: Apache-2.0"""
import http.client
import random
import signal
import threading
import unittest

import server as real

ROUNDS = 25


class Idempotency(unittest.TestCase):
    def setUp(self):
        self.server = real.Server().start()
        self.addCleanup(lambda: self.server.process.poll() is None and self.server.stop())

    def make(self, key, name="shop"):
        return self.server.call("POST", "/api/v1/apps", {"name": name, "preset": "generic"},
                                key=self.server.admin, headers={"Idempotency-Key": key})

    def names(self):
        found, cursor = [], ""
        while cursor is not None:
            page = self.server.manage("GET", "/apps?limit=200" + cursor)
            found += [a["name"] for a in page["items"]]
            cursor = page["next"] and "&cursor=" + page["next"]
        return found

    def test_a_key_of_nothing_is_none(self):
        for key in ("", " ", '""'):
            self.assertEqual(self.make(key).status, 400, repr(key))
        self.assertEqual(self.names(), [])

    def test_sixteen_at_once_do_it_once(self):
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(self.make("one")))
                   for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual({a.status for a in answers}, {201})
        self.assertEqual(len({a.body for a in answers}), 1)
        self.assertEqual([a.headers["Idempotency-Replayed"] for a in answers].count(None), 1)
        self.assertEqual(self.names(), ["shop"])

    def test_kill_and_ask_again_does_it_once(self):
        chance = random.Random(20261121)
        for number in range(ROUNDS):
            key = name = f"app-{number}"
            timer = threading.Timer(chance.random() * 0.008,
                                    lambda: self.server.process.send_signal(signal.SIGKILL))
            first = None
            timer.start()
            try:
                first = self.make(key, name)
            except (OSError, http.client.HTTPException):
                pass
            timer.join()
            self.server.process.wait()
            self.server.start()
            again = self.make(key, name)
            self.assertEqual(again.status, 201)
            if first is not None:
                self.assertEqual((first.status, again.body), (201, first.body))
                self.assertEqual(again.headers["Idempotency-Replayed"], "true")
            self.assertEqual(self.names().count(name), 1)

    def test_an_answer_outlives_a_restart(self):
        first = self.make("one")
        self.server.stop()
        self.server.start()
        self.assertEqual(self.make("one").body, first.body)


if __name__ == "__main__":
    unittest.main()
