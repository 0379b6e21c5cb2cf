"""The configurations of examples/gateway under the real proxies: nginx, HAProxy, Caddy.
SPDX-License-Identifier: Apache-2.0"""
import http.client
import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from server import Server, good_claims, mint

EXAMPLES = os.path.join(os.path.dirname(__file__), "../../../examples/gateway")


class Api(http.server.BaseHTTPRequestHandler):
    """The API behind the proxy: says who it believes is calling."""

    def do_GET(self):
        body = self.headers.get("Countersign-Customer", "nobody").encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *unused):
        pass


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Proxies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(options=["--trusted-proxy", "127.0.0.1"]).start()
        cls.app, _ = cls.server.make_app()
        cls.logins, _ = cls.server.make_app(name="logins", use="session")
        cls.clients = iter(range(10, 250))
        cls.api = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
        threading.Thread(target=cls.api.serve_forever, daemon=True).start()

    @classmethod
    def tearDownClass(cls):
        cls.api.shutdown()
        cls.api.server_close()
        cls.server.stop()

    def configure(self, folder, name, port):
        with open(os.path.join(EXAMPLES, name)) as f:
            text = f.read()
        text = text.replace("APP", self.app).replace("8443", str(port))
        text = text.replace("9000", str(self.api.server_port))
        text = text.replace("8080", str(self.server.port))
        path = os.path.join(folder, name)
        with open(path, "w") as f:
            f.write(text)
        return path

    def behind(self, program, files, command):
        if shutil.which(program) is None:
            self.skipTest(f"{program} is not installed")
        folder, port = tempfile.mkdtemp(), free_port()
        paths = [self.configure(folder, name, port) for name in files]
        process = subprocess.Popen(command(folder, paths[0]), cwd=folder,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            while socket.socket().connect_ex(("127.0.0.1", port)) != 0:
                self.assertIsNone(process.poll(), "the proxy ended")
                time.sleep(0.02)
            self.check(port)
        finally:
            process.terminate()
            process.communicate(timeout=20)

    def check(self, port):
        def ask(token):
            via = Server.__new__(Server)
            via.port = port
            return via.call("GET", "/anything?x=1", key=token)
        good = ask(mint(good_claims()))
        self.assertEqual((good.status, good.body), (200, b"alice"))
        expired = ask(mint({"sub": "alice", "iat": 1, "exp": 2}))
        self.assertEqual(expired.status, 401)
        self.assertIn('error="invalid_token"', expired.headers["WWW-Authenticate"])
        self.assertEqual(ask(mint(good_claims(), secret="another-secret-0123456789abcdef")).status, 401)
        self.assertEqual(ask(None).status, 401)

        self.check_sources(port)

    def login(self, port, client, token, forwarded):
        connection = http.client.HTTPConnection("127.0.0.1", port, source_address=(client, 0))
        connection.request("POST", f"/sdk/v1/apps/{self.logins}/sessions",
                           json.dumps({"device": {"id": client}, "token": token}),
                           {"Content-Type": "application/json", "X-Forwarded-For": forwarded})
        status = connection.getresponse().status
        connection.close()
        return status

    def check_sources(self, port):
        """Bad credentials count against the client's address, whatever the client says it is."""
        one, two = (f"127.0.0.{next(self.clients)}" for _ in range(2))
        bad = [self.login(port, one, "x.y.z", f"192.0.2.{i}, 127.0.0.1") for i in range(60)]
        self.assertEqual((bad[0], bad[-1]), (401, 429))
        self.assertEqual(self.login(port, two, "x.y.z", one), 401)
        self.assertEqual(self.login(port, one, mint(good_claims()), one), 201)

    def test_nginx(self):
        def command(folder, path):
            return ["nginx", "-p", folder, "-c", path, "-g",
                    f"daemon off; pid {folder}/pid; error_log {folder}/error.log;"]
        self.behind("nginx", ["nginx.conf"], command)

    def test_haproxy(self):
        self.behind("haproxy", ["haproxy.cfg", "countersign.lua"],
                    lambda folder, path: ["haproxy", "-f", path, "-db"])

    def test_caddy(self):
        self.behind("caddy", ["Caddyfile"],
                    lambda folder, path: ["caddy", "run", "--adapter", "caddyfile", "--config", path])


if __name__ == "__main__":
    if not any(shutil.which(p) for p in ("nginx", "haproxy", "caddy")):
        print("SKIP: neither nginx nor haproxy nor caddy is installed")
        sys.exit(77)
    unittest.main()
