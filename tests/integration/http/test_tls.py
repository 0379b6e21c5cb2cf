"""HTTPS by the server itself. SPDX-License-Identifier: Apache-2.0"""
import http.client
import shutil
import ssl
import subprocess
import sys
import tempfile
import unittest

from server import Server


class Tls(unittest.TestCase):
    def test_it_serves_https_under_its_certificate(self):
        folder = tempfile.mkdtemp()
        cert, key = folder + "/cert.pem", folder + "/key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-keyout", key, "-out", cert, "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        with Server(options=["--tls-cert", cert, "--tls-key", key]) as server:
            context = ssl.create_default_context(cafile=cert)
            connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=context)
            connection.request("GET", "/healthz")
            self.assertEqual(connection.getresponse().status, 200)

    def test_a_certificate_without_its_key_is_refused(self):
        with self.assertRaises(RuntimeError) as refused:
            Server(options=["--tls-cert", "/dev/null"]).start()
        self.assertIn("--tls-cert and --tls-key", str(refused.exception))


if __name__ == "__main__":
    if shutil.which("openssl") is None:
        print("SKIP: openssl is not installed")
        sys.exit(77)
    unittest.main()
