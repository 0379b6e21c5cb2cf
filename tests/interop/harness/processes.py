"""The programs the tests talk to: an example's backend, and a library behind the line protocol.

SPDX-License-Identifier: Apache-2.0
"""
import json
import os
import subprocess
import urllib.error
import urllib.parse
import urllib.request

TIMEOUT_S = 30
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def call(method, url, body=None, headers=None):
    """-> (status, decoded JSON or None)"""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {**(headers or {})}, method=method)
    if data is not None:
        request.add_header("Content-Type", "application/json")
    try:
        with _direct.open(request, timeout=TIMEOUT_S) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read()
    try:
        return status, json.loads(text) if text else None
    except ValueError:
        return status, None


class Program:
    """A child process; leaving the block stops it."""

    def __init__(self, command, cwd, env=None, **pipes):
        environment = {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", **(env or {})}
        self.process = subprocess.Popen(command, cwd=cwd, env=environment, text=True,
                                        encoding="utf-8", stdout=subprocess.PIPE, **pipes)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()


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
        return call("GET", f"{self.url}/token?{urllib.parse.urlencode(fields)}")


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
