"""The programs the tests talk to: an example's backend, and a library behind the line protocol.

SPDX-License-Identifier: Apache-2.0
"""
import http.client
import json
import os
import subprocess
from urllib.parse import urlencode, urlsplit

TIMEOUT_S = 30
LOOPBACK = "127.0.0.1"


def call(method, url, body=None, headers=None, source=LOOPBACK):
    """-> (status, decoded JSON or {})

    `source` is the client's address: all of 127.0.0.0/8 is this machine."""
    to = urlsplit(url)
    connection = http.client.HTTPConnection(to.hostname, to.port, timeout=TIMEOUT_S,
                                            source_address=(source, 0))
    headers = dict(headers or {})
    if body is not None:
        headers["Content-Type"] = "application/json"
    target = f"{to.path}?{to.query}" if to.query else to.path
    try:
        connection.request(method, target, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
    finally:
        connection.close()
    try:
        return answer.status, json.loads(text)
    except ValueError:
        return answer.status, {}


class Program:
    """A child process; leaving the block stops it."""

    def __init__(self, command, cwd, env=None, **pipes):
        environment = {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", **(env or {})}
        self.process = subprocess.Popen(command, cwd=cwd, env=environment, text=True,
                                        encoding="utf-8", stdout=subprocess.PIPE, **pipes)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.stdin:
            self.process.stdin.close()  # a line program ends with its input
        else:
            self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


class Backend(Program):
    """An example's token endpoint, on a port of the kernel's choice."""

    def __init__(self, language, copy, env):
        super().__init__(language.backend, copy, {**env, "PORT": "0"}, stdin=subprocess.DEVNULL)
        self.url = None

    def __enter__(self):
        said = self.process.stdout.readline().strip()
        if not said.startswith("listening on http://127.0.0.1:"):
            self.__exit__()
            raise RuntimeError(f"the backend said {said!r} instead of where it listens")
        self.url = said.removeprefix("listening on ")
        return self

    def ask(self, **fields):
        return call("GET", f"{self.url}/token?{urlencode(fields)}")


class Lines(Program):
    """A library behind the line protocol (see README.md)."""

    def __init__(self, language, copy, env=None):
        super().__init__(language.lines_command, copy, env, stdin=subprocess.PIPE)

    def _ask(self, *fields):
        self.process.stdin.write("\t".join(str(field) for field in fields) + "\n")
        self.process.stdin.flush()
        said = self.process.stdout.readline()
        if not said:
            raise RuntimeError("the line program ended")
        return said.strip()

    def sign(self, library, algorithm, key_file, claims, header=None):
        """-> the token, or None where the library itself refuses to make it"""
        said = self._ask("sign", library, algorithm, key_file,
                         json.dumps(header or {}), json.dumps(claims))
        return None if said == "error" else said

    def verifies(self, library, algorithm, key_file, token):
        return self._ask("verify", library, algorithm, key_file, token) == "ok"
