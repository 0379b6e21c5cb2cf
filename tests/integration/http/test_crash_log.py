"""kill -9 at random points under a mixed load of anonymous starts, syncs, logins that link, pushes and
logouts: nothing acknowledged is lost, nothing is there twice, each device's items keep their order.

    test_crash_log.py [--rounds N] [--seed N]

SPDX-License-Identifier: Apache-2.0"""
import argparse
import random
import signal
import sqlite3
import sys
import threading
import time

from server import Server, good_claims, mint

DEVICES = 4  # two of each customer, so that links and appends of one log meet


class Device:
    """One device's life, again and again: visit, write, log in, write, be written to, log out. It notes
    what was acknowledged, in order, and what it was trying when the server died."""

    def __init__(self, server, app, round_number, number):
        self.server, self.app = server, app
        self.name = f"dev-{round_number}-{number}"
        self.user = f"cust-{round_number}-{number // 2}"
        self.acked, self.tried, self.pushed, self.push_tried = [], [], [], []
        self.ended, self.logins, self.visits = [], [], []
        self.items = 0

    def post(self, path, body, key=None):
        answer = self.server.call("POST", path, body, key=key, connection=self.connection)
        assert answer.status in (200, 201), (path, answer.status, answer.body)
        return answer.json

    def sdk(self, path, body, key=None):
        return self.post(f"/sdk/v1/apps/{self.app}/{path}", body, key)

    def write(self, session, chance):
        ids = [f"{self.name}-{self.items + i:05d}" for i in range(chance.randrange(1, 4))]
        self.items += len(ids)
        body = {"items": [{"id": i, "kind": "event", "body": {"name": i}} for i in ids]}
        self.tried = ids
        results = self.sdk("sync", body, session)["results"]
        assert [r["status"] for r in results] == ["accepted"] * len(ids), results
        self.acked, self.tried = self.acked + ids, []
        if chance.random() < 0.3:  # its answer was lost, as far as the device knows
            again = self.sdk("sync", body, session)["results"]
            assert [r["status"] for r in again] == ["duplicate"] * len(ids), again

    def push(self, customer):
        name = f"push-{self.name}-{len(self.pushed)}"
        self.push_tried = [name]
        self.post(f"/api/v1/apps/{self.app}/customers/{customer}/items",
                  {"id": name, "kind": "push", "body": {"title": name}}, self.server.admin)
        self.pushed, self.push_tried = self.pushed + [name], []

    def live_once(self, chance):
        device = {"id": f"{self.name}-{len(self.visits)}"}
        visit = self.sdk("sessions", {"device": device})
        self.visits.append(visit["customer"]["id"])
        self.write(visit["session"]["token"], chance)
        login = self.sdk("sessions", {"device": device, "token": mint(good_claims(self.user)),
                                      "anonymous": visit["session"]["token"]})
        assert login["linked"]["customer"] == self.visits[-1], login["linked"]
        self.logins.append(login["customer"]["id"])
        self.write(login["session"]["token"], chance)
        self.push(login["customer"]["id"])
        if chance.random() < 0.5:
            answer = self.server.call("DELETE", f"/sdk/v1/apps/{self.app}/sessions/current",
                                      key=login["session"]["token"], connection=self.connection)
            assert answer.status == 204, answer.status
            self.ended.append(login["session"]["token"])

    def live(self, chance):
        self.connection = self.server.connect()
        try:
            while True:
                self.live_once(chance)
        except (OSError, ConnectionError, ValueError):
            pass  # the server died under it: that is the point
        except Exception as error:  # http.client's own word for the same
            if type(error).__module__ != "http.client":
                self.failure = error

    failure = None


def log_of(server, app, customer):
    ids, cursor = [], ""
    while True:
        page = server.manage("GET", f"/apps/{app}/customers/{customer}/items"
                                    f"?order=oldest&limit=200{cursor}")
        ids += [i["id"] for i in page["items"]]
        if page["next"] is None:
            return ids
        cursor = "&cursor=" + page["next"]


