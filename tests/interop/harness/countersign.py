"""A real `countersign serve` with one app per system, and the CLI.

SPDX-License-Identifier: Apache-2.0
"""
import itertools
import json
import subprocess
import time

from .keys import SECRETS, Pair
from .processes import Program, call

START_S = 20
ACCOUNT = "acct-4242"
ISSUER = "https://api.example.test/defaultauth"
AUDIENCE = "https://api.example.test"
SYSTEMS = {
    "alchemer": {},
    "kustomer": {},
    "moengage": {},
    "appcues": {"issuer": ACCOUNT},
    "dotdigital": {"issuer": ISSUER, "audience": AUDIENCE},
}


class Server(Program):
    def __init__(self, binary, data):
        self.binary = binary
        self.admin_key_file, self.port_file = data / "admin.key", data / "port"
        super().__init__(
            [binary, "serve", "--data", data / "store", "--listen", "127.0.0.1:0",
             "--admin-key-file", self.admin_key_file, "--port-file", self.port_file],
            data, stdin=subprocess.DEVNULL)
        self.numbers = itertools.count(1)
        self.url = self.admin = None

    def __enter__(self):
        deadline = time.monotonic() + START_S
        while self.process.poll() is None and time.monotonic() < deadline:
            if self.port_file.exists() and self.port_file.read_text().strip():
                self.url = f"http://127.0.0.1:{self.port_file.read_text().strip()}"
                key = self.admin_key_file.read_text().strip()
                self.admin = {"Authorization": f"Bearer {key}"}
                return self
            time.sleep(0.02)
        self.__exit__()
        raise RuntimeError("countersign serve did not start")

    # --- the owner's side ---
    def manage(self, method, path, body=None):
        status, answer = call(method, f"{self.url}/api/v1{path}", body, self.admin)
        if status // 100 != 2:
            raise RuntimeError(f"{method} {path}: {status} {answer}")
        return answer

    def create_app(self, name, preset, policy, keys):
        """keys: bodies of POST …/keys. -> the app's id"""
        app = self.manage("POST", "/apps", {"name": name, "preset": preset, "policy": policy})["id"]
        for key in keys:
            self.manage("POST", f"/apps/{app}/keys", {"state": "active", **key})
        self.manage("PUT", f"/apps/{app}/enforcement", {"mode": "required"})
        return app

    def create_systems(self, keys):
        """One app for each system. -> {system: app id}"""
        bodies = {system: [{"algorithm": "HS512" if system == "alchemer" else "HS256",
                            "secret": secret, "encoding": "utf8"}]
                  for system, secret in SECRETS.items()}
        # Of these two the documents say that an account may have several keys.
        bodies["appcues"] += [{"algorithm": "HS256", "secret": keys.second_secret.text()}]
        bodies["moengage"] = [{"algorithm": algorithm, "pem": pair.text()}
                              for algorithm, pair in keys.of_moengage.items()]
        return {system: self.create_app(system, system, policy, bodies[system])
                for system, policy in SYSTEMS.items()}

    def first_finding(self, app, token):
        findings = self.manage("POST", f"/apps/{app}/diagnose", {"token": token})["findings"]
        return findings[0]["code"] if findings else None

    def api_secret(self):
        """The second half of the admin's API key, in a file."""
        path = self.admin_key_file.with_name("api.secret")
        path.write_text(self.admin_key_file.read_text().strip().partition(".")[2])
        return Pair(path, path)

    # --- the SDK's side ---
    def new_device(self):
        return f"device-{next(self.numbers)}"

    def new_address(self):
        """Each login comes from another address, as from real devices: bad tokens are counted by
        address, and this test has more of them than one device may present."""
        number = next(self.numbers)
        return f"127.1.{number // 250}.{number % 250 + 1}"

    def challenge(self, app, device):
        _, answer = call("POST", f"{self.url}/sdk/v1/apps/{app}/challenge",
                         {"device": {"id": device}})
        return answer["nonce"]

    def log_in(self, app, token, device=None, identity=None):
        device = {"id": device or self.new_device(), "platform": "android", "app_version": "1.0",
                  "sdk_version": "1.0"}
        body = {"device": device, "token": token}
        if identity is not None:
            body["identity"] = identity
        return call("POST", f"{self.url}/sdk/v1/apps/{app}/sessions", body,
                    source=self.new_address())


def mint(binary, algorithm, key_file, claims):
    option = "--secret-file" if algorithm.startswith("HS") else "--key-file"
    command = [binary, "mint", "--alg", algorithm, option, key_file, "--claims", json.dumps(claims)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
