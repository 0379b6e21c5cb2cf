"""Many at once, over real sockets: whoever comes first, the outcome is one of the right ones.

SPDX-License-Identifier: Apache-2.0"""
import threading
import unittest

from server import Server, good_claims, mint

AT_ONCE = 16


def at_once(works):
    """Runs them all, each on a thread of its own, from one signal on. Returns what they returned."""
    gate, results = threading.Barrier(len(works)), [None] * len(works)

    def run(index, work):
        gate.wait()
        results[index] = work()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return results


class Races(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(options=["--workers", "4"]).start()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def app(self, **policy):
        return self.server.make_app(use="session", **policy)[0]

    def sdk(self, app, path, body, key=None):
        return self.server.call("POST", f"/sdk/v1/apps/{app}/{path}", body, key=key)

    def items_of(self, app, customer):
        page = self.server.manage("GET", f"/apps/{app}/customers/{customer}/items?order=oldest&limit=200")
        self.assertIsNone(page["next"])
        return [i["id"] for i in page["items"]]

    def test_sixteen_logins_of_one_identity_make_one_customer(self):
        app = self.app()
        answers = at_once([lambda n=n: self.server.login(app, mint(good_claims("alice")), f"d{n}")
                           for n in range(AT_ONCE)])
        self.assertEqual({a.status for a in answers}, {201})
        self.assertEqual(len({a.json["customer"]["id"] for a in answers}), 1)
        self.assertEqual(len(self.server.manage("GET", f"/apps/{app}/customers")["items"]), 1)

    def test_an_anonymous_log_gets_exactly_one_owner(self):
        app = self.app()
        visit = self.sdk(app, "sessions", {"device": {"id": "d"}}).json
        visitor = visit["session"]["token"]
        self.sdk(app, "sync", {"items": [{"id": f"i{n}", "kind": "event", "body": n}
                                         for n in range(20)]}, visitor)
        answers = at_once([lambda n=n: self.server.login(app, mint(good_claims(f"user-{n % 2}")),
                                                         f"d{n}", anonymous=visitor)
                           for n in range(AT_ONCE)])
        self.assertEqual({a.status for a in answers}, {201})
        owners = {a.json["customer"]["id"] for a in answers if a.json["linked"]}
        self.assertEqual(len(owners), 1)
        self.assertEqual(self.items_of(app, owners.pop()), [f"i{n}" for n in range(20)])
        self.assertEqual(sum(len(self.items_of(app, c["id"])) for c in self.server.manage(
            "GET", f"/apps/{app}/customers")["items"] if not c["linked_to"]), 20)

    def test_the_same_items_from_every_side_are_there_once_and_in_order(self):
        app = self.app()
        session = self.server.login(app, mint(good_claims("alice"))).json
        token = session["session"]["token"]
        body = {"items": [{"id": f"i{n:03d}", "kind": "event", "body": n} for n in range(100)]}
        answers = at_once([lambda: self.sdk(app, "sync", body, token) for _ in range(AT_ONCE)])
        accepted = [r for a in answers for r in a.json["results"] if r["status"] == "accepted"]
        self.assertEqual(len(accepted), 100)
        self.assertEqual(self.items_of(app, session["customer"]["id"]),
                         [f"i{n:03d}" for n in range(100)])

    def test_of_many_uses_of_a_nonce_one_wins(self):
        app = self.app(nonce="required")
        nonce = self.sdk(app, "challenge", {"device": {"id": "d"}}).json["nonce"]
        token = mint(good_claims("alice", nonce=nonce))
        answers = at_once([lambda: self.server.login(app, token, "d") for _ in range(AT_ONCE)])
        self.assertEqual(sorted(a.status for a in answers), [201] + [401] * (AT_ONCE - 1))
        self.assertEqual({a.json["reason"] for a in answers if a.status == 401}, {"nonce_used"})

    def test_a_logout_beats_or_loses_against_an_append_and_never_half(self):
        app = self.app()
        for n in range(20):
            session = self.server.login(app, mint(good_claims("alice"))).json
            token, item = session["session"]["token"], f"late-{n}"
            append, logout = at_once([
                lambda: self.sdk(app, "sync", {"items": [{"id": item, "kind": "event", "body": 1}]}, token),
                lambda: self.server.call("DELETE", f"/sdk/v1/apps/{app}/sessions/current", key=token)])
            self.assertEqual(logout.status, 204)
            self.assertIn(append.status, (200, 401))
            there = item in self.items_of(app, session["customer"]["id"])
            self.assertEqual(there, append.status == 200)

    def test_a_login_against_a_logout_leaves_one_live_session_or_none(self):
        app = self.app()
        for n in range(20):
            old = self.server.login(app, mint(good_claims("alice")), "d").json["session"]["token"]
            login, logout = at_once([
                lambda: self.server.login(app, mint(good_claims("alice", jti=str(n))), "d"),
                lambda: self.server.call("DELETE", f"/sdk/v1/apps/{app}/sessions/current", key=old)])
            self.assertEqual((login.status, logout.status), (201, 204))
            self.assertEqual(self.server.call("GET", f"/sdk/v1/apps/{app}/sessions/current",
                                              key=old).status, 401)
            self.assertEqual(self.server.call(
                "GET", f"/sdk/v1/apps/{app}/sessions/current",
                key=login.json["session"]["token"]).status, 200)

    def test_switching_enforcement_under_load_drops_no_valid_session(self):
        app = self.app()
        over, refused, calls = threading.Event(), [], []

        def use(n):
            token = self.server.login(app, mint(good_claims(f"u{n}")), f"d{n}").json["session"]["token"]
            connection = self.server.connect()
            while not over.is_set():
                answer = self.server.call("POST", f"/sdk/v1/apps/{app}/sync", {}, key=token,
                                          connection=connection)
                (calls if answer.status == 200 else refused).append(answer.status)
            connection.close()

        threads = [threading.Thread(target=use, args=(n,)) for n in range(4)]
        for t in threads:
            t.start()
        claim = {"device": {"id": "stranger"}, "identity": "somebody"}
        for mode, status in [("off", 201), ("required", 401)] * 25:
            self.server.manage("PUT", f"/apps/{app}/enforcement", {"mode": mode})
            # In force as soon as it was answered: within no time at all.
            self.assertEqual(self.sdk(app, "sessions", claim).status, status)
        over.set()
        for t in threads:
            t.join()
        self.assertEqual(refused, [])
        self.assertGreater(len(calls), 50)


if __name__ == "__main__":
    unittest.main()
