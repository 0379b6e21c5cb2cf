"""The commands that manage a running server, each as an operator types it.
SPDX-License-Identifier: Apache-2.0"""
import json
import subprocess
import time
import unittest

import server as real


class Commands(unittest.TestCase):
    def setUp(self):
        self.server = real.Server().start()
        self.addCleanup(self.server.stop)
        self.app = self.command("app", "create", "Shop", "--preset", "dotdigital",
                                "--policy", self.file("policy", '{"issuer":"i","audience":"a"}'))["id"]

    def file(self, name, text):
        with open(self.server.path(name), "w") as f:
            f.write(text)
        return self.server.path(name)

    def run_command(self, *words, key=None, stdin="", slash=""):
        return subprocess.run(
            [real.BIN, *words, "--server", f"http://127.0.0.1:{self.server.port}{slash}"], input=stdin,
            capture_output=True, text=True, timeout=30,
            env={"COUNTERSIGN_API_KEY": self.server.admin if key is None else key})

    def command(self, *words, **more):
        done = self.run_command(*words, **more)
        self.assertEqual(done.returncode, 0, (words, done.stderr))
        return json.loads(done.stdout) if done.stdout else None

    def refused(self, reason, *words, **more):
        done = self.run_command(*words, **more)
        self.assertEqual((done.returncode, done.stdout), (1, ""), words)
        self.assertEqual(json.loads(done.stderr)["reason"], reason)

    def test_an_app_is_listed_shown_and_deleted(self):
        self.assertEqual([a["id"] for a in self.command("app", "list")["items"]], [self.app])
        self.assertEqual(self.command("app", "show", self.app)["name"], "Shop")
        self.assertIsNone(self.command("app", "delete", self.app))
        self.refused("app_unknown", "app", "show", self.app)

    def test_an_address_may_end_in_a_slash(self):
        self.assertEqual(len(self.command("app", "list", slash="/")["items"]), 1)

    def test_a_policy_is_laid_over_its_preset_and_replaced(self):
        policy = self.command("app", "policy", self.app)
        self.assertEqual((policy["issuer"], policy["nonce"]), ("i", "required"))
        new = self.file("new", '{"algorithms":["RS256"],"leeway_s":5}')
        self.assertEqual(self.command("app", "set-policy", self.app, "--file", new)["leeway_s"], 5)
        self.assertEqual(self.command("app", "policy", self.app)["algorithms"], ["RS256"])

    def test_a_customer_is_found_sent_something_and_erased(self):
        app, _ = self.server.make_app("people", use="session")
        session = self.server.login(app, real.mint(real.good_claims("alice"))).json
        alice = session["customer"]["id"]
        found = self.command("customer", "list", app, "--identity", "alice")["items"]
        self.assertEqual([c["id"] for c in found], [alice])
        body = self.file("body", '{"text":"hello"}')
        sent = self.command("customer", "send", app, alice, "--file", body, "--id", "m1")
        self.assertEqual((sent["kind"], sent["body"]), ("message", {"text": "hello"}))
        self.command("customer", "send", app, alice, "--kind", "note", "--file", body)
        items = self.command("customer", "items", app, alice, "--order", "oldest", "--limit", "1")
        self.assertEqual([i["id"] for i in items["items"]], ["m1"])
        self.assertEqual(len(self.command("customer", "show", app, alice)["devices"]), 1)
        lines = self.run_command("customer", "export", app, alice).stdout.splitlines()
        told = [json.loads(line) for line in lines]
        self.assertEqual([list(t) for t in told], [["customer"], ["profile"], ["item"], ["item"]])
        self.assertEqual(told[0]["customer"]["identity"], "alice")
        self.assertEqual(told[2]["item"]["body"], {"text": "hello"})
        self.refused("not_found", "customer", "export", app, "01ARZ3NDEKTSV4RRFFQ69G5FAV")
        self.command("customer", "revoke", app, alice, "--session", session["session"]["id"])
        self.assertEqual(self.run_command("customer", "erase", app, alice).returncode, 2)
        self.assertFalse(self.command("customer", "erase", app, alice, "--force")["remains"]["key"])
        self.assertEqual(self.command("customer", "erasure", app, alice)["customer"], alice)
        self.refused("not_found", "customer", "send", app, alice, "--file", body)

    def test_a_key_goes_all_its_way(self):
        secret = self.file("secret", real.SECRET)
        key = self.command("key", "import", self.app, "--secret-file", secret, "--alg", "HS256",
                           "--kid", "k1", "--state", "standby")
        self.assertNotIn(real.SECRET, json.dumps(key))
        self.command("key", "state", self.app, key["id"], "active")
        self.refused("conflict", "key", "state", self.app, key["id"], "retiring")  # the only one
        for state in ("retiring", "retired"):
            self.command("key", "state", self.app, key["id"], state, "--force")
            listed = self.command("key", "list", self.app)["items"]
            self.assertEqual([(k["kid"], k["state"]) for k in listed], [("k1", state)])
        self.refused("conflict", "key", "state", self.app, key["id"], "standby")
        self.assertIsNone(self.command("key", "delete", self.app, key["id"]))
        self.assertEqual(self.command("key", "list", self.app)["items"], [])

    def test_a_key_in_use_is_deleted_by_force_alone(self):
        key = self.command("key", "import", self.app, "--secret-file", self.file("secret", real.SECRET),
                           "--alg", "HS256")
        self.refused("conflict", "key", "delete", self.app, key["id"])
        self.assertIsNone(self.command("key", "delete", self.app, key["id"], "--force"))
        self.assertEqual(self.command("key", "list", self.app)["items"], [])

    def test_keys_are_made_to_expire(self):
        until = "2099-01-31T00:00:00.000Z"
        key = self.command("key", "import", self.app, "--secret-file", self.file("secret", real.SECRET),
                           "--alg", "HS256", "--expires", until)
        self.assertEqual(key["expires_at"], until)
        made = self.command("api-key", "create", "reader", "--role", "viewer", "--expires", until)
        self.assertEqual(made["expires_at"], until)
        self.refused("field_invalid", "api-key", "create", "r", "--role", "viewer", "--expires", "soon")

    def test_enforcement_is_set_by_a_word_or_a_document(self):
        self.assertEqual(self.command("enforcement", "set", self.app, "required")["mode"], "required")
        narrowed = self.file("narrowed", '{"mode":"required","percentage":25}')
        self.command("enforcement", "set", self.app, "--file", narrowed)
        self.assertEqual(self.command("enforcement", "show", self.app)["percentage"], 25)

    def test_a_refused_token_is_explained_with_what_only_the_server_knows(self):
        self.command("key", "import", self.app, "--secret-file", self.file("secret", real.SECRET),
                     "--alg", "HS256")
        device = {"device": {"id": "phone"}}
        nonce = self.server.call("POST", f"/sdk/v1/apps/{self.app}/challenge", device).json["nonce"]
        token = real.mint(real.good_claims(iss="i", aud="a", nonce=nonce))

        def said(*more):
            done = self.run_command("diagnose", self.app, *more, stdin=token)
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout

        self.assertIn("verdict: accepted\n", said("--device", "phone"))
        self.assertIn("nonce_other_device", said("--device", "tablet"))
        self.assertIn("identity", said("--device", "phone", "--identity", "bob"))
        other = self.file("other", real.mint(real.good_claims(user="bob")))
        self.assertIn("two_tokens", said("--device", "phone", "--second", other))
        self.assertEqual(self.run_command("diagnose", self.app, "--second", "-", stdin=token).returncode, 2)
        answer = json.loads(said("--device", "phone", "--json"))
        self.assertEqual(answer["verdict"]["reason"], "accepted")

    def test_readiness_is_told_in_sentences_and_a_table(self):
        self.command("enforcement", "set", self.app, "off")
        for version, times in (("3.1.0", 2), ("3.2.0", 1)):
            device = {"id": "phone", "platform": "android", "app_version": version}
            for _ in range(times):
                start = self.server.call("POST", f"/sdk/v1/apps/{self.app}/sessions", {"device": device})
                self.assertEqual(start.status, 201)
        answer = self.until(lambda: self.command("readiness", self.app, "--json"),
                            lambda a: a["now"]["would_refuse"] == 3)
        self.assertEqual((answer["now"]["devices"], answer["exact"]), (1, True))
        said = self.run_command("readiness", self.app, "--threshold", "0").stdout
        self.assertIn("required would refuse 3 of 3 requests, of 0 customers and 1 unnamed devices", said)
        self.assertIn("android: 3 refused requests, 100 % of them on 3.2.0 or older\n", said)
        self.assertRegex(said, r"(?m)^missing +android +3\.1\.0 +- +2 +0 +0 +1$")
        self.refused("field_invalid", "readiness", self.app, "--since", "yesterday")

    def test_failures_are_listed_and_a_kept_token_is_explained(self):
        self.assertEqual(self.run_command("failures", self.app).stdout, "nothing failed\n")
        until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
        asked = self.server.call("PATCH", f"/api/v1/apps/{self.app}", {"evidence_until": until},
                                 self.server.admin)
        self.assertEqual(asked.status, 200)
        body = {"device": {"id": "phone", "platform": "ios"}, "token": real.mint(real.good_claims())}
        self.assertEqual(self.server.call("POST", f"/sdk/v1/apps/{self.app}/sessions", body).status, 401)
        items = self.until(lambda: self.command("failures", self.app, "--json")["items"],
                           lambda i: i and i[0]["evidence"])
        evidence = items[0]["evidence"][0]["id"]
        said = self.run_command("failures", self.app).stdout
        self.assertRegex(said, rf"(?m)^no_key +- +ios .* 1 +1 .* fix_setup +{evidence}$")
        self.assertIn("verdict: no_key\n", self.run_command("failure", self.app, evidence).stdout)

    def test_a_timeline_says_why_somebody_was_refused(self):
        self.command("enforcement", "set", self.app, "required")
        body = {"device": {"id": "phone", "platform": "ios"}, "identity": "alice b"}
        self.assertEqual(self.server.call("POST", f"/sdk/v1/apps/{self.app}/sessions", body).status, 401)
        self.until(lambda: self.command("timeline", self.app, "alice b", "--json")["items"], lambda i: i)
        said = self.run_command("timeline", self.app, "alice b", "--limit", "1").stdout
        self.assertRegex(said, r"decision +session_start +enforcement_missing +no +ios .* The app requires a token")
        self.assertEqual(self.run_command("timeline", self.app, "bob").stdout, "nothing is recorded\n")

    def test_the_blast_radius_of_a_key_ends_with_what_to_do(self):
        key = self.command("key", "import", self.app, "--secret-file", self.file("secret", real.SECRET),
                           "--alg", "HS256")
        said = self.run_command("key", "blast-radius", self.app, key["id"]).stdout
        self.assertIn("0 requests, of 0 customers, from - to -\n0 sessions alive", said)
        self.assertIn("- Set its state to retired", said)

    def test_a_dry_run_says_what_would_change(self):
        self.command("enforcement", "set", self.app, "off")
        body = {"device": {"id": "phone", "platform": "ios"}, "identity": "bob"}
        self.assertEqual(self.server.call("POST", f"/sdk/v1/apps/{self.app}/sessions", body).status, 201)
        self.until(lambda: self.command("enforcement", "dry-run", self.app, "required", "--json"),
                   lambda a: a["requests"]["refused"] == 1)
        said = self.run_command("enforcement", "dry-run", self.app, "required").stdout
        self.assertIn("of 1 requests 1 would be refused (1 customers)", said)
        self.assertRegex(said, r"(?m)^refused +missing +enforcement_missing +ios +- +1$")
        proposed = self.file("proposed", '{"algorithms":["RS256"]}')
        self.assertIn("of 0 requests", self.run_command("policy", "dry-run", self.app, "--file", proposed).stdout)
        self.assertEqual(self.command("enforcement", "show", self.app)["mode"], "off")

    def until(self, ask, holds):
        """Decisions are written down about once a second."""
        for _ in range(200):
            answer = ask()
            if holds(answer):
                return answer
            time.sleep(0.1)
        self.fail(answer)

    def customer(self):
        self.command("key", "import", self.app, "--secret-file", self.file("secret", real.SECRET),
                     "--alg", "HS256")
        device = {"device": {"id": "phone"}}
        nonce = self.server.call("POST", f"/sdk/v1/apps/{self.app}/challenge", device).json["nonce"]
        token = real.mint(real.good_claims(iss="i", aud="a", nonce=nonce))
        session = self.server.call("POST", f"/sdk/v1/apps/{self.app}/sessions", {**device, "token": token})
        return session.json["customer"]["id"]

    def test_a_profile_is_printed_and_changed(self):
        customer = self.customer()
        self.assertEqual(self.command("customer", "profile", self.app, customer)["properties"], {})
        patch = self.file("patch", '{"email":"ann@shop.example","properties":{"plan":"gold"}}')
        changed = self.command("customer", "update", self.app, customer, "--file", patch)
        self.assertEqual((changed["email"], changed["properties"]), ("ann@shop.example", {"plan": "gold"}))
        gone = self.file("gone", '{"properties":{"plan":null}}')
        self.command("customer", "update", self.app, customer, "--file", gone)
        self.assertEqual(self.command("customer", "profile", self.app, customer)["properties"], {})
        bad = self.file("bad", '{"email":"nobody"}')
        self.refused("field_invalid", "customer", "update", self.app, customer, "--file", bad)

    def test_an_experience_goes_all_its_way(self):
        new = self.file("new", '{"name":"Hello","content":{"text":"hi"},"rule":{"device":"platform","is":"ios"}}')
        made = self.command("experience", "create", self.app, "--file", new)
        self.assertEqual(made["rule"]["is"], "ios")
        off = self.file("off", '{"enabled":false}')
        self.assertFalse(self.command("experience", "set", self.app, made["id"], "--file", off)["enabled"])
        self.assertEqual(self.command("experience", "show", self.app, made["id"])["content"], {"text": "hi"})
        self.assertEqual([e["name"] for e in self.command("experience", "list", self.app)["items"]], ["Hello"])
        self.assertIsNone(self.command("experience", "delete", self.app, made["id"]))
        self.refused("not_found", "experience", "show", self.app, made["id"])

    def test_a_broadcast_is_made_and_withdrawn(self):
        body = self.file("body", '{"text":"to all"}')
        made = self.command("broadcast", "create", self.app, "push", "--file", body)
        self.assertEqual(self.command("broadcast", "show", self.app, made["id"])["body"], {"text": "to all"})
        self.assertEqual(len(self.command("broadcast", "list", self.app)["items"]), 1)
        self.assertIsNone(self.command("broadcast", "delete", self.app, made["id"]))
        self.assertEqual(self.command("broadcast", "list", self.app)["items"], [])
        self.refused("field_invalid", "broadcast", "create", self.app, "event", "--file", body)

    def test_an_api_key_is_made_used_and_revoked(self):
        made = self.command("api-key", "create", "reader", "--role", "viewer")
        key = made["key"] + "." + made["secret"]
        self.assertEqual(self.command("app", "show", self.app, key=key)["name"], "Shop")
        self.refused("forbidden", "app", "delete", self.app, key=key)
        self.assertIn(made["key"], [k["key"] for k in self.command("api-key", "list")["items"]])
        self.command("api-key", "delete", made["key"])
        self.refused("credential_invalid", "app", "list", key=key)

    def test_a_server_that_is_not_there_is_no_refusal(self):
        self.server.stop()
        done = self.run_command("app", "list")
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertNotIn(self.server.admin, done.stderr)
        self.server.start()


if __name__ == "__main__":
    unittest.main()
