"""kill -9 at random points under load: no acknowledged login, key change or enforcement change is
lost, nothing is half there, and the server is ready again.

    test_crash.py [--rounds N] [--seed N]

SPDX-License-Identifier: Apache-2.0"""
import argparse
import random
import signal
import sqlite3
import sys
import threading
import time

from server import Server, good_claims, mint

MODES = ["off", "monitor", "optional", "required"]


class Load:
    """Three kinds of writers; each notes what was acknowledged, and what was only tried."""

    def __init__(self, server, app, spare_key, round_number):
        self.server, self.app, self.key, self.round = server, app, spare_key, round_number
        self.logins, self.lock = [], threading.Lock()
        self.mode_acked = self.mode_tried = None
        self.state_acked = self.state_tried = None
        self.over = threading.Event()

    def logins_forever(self, n):
        connection = self.server.connect()
        i = 0
        while not self.over.is_set():
            i += 1
            user = f"u-{self.round}-{n}-{i}"
            answer = self.server.call(
                "POST", f"/sdk/v1/apps/{self.app}/sessions",
                {"device": {"id": f"d-{user}"}, "token": mint(good_claims(user))},
                connection=connection)
            if answer.status == 201:
                with self.lock:
                    self.logins.append((user, answer.json["session"]["token"]))

    def modes_forever(self):
        while not self.over.is_set():
            for mode in MODES:
                self.mode_tried = mode
                self.server.manage("PUT", f"/apps/{self.app}/enforcement", {"mode": mode})
                self.mode_acked, self.mode_tried = mode, None

    def states_forever(self):
        while not self.over.is_set():
            for state in ("retiring", "active"):
                self.state_tried = state
                self.server.manage("PATCH", f"/apps/{self.app}/keys/{self.key}", {"state": state})
                self.state_acked, self.state_tried = state, None

    def run(self, work, *arguments):
        try:
            work(*arguments)
        except Exception:  # the server died under it: that is the point
            pass

    def start(self):
        jobs = [(self.logins_forever, n) for n in range(4)]
        jobs += [(self.modes_forever,), (self.states_forever,)]
        self.threads = [threading.Thread(target=self.run, args=j) for j in jobs]
        for t in self.threads:
            t.start()

    def join(self):
        self.over.set()
        for t in self.threads:
            t.join()


def check(load):
    server, app = load.server, load.app
    mode = server.manage("GET", f"/apps/{app}/enforcement")["mode"]
    assert mode in (load.mode_acked, load.mode_tried) or load.mode_acked is None, (
        f"enforcement is {mode}, acknowledged was {load.mode_acked}")
    state = server.manage("GET", f"/apps/{app}/keys/{load.key}")["state"]
    assert state in (load.state_acked, load.state_tried) or load.state_acked is None, (
        f"the key is {state}, acknowledged was {load.state_acked}")
    connection = server.connect()
    for user, token in load.logins:
        answer = server.call("GET", f"/sdk/v1/apps/{app}/sessions/current", key=token,
                             connection=connection)
        assert answer.status == 200 and answer.json["customer"]["identity"] == user, (
            f"the login of {user} was acknowledged and is lost: {answer.status}")
        answer = server.call("PATCH", f"/sdk/v1/apps/{app}/sessions/current",
                             {"token": mint(good_claims(user))}, key=token, connection=connection)
        assert answer.status == 200, f"the session of {user} is not in the store: {answer.body}"
    connection.close()


def integrity(server):
    database = sqlite3.connect(server.path("data/countersign.db"))
    found = database.execute("PRAGMA integrity_check").fetchone()[0]
    database.close()
    assert found == "ok", found


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", type=int, default=60)
    arguments.add_argument("--seed", type=int, default=time.time_ns() % 1000000)
    given = arguments.parse_args()
    print(f"seed {given.seed}")
    chance = random.Random(given.seed)
    server = Server().start()
    app, _ = server.make_app(use="session")
    spare = server.manage("POST", f"/apps/{app}/keys", {
        "algorithm": "HS256", "secret": "spare-secret-0123456789abcdef0123456789", "kid": "spare"})["id"]
    logins = 0
    for n in range(given.rounds):
        load = Load(server, app, spare, n)
        load.start()
        time.sleep(chance.uniform(0.02, 0.5))  # the random point; nothing is asserted about it
        server.stop(signal.SIGKILL)
        load.join()
        integrity(server)
        server.start()
        check(load)
        logins += len(load.logins)
    server.stop()
    print(f"{given.rounds} rounds, {logins} acknowledged logins, 0 lost")
    assert logins > given.rounds, "the load was no load"


if __name__ == "__main__":
    sys.exit(main())