def check_log(ids, devices):
    assert len(ids) == len(set(ids)), "an item is there twice"
    for d in devices:
        present = [i for i in ids if i in d.known]
        lost = d.acked_set - set(present)
        assert not lost, f"acknowledged and lost: {sorted(lost)[:5]}"
        own = [i for i in present if i.startswith(d.name)]
        assert own == sorted(own), f"{d.name}: out of order"
    strangers = set(ids) - set().union(*(d.known for d in devices))
    assert not strangers, f"nobody sent {sorted(strangers)[:5]}"


def check(server, app, devices):
    """Each customer has one log; what a visitor wrote whose login was not acknowledged lies in the
    visitor's own log or, where the login did happen, in the customer's."""
    for d in devices:
        if d.failure:
            raise d.failure
        d.acked_set = set(d.acked) | set(d.pushed)
        d.known = d.acked_set | set(d.tried) | set(d.push_tried)
        for token in d.ended:
            answer = server.call("GET", f"/sdk/v1/apps/{app}/sessions/current", key=token)
            assert answer.status == 401, "an acknowledged logout is lost"
    for user in {d.user for d in devices}:
        of = [d for d in devices if d.user == user]
        customers = {c for d in of for c in d.logins}
        assert len(customers) <= 1, f"{user} is {len(customers)} customers"
        ids, seen = [], set()
        found = server.manage("GET", f"/apps/{app}/customers?identity={user}")["items"]
        assert len(found) >= len(customers), f"{user} is lost"
        for customer in [c["id"] for c in found] + [v for d in of for v in d.visits]:
            owner = server.manage("GET", f"/apps/{app}/customers/{customer}")["linked_to"] or customer
            if owner not in seen:
                seen.add(owner)
                ids += log_of(server, app, owner)
        check_log(ids, of)


def integrity(server):
    database = sqlite3.connect(server.path("data/countersign.db"))
    found = database.execute("PRAGMA integrity_check").fetchone()[0]
    wrong = database.execute("PRAGMA foreign_key_check").fetchall()
    miscounted = database.execute(
        "SELECT count(*) FROM logs l WHERE (items, bytes) != (SELECT count(*),"
        " coalesce(sum(length(body)), 0) FROM items i"
        " WHERE i.app = l.app AND i.customer = l.customer)").fetchone()[0]
    database.close()
    assert (found, wrong, miscounted) == ("ok", [], 0), (found, wrong, miscounted)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", type=int, default=60)
    arguments.add_argument("--seed", type=int, default=time.time_ns() % 1000000)
    given = arguments.parse_args()
    print(f"seed {given.seed}")
    chance = random.Random(given.seed)
    server = Server().start()
    app, _ = server.make_app(use="session")
    items = links = 0
    slowest = 0.0
    for n in range(given.rounds):
        devices = [Device(server, app, n, i) for i in range(DEVICES)]
        threads = [threading.Thread(target=d.live, args=(random.Random(chance.random()),))
                   for d in devices]
        for t in threads:
            t.start()
        time.sleep(chance.uniform(0.02, 0.5))  # the random point; nothing is asserted about it
        server.stop(signal.SIGKILL)
        for t in threads:
            t.join()
        integrity(server)
        before = time.monotonic()
        server.start()
        slowest = max(slowest, time.monotonic() - before)
        check(server, app, devices)
        items += sum(len(d.acked) + len(d.pushed) for d in devices)
        links += sum(len(d.logins) for d in devices)
    server.stop()
    print(f"{given.rounds} rounds, {links} links and {items} items acknowledged, 0 lost, 0 doubled;"
          f" ready again after {slowest * 1000:.0f} ms at most")
    assert items > given.rounds and links > given.rounds, "the load was no load"


if __name__ == "__main__":
    sys.exit(main())
