"""HTTPS by the server itself. SPDX-License-Identifier: Apache-2.0"""
import http.client
import shutil
import ssl
import subprocess
import sys
import tempfile
import unittest

from server import BIN, Server


def make_pair(folder, name):
    cert, key = f"{folder}/{name}.pem", f"{folder}/{name}-key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-keyout", key, "-out", cert, "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    return cert, key


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.cert, cls.key = make_pair(cls.folder, "one")

    def refuses(self, says, cert, key):
        with self.assertRaises(RuntimeError) as refused:
            Server(options=["--tls-cert", cert, "--tls-key", key]).start()
        self.assertIn(says, str(refused.exception))

    def test_it_serves_https_under_its_certificate(self):
        with Server(options=["--tls-cert", self.cert, "--tls-key", self.key]) as server:
            context = ssl.create_default_context(cafile=self.cert)
            connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=context)
            connection.request("GET", "/healthz")
            self.assertEqual(connection.getresponse().status, 200)
            connection.close()

    def test_the_command_line_trusts_it_by_its_certificate_alone(self):
        other = make_pair(self.folder, "three")[0]
        with Server(options=["--tls-cert", self.cert, "--tls-key", self.key]) as server:
            def run(*options, **environment):
                done = subprocess.run(
                    [BIN, "app", "list", "--server", f"https://127.0.0.1:{server.port}", *options],
                    capture_output=True, text=True, timeout=30,
                    env={"COUNTERSIGN_API_KEY": server.admin, **environment})
                return done.returncode, done.stdout + done.stderr

            self.assertEqual(run("--ca-file", self.cert)[0], 0)
            self.assertEqual(run(COUNTERSIGN_CA_FILE=self.cert)[0], 0)
            self.assertEqual(run("--ca-file", self.cert, COUNTERSIGN_CA_FILE=other)[0], 0)
            for code, said in (run(), run("--ca-file", other)):
                self.assertEqual(code, 3)
                self.assertIn("certificate", said)
                self.assertIn("--ca-file", said)
            code, said = run("--ca-file", self.folder + "/none")
            self.assertEqual(code, 3)
            self.assertIn(self.folder + "/none", said)

    def test_the_file_at_fault_is_named_and_why(self):
        none, empty, other = self.folder + "/none", self.folder + "/empty", make_pair(self.folder, "two")
        open(empty, "w").close()
        locked = self.folder + "/locked.pem"
        subprocess.run(["openssl", "pkey", "-in", self.key, "-aes128", "-passout", "pass:x",
                        "-out", locked], check=True, capture_output=True)
        self.refuses(none + ": no such file", none, self.key)
        self.refuses(none + ": no such file", self.cert, none)
        self.refuses(self.folder + ": cannot be read", self.folder, self.key)
        self.refuses("/dev/zero: is too long", "/dev/zero", self.key)
        self.refuses(empty + ": holds no PEM certificate", empty, self.key)
        self.refuses(self.key + ": holds no PEM certificate", self.key, self.cert)
        self.refuses(empty + ": holds no PEM private key", self.cert, empty)
        self.refuses(locked + ": is under a passphrase", self.cert, locked)
        self.refuses(other[1] + ": is not the private key of the certificate", self.cert, other[1])

    def test_a_certificate_without_its_key_is_refused(self):
        with self.assertRaises(RuntimeError) as refused:
            Server(options=["--tls-cert", "/dev/null"]).start()
        self.assertIn("--tls-cert and --tls-key: give both or neither", str(refused.exception))


if __name__ == "__main__":
    if shutil.which("openssl") is None:
        print("SKIP: openssl is not installed")
        sys.exit(77)
    unittest.main()
