"""Nothing secret leaves: after traffic of every kind, no file of the server, no line of its log and
no error body holds a token, a secret, a key or an identity. SPDX-License-Identifier: Apache-2.0"""
import hashlib
import json
import os
import sqlite3
import unittest

from server import Server, good_claims, mint

IDENTITY = "identity-that-must-not-be-in-clear@example.com"
MESSAGE, REPLY = "what-the-customer-wrote-4711", "what-the-agent-answered-0815"
PROPERTY, EMAIL = "a-property-of-the-customer-42", "her-own-address@mail.example"
SECRET = "secret-that-must-not-be-in-clear-0123456789abcdef0123456789abcdef"


def files_of(server):
    return [os.path.join(where, name) for where, _, names in os.walk(server.path("data"))
            for name in names if name != "master.key"]


class Secrets(unittest.TestCase):
    def talk(self, server, app, session):
        """A conversation, a profile, and calls of the same that are refused. Returns their bodies."""
        token, sdk = session["session"]["token"], f"/sdk/v1/apps/{app}"
        item = {"id": "m1", "kind": "message", "body": {"text": MESSAGE}}
        answer = server.call("POST", f"{sdk}/sync", {"items": [item]}, key=token)
        self.assertEqual(answer.json["results"][0]["status"], "accepted")
        customer = session["customer"]["id"]
        server.manage("POST", f"/apps/{app}/customers/{customer}/items",
                      {"kind": "message", "body": {"text": REPLY}})
        profile = {"email": EMAIL, "properties": {"p": PROPERTY}}
        self.assertEqual(server.call("PATCH", f"{sdk}/profile", profile, key=token).status, 200)
        refused = [server.call("POST", f"{sdk}/sync", {"items": [item], MESSAGE[:8]: MESSAGE}, key=token),
                   server.call("POST", f"{sdk}/sync", {"items": [item], "x": MESSAGE}, key="a.b.c"),
                   server.call("PATCH", f"{sdk}/profile", {"email": PROPERTY}, key=token),
                   server.call("POST", f"/api/v1/apps/{app}/customers/{customer}/items",
                               {"kind": REPLY, "body": {"text": REPLY}}, key=server.admin)]
        self.assertEqual([r.status for r in refused], [400, 401, 400, 400])
        return [r.body for r in refused]

    def test_files_logs_and_errors_hold_nothing_secret(self):
        server = Server(options=["--workers", "2"]).start()
        app, key = server.make_app(secret=SECRET, use="session")
        made = server.manage("POST", "/api-keys", {"name": "k", "roles": ["viewer"]})
        generated = server.manage("POST", f"/apps/{app}/keys", {
            "generate": True, "algorithm": "HS256", "state": "standby", "kid": "g"})
        bodies = []
        token = mint(good_claims(IDENTITY), secret=SECRET)
        session = server.login(app, token).json
        bad = [token[:-2] + "AA", mint(good_claims(IDENTITY), secret="x" * 40),
               mint({"sub": IDENTITY, "exp": 1}, secret=SECRET), "Bearer " + token]
        for wrong in bad:
            bodies.append(server.login(app, wrong).body)
            bodies.append(server.call("GET", f"/gateway/v1/apps/{app}/verify", key=wrong).body)
            bodies.append(server.call("GET", "/api/v1/apps", key=wrong).body)
        bodies.append(server.call("GET", "/api/v1/apps", key=server.admin + "x").body)
        bodies.append(server.call("GET", "/metrics").body)
        bodies.append(server.call("GET", f"/api/v1/apps/{app}/decisions", key=server.admin).body)
        bodies += self.talk(server, app, session)
        server.call("DELETE", f"/sdk/v1/apps/{app}/sessions/current",
                    key=session["session"]["token"])
        server.stop()
        files = files_of(server)
        texts = {f: open(f, "rb").read() for f in files + [server.path("log"), server.path("out")]}
        texts.update({f"error body {i}": b for i, b in enumerate(bodies)})
        needles = {
            "identity": IDENTITY, "secret": SECRET, "token": token,
            "token's payload": token.split(".")[1], "token's MAC": token.split(".")[2],
            "session token": session["session"]["token"].split(".")[2],
            "logout secret": session["session"]["logout_secret"],
            "vault key": session["vault_key"], "admin secret": server.admin.split(".", 1)[1],
            "message": MESSAGE, "reply": REPLY, "property": PROPERTY, "e-mail": EMAIL,
            "api secret": made["secret"], "generated secret": generated["secret"],
        }
        needles.update({f"bad token {i}": b.split(".")[-1] for i, b in enumerate(bad)})
        for where, data in texts.items():
            for what, needle in needles.items():
                self.assertNotIn(needle.encode(), data, f"{what} stands in {where}")
        self.assertIn("countersign.db", " ".join(files))
        for f in files:
            self.assertEqual(os.stat(f).st_mode & 0o077, 0, f"{f} is open to others")

    def test_an_erased_customers_key_is_in_no_file_any_more(self):
        with Server() as server:
            app, _ = server.make_app(use="session")
            session = server.login(app, mint(good_claims("alice"))).json
            self.talk(server, app, session)
            customer = session["customer"]["id"]
            database = sqlite3.connect(f"file:{server.path('data/countersign.db')}?mode=ro", uri=True)
            key, identity = database.execute(
                "SELECT key_sealed, identity_sealed FROM customers WHERE id = ?", (customer,)).fetchone()
            database.close()

            def found_in():
                return [f for f in files_of(server)
                        if any(piece in open(f, "rb").read() for piece in (key, identity))]

            self.assertNotEqual(found_in(), [])
            erased = server.call("DELETE", f"/api/v1/apps/{app}/customers/{customer}", key=server.admin)
            self.assertEqual(erased.status, 200)
            self.assertEqual(erased.json["sealed_key_sha256"], hashlib.sha256(key).hexdigest())
            self.assertEqual(found_in(), [])

    def test_that_it_made_a_master_key_it_says_as_a_warning(self):
        with Server() as server:
            with open(server.path("log")) as log:
                lines = [json.loads(line) for line in log]
        self.assertEqual([line["level"] for line in lines if line["event"] == "master_key_made"], ["warning"])


if __name__ == "__main__":
    unittest.main()
