"""What the sockets refuse, whatever the API would say. SPDX-License-Identifier: Apache-2.0"""
import socket
import unittest

from server import Server, good_claims, mint


def talk(port, data, timeout=40):
    """Sends raw bytes. Returns everything that came back until the server closed or paused."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as s:
        s.sendall(data)
        got = b""
        while True:
            more = s.recv(65536)
            if not more:
                return got
            got += more
            if b"\r\n\r\n" in got and b"Content-Length: 0" in got:
                return got


class Limits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()
        cls.app, _ = cls.server.make_app()
        cls.token = mint(good_claims())
        cls.verify = f"/gateway/v1/apps/{cls.app}/verify"

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def test_a_request_line_up_to_the_limit_is_read(self):
        self.assertEqual(self.server.call("GET", "/healthz?" + "a" * 8000).status, 200)

    def test_a_request_line_over_8_kib_is_refused(self):
        self.assertEqual(self.server.call("GET", "/healthz?" + "a" * 8300).status, 414)

    def test_64_fields_pass_and_more_are_refused(self):
        few = {f"X-{i}": "v" for i in range(60)}
        many = {f"X-{i}": "v" for i in range(70)}
        self.assertEqual(self.server.call("GET", "/healthz", headers=few).status, 200)
        self.assertEqual(self.server.call("GET", "/healthz", headers=many).status, 431)

    def test_fields_over_16_kib_are_refused(self):
        answer = self.server.call("GET", "/healthz", headers={"X-Long": "v" * 17000})
        self.assertEqual(answer.status, 431)

    def test_what_is_refused_before_any_path_is_looked_at_is_a_problem_all_the_same(self):
        for answer, reason in ((self.server.call("GET", "/healthz?" + "a" * 8300), "target_too_long"),
                               (self.server.call("GET", "/healthz", headers={"X": "v" * 17000}),
                                "fields_too_large")):
            self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
            self.assertEqual(answer.headers["Cache-Control"], "no-store")
            self.assertEqual(answer.json["reason"], reason)
            self.assertEqual(answer.json["request_id"], answer.headers["Request-Id"])
            self.assertRegex(answer.json["server_time"], r"^20\d\d-.*Z$")

    def test_two_authorization_fields_are_refused(self):
        request = (f"GET {self.verify} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.token}\r\n"
                   f"Authorization: Bearer {self.token}\r\nConnection: close\r\n\r\n")
        self.assertTrue(talk(self.server.port, request.encode()).startswith(b"HTTP/1.1 400"))

    def test_a_body_over_the_limit_is_refused(self):
        answer = self.server.call("POST", f"/sdk/v1/apps/{self.app}/sessions",
                                  {"device": {"id": "d"}, "token": "a" * 300000})
        self.assertEqual(answer.status, 413)

    def test_a_body_that_announces_too_much_is_not_waited_for(self):
        request = (f"POST /sdk/v1/apps/{self.app}/sessions HTTP/1.1\r\nHost: x\r\n"
                   "Content-Type: application/json\r\nContent-Length: 99999999\r\n\r\n")
        self.assertTrue(talk(self.server.port, request.encode()).startswith(b"HTTP/1.1 413"))

    def test_a_token_over_the_limit_is_too_large_and_no_crash(self):
        answer = self.server.login(self.app, "a" * 16385)
        self.assertEqual((answer.status, answer.json["reason"]), (401, "too_large"))

    def test_garbage_is_answered_or_cut_and_the_server_lives(self):
        for data in (b"\0" * 100 + b"\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
                     b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
                     b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"):
            try:
                got = talk(self.server.port, data)
                self.assertFalse(got.startswith(b"HTTP/1.1 2"), data)
            except (ConnectionResetError, BrokenPipeError):
                pass
        self.assertEqual(self.server.call("GET", "/healthz").status, 200)

    def test_a_header_that_never_ends_is_cut(self):
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=60) as s:
            s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
            s.settimeout(0.5)
            for _ in range(100):  # a byte now and then: never idle, never done
                try:
                    s.sendall(b"X")
                    if s.recv(4096) == b"":
                        return
                except socket.timeout:
                    continue
                except (ConnectionResetError, BrokenPipeError):
                    return
        self.fail("a client that trickles its header was never cut")

    def test_500_slow_clients_keep_nobody_waiting(self):
        slow = []
        try:
            for _ in range(500):
                s = socket.create_connection(("127.0.0.1", self.server.port), timeout=30)
                s.sendall(b"GET /healthz HTTP/1.1\r\nHo")
                slow.append(s)
            for _ in range(50):
                self.assertEqual(self.server.call("GET", self.verify, key=self.token).status, 200)
        finally:
            for s in slow:
                s.close()

    def test_one_connection_serves_many_requests(self):
        connection = self.server.connect()
        for _ in range(50):
            answer = self.server.call("GET", self.verify, key=self.token, connection=connection)
            self.assertEqual(answer.headers["Countersign-Customer"], "alice")
        connection.close()


if __name__ == "__main__":
    unittest.main()
