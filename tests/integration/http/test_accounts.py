"""Accounts, keys and rotation over real sockets, and across a restart.
SPDX-License-Identifier: Apache-2.0"""
import base64
import unittest

from server import Server, good_claims, mint

NEW = "the-new-secret-of-the-rotation-0123456789abcdef0123456789abcdef"


class Accounts(unittest.TestCase):
    def test_a_secret_rotates_without_a_refused_login_and_survives_a_restart(self):
        with Server() as server:
            app, old = server.make_app(use="session")
            new = server.manage("POST", f"/apps/{app}/keys", {
                "algorithm": "HS256", "secret": NEW, "state": "standby"})["id"]
            by_new = mint(good_claims("a"), secret=NEW)
            self.assertEqual(server.login(app, by_new).json["reason"], "signature_invalid")
            server.manage("PATCH", f"/apps/{app}/keys/{new}", {"state": "active"})
            server.manage("PATCH", f"/apps/{app}/keys/{old}", {"state": "retiring"})
            self.assertEqual(server.login(app, mint(good_claims("a"))).status, 201)
            self.assertEqual(server.login(app, by_new).status, 201)
            server.manage("PATCH", f"/apps/{app}/keys/{old}", {"state": "retired", "force": True})
            self.assertEqual(server.login(app, mint(good_claims("a"))).status, 401)
            server.stop()
            server.start()
            self.assertEqual(server.login(app, mint(good_claims("a"))).status, 401)
            self.assertEqual(server.login(app, by_new).status, 201)

    def test_an_account_sees_nothing_of_another(self):
        with Server() as server:
            app, _ = server.make_app()
            account = server.manage("POST", "/accounts", {"name": "other"})["id"]
            made = server.manage("POST", "/api-keys", {"name": "k", "roles": ["admin"],
                                                       "account": account})
            other = made["key"] + "." + made["secret"]
            theirs = server.call("GET", f"/api/v1/apps/{app}", key=other)
            nobodys = server.call("GET", "/api/v1/apps/01ARZ3NDEKTSV4RRFFQ69G5FAV", key=other)
            self.assertEqual(theirs.status, 404)

            def bare(answer):
                return {k: v for k, v in answer.json.items()
                        if k not in ("request_id", "server_time")}
            self.assertEqual(bare(theirs), bare(nobodys))
            self.assertEqual(server.call("GET", "/api/v1/apps", key=other).json["items"], [])

    def test_the_vendors_own_curl_commands_work(self):
        with Server() as server:
            app, _ = server.make_app(issuer="4242")
            key, secret = server.admin.split(".", 1)
            basic = {"Authorization": "Basic " + base64.b64encode(
                f"{key}:{secret}".encode()).decode(),
                "Content-Type": "application/x-www-form-urlencoded"}
            on = server.call("POST", "/v2/accounts/4242/enforcement_mode/enable", "", headers=basic)
            self.assertEqual(on.status, 200)
            self.assertEqual(server.manage("GET", f"/apps/{app}/enforcement")["mode"], "required")
            refused = server.call("POST", f"/sdk/v1/apps/{app}/sessions",
                                  {"device": {"id": "d"}, "identity": "alice"})
            self.assertEqual(refused.json["reason"], "enforcement_missing")
            off = server.call("POST", "/v2/accounts/4242/enforcement_mode/disable", "",
                              headers=basic)
            self.assertEqual(off.status, 200)
            claimed = server.call("POST", f"/sdk/v1/apps/{app}/sessions",
                                  {"device": {"id": "d"}, "identity": "alice"})
            self.assertEqual(claimed.json["customer"]["assurance"], "claimed")


if __name__ == "__main__":
    unittest.main()
