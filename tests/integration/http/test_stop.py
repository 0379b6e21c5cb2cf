"""Stopping: what was begun is finished, what was answered is kept. SPDX-License-Identifier: Apache-2.0"""
import os
import signal
import socket
import threading
import time
import unittest

from server import Server, good_claims, mint


class Stop(unittest.TestCase):
    def test_sigterm_under_load_ends_with_0_and_loses_no_login(self):
        server = Server().start()
        app, _ = server.make_app(use="session")
        acknowledged, enough = [], threading.Event()

        def work(n):
            for i in range(400):
                user = f"user-{n}-{i}"
                try:
                    answer = server.login(app, mint(good_claims(user)), device=f"d-{n}-{i}")
                except OSError:
                    return
                except Exception:  # an answer cut by the stop is no acknowledgement
                    return
                if answer.status != 201:
                    return
                acknowledged.append((user, answer.json["session"]["token"]))
                if len(acknowledged) > 40:
                    enough.set()

        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for t in threads:
            t.start()
        self.assertTrue(enough.wait(60))
        self.assertEqual(server.stop(signal.SIGTERM), 0)
        for t in threads:
            t.join()
        server.start()
        for user, token in acknowledged:
            answer = server.call("GET", f"/sdk/v1/apps/{app}/sessions/current", key=token)
            self.assertEqual((answer.status, answer.json["customer"]["identity"]), (200, user))
        self.assertEqual(server.stop(signal.SIGINT), 0)

    def test_a_revoked_customer_stays_revoked_after_a_restart(self):
        server = Server().start()
        app, _ = server.make_app()
        held = {user: mint(good_claims(user, iat=int(time.time()) - 60)) for user in ("ann", "bob")}
        customer = server.login(app, held["ann"]).json["customer"]["id"]
        server.manage("POST", f"/apps/{app}/customers/{customer}/revoke")
        for _ in range(2):
            for user, status in (("ann", 401), ("bob", 200)):
                answer = server.call("GET", f"/gateway/v1/apps/{app}/verify", key=held[user])
                self.assertEqual(answer.status, status)
            server.stop()
            server.start()
        server.stop()

    def test_a_second_server_on_the_same_folder_is_refused(self):
        with Server() as first:
            with self.assertRaises(RuntimeError) as refused:
                Server(folder=first.folder).start()
            self.assertIn("another server uses this data folder", str(refused.exception))

    def test_another_master_key_opens_nothing(self):
        server = Server().start()
        server.make_app()
        server.stop()
        with open(server.path("data/master.key"), "w") as f:
            f.write("00" * 32 + "\n")
        with self.assertRaises(RuntimeError) as refused:
            server.start()
        self.assertIn("master key", str(refused.exception))

    def test_a_lost_master_key_is_missed_and_no_other_is_made(self):
        server = Server().start()
        server.stop()
        kept = server.path("data/master.key")
        os.rename(kept, server.path("elsewhere"))
        with self.assertRaises(RuntimeError) as refused:
            server.start()
        self.assertIn(kept + ": The master key that the database was made with is missing", str(refused.exception))
        self.assertIn("--master-key-file", str(refused.exception))
        self.assertFalse(os.path.exists(kept))
        server.options = ["--master-key-file", server.path("elsewhere")]
        with server:
            self.assertEqual(server.call("GET", "/api/v1/whoami", key=server.admin).status, 200)

    def test_a_first_start_that_cannot_listen_has_handed_out_the_admin_key(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            server = Server(options=["--listen", f"127.0.0.1:{taken.getsockname()[1]}"])
            with self.assertRaises(RuntimeError) as refused:
                server.start()
            self.assertIn(f"the port is in use: 127.0.0.1, port {taken.getsockname()[1]}",
                          str(refused.exception))
        with Server(folder=server.folder) as server:
            self.assertEqual(server.call("GET", "/api/v1/whoami", key=server.admin).status, 200)

    def test_an_admin_key_that_cannot_be_handed_out_is_not_made(self):
        server = Server(options=["--admin-key-file", "/nowhere/at/all"])
        with self.assertRaises(RuntimeError) as refused:
            server.start()
        self.assertIn("the admin key cannot be handed out", str(refused.exception))
        with Server(folder=server.folder) as server:
            self.assertEqual(server.call("GET", "/api/v1/whoami", key=server.admin).status, 200)

    def test_a_lost_admin_key_is_replaced_and_the_first_goes_on(self):
        server = Server().start()
        first = server.admin
        server.stop()
        with Server(folder=server.folder, options=["--new-admin-key"]) as server:
            self.assertNotEqual(server.admin, first)
            for key in (first, server.admin):
                self.assertEqual(server.call("GET", "/api/v1/whoami", key=key).status, 200)

    def test_a_stopped_server_starts_again_on_its_port_at_once(self):
        with Server() as server:
            port = server.port
            open_connection = server.connect()
            server.call("GET", "/healthz", connection=open_connection)
            server.stop()
            with Server(folder=server.folder, options=["--listen", f"127.0.0.1:{port}"]) as again:
                self.assertEqual(again.port, port)
                self.assertEqual(again.call("GET", "/healthz").status, 200)
            open_connection.close()


if __name__ == "__main__":
    unittest.main()
