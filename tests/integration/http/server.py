"""A real server in a folder of its own, and how to talk to it. Standard library only.

SPDX-License-Identifier: Apache-2.0"""
import base64
import hashlib
import hmac
import http.client
import json
import os
import signal
import subprocess
import tempfile
import time

BIN = os.environ.get("COUNTERSIGN_BIN", "build/dev/cli/countersign")
SECRET = "a-secret-of-the-tests-0123456789abcdef-0123456789abcdef-0123456789"


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def mint(claims, secret=SECRET, algorithm="HS256", header=None):
    head = b64url(json.dumps(header or {"alg": algorithm, "typ": "JWT"}).encode())
    body = b64url(json.dumps(claims).encode())
    hashed = {"HS256": hashlib.sha256, "HS512": hashlib.sha512}[algorithm]
    mac = hmac.new(secret.encode(), f"{head}.{body}".encode(), hashed).digest()
    return f"{head}.{body}.{b64url(mac)}"


def good_claims(user="alice", **more):
    now = int(time.time())
    return {"sub": user, "iat": now, "exp": now + 900, **more}


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)


class Server:
    """with Server() as s: s.call("GET", "/healthz")"""

    def __init__(self, folder=None, options=(), scheme="http"):
        self.folder = folder or tempfile.mkdtemp(prefix="countersign-test-")
        self.options, self.scheme = list(options), scheme
        self.process = None

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        if not os.path.exists(self.path(name)):
            return ""
        with open(self.path(name)) as f:
            return f.read().strip()

    def start(self):
        if os.path.exists(self.path("port")):
            os.unlink(self.path("port"))
        with open(self.path("log"), "ab") as log, open(self.path("out"), "ab") as out:
            self.process = subprocess.Popen(
                [BIN, "serve", "--data", self.path("data"), "--listen", "127.0.0.1:0",
                 "--admin-key-file", self.path("admin"), "--port-file", self.path("port"),
                 "--log", "requests", *self.options], stdout=out, stderr=log)
        while not self.read("port"):
            if self.process.poll() is not None:
                raise RuntimeError("the server ended: " + self.read("log"))
            time.sleep(0.005)
        self.port = int(self.read("port"))
        self.admin = self.read("admin")
        return self

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait(timeout=30)

    __enter__ = start

    def __exit__(self, *unused):
        if self.process.poll() is None:
            self.stop()

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def call(self, method, path, body=None, key=None, headers=None, connection=None):
        own = connection or self.connect()
        fields = dict(headers or {})
        if key:
            fields["Authorization"] = "Bearer " + key
        if isinstance(body, (dict, list)):
            fields["Content-Type"] = "application/json"
            body = json.dumps(body)
        own.request(method, path, body, fields)
        got = own.getresponse()
        answer = Answer(got.status, got.headers, got.read())
        if not connection:
            own.close()
        return answer

    def manage(self, method, path, body=None):
        answer = self.call(method, "/api/v1" + path, body, key=self.admin)
        assert answer.status < 300, (answer.status, answer.body)
        return answer.json if answer.body else None

    def make_app(self, name="test", secret=SECRET, algorithm="HS256", **policy):
        app = self.manage("POST", "/apps", {"name": name, "policy": {
            "algorithms": [algorithm], "identity": ["sub"], "required": ["sub", "exp"],
            "use": "every_request", **policy}})["id"]
        key = self.manage("POST", f"/apps/{app}/keys",
                          {"algorithm": algorithm, "secret": secret, "encoding": "utf8"})["id"]
        return app, key

    def login(self, app, token, device="dev-1", **more):
        return self.call("POST", f"/sdk/v1/apps/{app}/sessions",
                         {"device": {"id": device, "platform": "android", "app_version": "1.0",
                                     "sdk_version": "1.0"}, "token": token, **more})
