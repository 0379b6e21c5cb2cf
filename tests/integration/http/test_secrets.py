"""Nothing secret leaves: after traffic of every kind, no file of the server, no line of its log and
no error body holds a token, a secret, a key or an identity. SPDX-License-Identifier: Apache-2.0"""
import os
import unittest

from server import Server, good_claims, mint

IDENTITY = "identity-that-must-not-be-in-clear@example.com"
SECRET = "secret-that-must-not-be-in-clear-0123456789abcdef0123456789abcdef"


class Secrets(unittest.TestCase):
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
        server.call("DELETE", f"/sdk/v1/apps/{app}/sessions/current",
                    key=session["session"]["token"])
        server.stop()
        files = [os.path.join(where, name) for where, _, names in os.walk(server.path("data"))
                 for name in names if name != "master.key"]
        texts = {f: open(f, "rb").read() for f in files + [server.path("log"), server.path("out")]}
        texts.update({f"error body {i}": b for i, b in enumerate(bodies)})
        needles = {
            "identity": IDENTITY, "secret": SECRET, "token": token,
            "token's payload": token.split(".")[1], "token's MAC": token.split(".")[2],
            "session token": session["session"]["token"].split(".")[2],
            "logout secret": session["session"]["logout_secret"],
            "vault key": session["vault_key"], "admin secret": server.admin.split(".", 1)[1],
            "api secret": made["secret"], "generated secret": generated["secret"],
        }
        needles.update({f"bad token {i}": b.split(".")[-1] for i, b in enumerate(bad)})
        for where, data in texts.items():
            for what, needle in needles.items():
                self.assertNotIn(needle.encode(), data, f"{what} stands in {where}")
        self.assertIn("countersign.db", " ".join(files))
        for f in files:
            self.assertEqual(os.stat(f).st_mode & 0o077, 0, f"{f} is open to others")


if __name__ == "__main__":
    unittest.main()
