"""Keys by URL: the real server fetches from a real host, as soon as it is told where.
SPDX-License-Identifier: Apache-2.0"""
import http.server
import json
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

import server as real

PATIENCE_S = 10  # the fetcher's own round would come after 30


class Host:
    """Publishes one key over loopback, and signs with it."""

    def __init__(self, folder, kid, certificate=None):
        self.private = folder + "/private.pem"
        made = subprocess.run([real.BIN, "key", "generate", "--alg", "ES256", "--kid", kid, "--jwk",
                               "--out", self.private], check=True, capture_output=True, text=True)
        document = json.dumps({"keys": [json.loads(made.stdout)]}).encode()

        class Publisher(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path != "/jwks.json":
                    return self.send_error(500)
                self.send_response(200)
                self.send_header("Content-Length", str(len(document)))
                self.end_headers()
                self.wfile.write(document)

            def log_message(self, *unused):
                pass

        self.kid = kid
        self.http = http.server.HTTPServer(("127.0.0.1", 0), Publisher)
        self.scheme = "https" if certificate else "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def url(self, path="/jwks.json"):
        return f"{self.scheme}://127.0.0.1:{self.http.server_port}{path}"

    def token(self):
        minted = subprocess.run([real.BIN, "mint", "--key-file", self.private, "--kid", self.kid,
                                 "--claim", "sub=alice", "--expires-in", "600"],
                                check=True, capture_output=True, text=True)
        return minted.stdout.strip()

    def close(self):
        self.http.shutdown()
        self.http.server_close()


class Jwks(unittest.TestCase):
    def fetched_at(self, server, app):
        return server.manage("GET", f"/apps/{app}")["jwks"]["fetched_at"]

    def test_keys_come_at_once_and_stay_when_a_new_address_fails(self):
        with real.Server() as server:
            host = Host(server.folder, "k-1")
            self.addCleanup(host.close)
            app = server.manage("POST", "/apps", {"name": "a", "policy": {
                "algorithms": ["ES256"], "identity": ["sub"], "required": ["exp"]}})["id"]
            token = host.token()
            self.assertEqual(server.login(app, token).json["reason"], "no_key")
            server.manage("PUT", f"/apps/{app}/jwks", {"url": host.url()})
            until = time.monotonic() + PATIENCE_S
            while self.fetched_at(server, app) is None and time.monotonic() < until:
                time.sleep(0.01)
            # What is stored counts a moment later, when memory has it.
            while server.login(app, token).status != 201 and time.monotonic() < until:
                time.sleep(0.1)
            self.assertEqual(server.login(app, token).status, 201)
            # A new address that fails takes nothing away.
            server.manage("PUT", f"/apps/{app}/jwks", {"url": host.url("/gone")})
            while server.manage("GET", f"/apps/{app}")["jwks"]["error"] is None and time.monotonic() < until:
                time.sleep(0.01)
            self.assertEqual(server.manage("GET", f"/apps/{app}")["jwks"]["error"],
                             "The host did not answer with 200 OK.")
            self.assertEqual(len(server.manage("GET", f"/apps/{app}/keys")["items"]), 1)
            self.assertEqual(server.login(app, host.token()).status, 201)
            server.manage("DELETE", f"/apps/{app}/jwks")
            self.assertEqual(server.manage("GET", f"/apps/{app}/keys")["items"], [])

    def test_keys_come_from_a_host_whose_authority_was_named_and_from_no_other(self):
        try:
            from certificates import Authority
        except ImportError:
            self.skipTest("python3-cryptography is not installed")
        folder = tempfile.TemporaryDirectory(prefix="countersign-jwks-")
        self.addCleanup(folder.cleanup)
        authority = Authority(folder.name)
        host = Host(folder.name, "k-1", authority.issue("host"))
        self.addCleanup(host.close)
        for options, error in (((), "The host's certificate is not accepted."),
                               (("--outbound-ca", authority.path), None)):
            with real.Server(options=options) as server:
                app, _ = server.make_app()
                server.manage("PUT", f"/apps/{app}/jwks", {"url": host.url()})
                until = time.monotonic() + PATIENCE_S
                jwks = {"fetched_at": None, "error": None}
                while not jwks["fetched_at"] and not jwks["error"] and time.monotonic() < until:
                    jwks = server.manage("GET", f"/apps/{app}")["jwks"]
                self.assertEqual((jwks["error"], bool(jwks["fetched_at"])), (error, error is None))


if __name__ == "__main__":
    unittest.main()
