#!/usr/bin/env python3
"""Deliveries, checked and decrypted by the libraries that people receive them with.

    COUNTERSIGN_BIN=build/dev/cli/countersign test_receivers.py --work DIR

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import base64
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE.parents[1] / "integration" / "http"))
from harness.languages import LANGUAGES, Skip, build_copy  # noqa: E402

SKIPPED = 77
SOURCES = ("package.json", "package-lock.json", "lines.js")

try:
    from certificates import Authority
    from receiver import Receiver
except ImportError:
    print("SKIP: python3-cryptography is not installed")
    sys.exit(SKIPPED)
from server import Server  # noqa: E402
from test_outbox import hook, log_in, push  # noqa: E402


class Libraries:
    """lines.js in a process of its own."""

    def __init__(self, copy):
        self.process = subprocess.Popen(["node", "lines.js"], cwd=copy, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.stdin.close()
        self.process.wait(timeout=30)

    def ask(self, what, **given):
        self.process.stdin.write(json.dumps({"ask": what, **given}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def take(self, what, **given):
        said = self.ask(what, **given)
        assert "answer" in said, (what, said)
        return said["answer"]

    def refuse(self, what, **given):
        """-> the library's own words"""
        said = self.ask(what, **given)
        assert "refused" in said, (what, said)
        return said["refused"]


def as_base64(data):
    return base64.b64encode(data).decode()


class Told:
    """One request that a webhook got, and what a library says of it."""

    def __init__(self, libraries, request):
        self.libraries, self.headers, self.body = libraries, request.headers, request.body

    def given(self, secret, body=None, **headers):
        return {"secret": secret, "headers": {**self.headers, **headers},
                "body": as_base64(self.body if body is None else body)}

    def is_taken(self, secret, **changed):
        return self.libraries.take("webhook", **self.given(secret, **changed))

    def is_refused(self, secret, **changed):
        return self.libraries.refuse("webhook", **self.given(secret, **changed))


def standardwebhooks_takes_what_is_ours_and_nothing_else(server, receiver, libraries):
    app, _ = server.make_app(use="session")
    made = hook(server, app, receiver, "customer.created", "item.received", bodies=True)
    other = hook(server, app, receiver, "key.state_changed")
    customer, token = log_in(server, app, "alice", "phone")
    sync = server.call("POST", f"/sdk/v1/apps/{app}/sync", {"items": [
        {"id": "i-1", "kind": "message", "body": {"text": "wo bleibt mein Päckchen? \U0001F4E6"}}]},
        key=token)
    assert sync.status == 200, sync.body
    said = {}
    for request in receiver.wait(2):
        told = Told(libraries, request)
        payload = told.is_taken(made["secret"])
        said[payload["type"]] = payload["data"]
        assert told.is_refused(other["secret"]) == "No matching signature found"
        assert told.is_refused(made["secret"], body=told.body + b" ") == "No matching signature found"
        for age, why in ((301, "Message timestamp too old"), (-330, "Message timestamp too new"),
                         (5, "No matching signature found")):
            stamp = {"webhook-timestamp": str(int(told.headers["webhook-timestamp"]) - age)}
            assert told.is_refused(made["secret"], **stamp) == why
        assert told.is_refused(made["secret"], **{"webhook-id": "msg_1"}) == "No matching signature found"
    assert said["customer.created"]["customer"] == {"id": customer, "identity": "alice"}
    assert said["item.received"]["item"]["body"]["text"].endswith("\U0001F4E6")


def standardwebhooks_takes_either_secret_after_a_rotation(server, receiver, libraries):
    app, _ = server.make_app(use="session")
    made = hook(server, app, receiver, "session.started")
    path = f"/apps/{app}/webhooks/{made['id']}"
    server.manage("POST", path + "/test")
    before = Told(libraries, receiver.wait(1)[0])
    new = server.manage("POST", path + "/rotate")
    server.manage("POST", path + "/test")
    after = Told(libraries, receiver.wait(2)[1])
    assert len(after.headers["webhook-signature"].split(" ")) == 2
    for secret in (made["secret"], new["secret"]):
        assert after.is_taken(secret)["type"] == "webhook.test"
    assert before.is_refused(new["secret"]) == "No matching signature found"
    newest = server.manage("POST", path + "/rotate")
    server.manage("POST", path + "/test")
    last = Told(libraries, receiver.wait(3)[2])
    assert last.is_refused(made["secret"]) == "No matching signature found"
    assert last.is_taken(newest["secret"])["type"] == "webhook.test"


def subscribed(server, receiver, libraries):
    """-> the app's public key, and the request of one push to the libraries' browser"""
    app, _ = server.make_app(use="session")
    key = server.manage("PUT", f"/apps/{app}/push-key", {"subject": "mailto:ops@example.com"})
    address = {"web_push": {"endpoint": receiver.origin + "/push/one", **libraries.take("subscribe")}}
    customer, _ = log_in(server, app, "alice", "browser", address)
    push(server, app, customer, body={"text": "only for Alice's eyes"})
    request, = receiver.wait(1)
    return key["public_key"], request


def http_ece_decrypts_what_a_browser_is_pushed(server, receiver, libraries):
    _, request = subscribed(server, receiver, libraries)
    told = libraries.take("decrypt", body=as_base64(request.body))
    assert told["item"]["body"] == {"text": "only for Alice's eyes"}
    for at in (0, 20, 40, 90, len(request.body) - 1):
        flipped = request.body[:at] + bytes([request.body[at] ^ 1]) + request.body[at + 1:]
        libraries.refuse("decrypt", body=as_base64(flipped))


def jws_takes_who_sends_under_the_key_the_page_subscribed_with(server, receiver, libraries):
    key, request = subscribed(server, receiver, libraries)
    scheme, token, named = request.headers["authorization"].split(" ")
    assert (scheme, token[:2], named) == ("vapid", "t=", "k=" + key)
    claims = libraries.take("vapid", token=token[2:].rstrip(","), key=key)
    assert claims["aud"] == receiver.origin and claims["sub"] == "mailto:ops@example.com"
    assert 0 < claims["exp"] - time.time() <= 86400
    stranger = server.make_app()[0]
    other = server.manage("PUT", f"/apps/{stranger}/push-key", {})["public_key"]
    libraries.refuse("vapid", token=token[2:].rstrip(","), key=other)


def asks_of_a_push_service_what_web_push_asks(server, receiver, libraries):
    """The same headers with the same words, and of the same plain text the same length."""
    _, request = subscribed(server, receiver, libraries)
    plain = libraries.take("decrypt", body=as_base64(request.body))
    due = libraries.take("request", endpoint=receiver.origin + "/push/one",
                         payload=json.dumps(plain, separators=(",", ":"), ensure_ascii=False),
                         ttl=int(request.headers["ttl"]), topic=request.headers["topic"])
    for name, value in due["headers"].items():
        got = request.headers[name.lower()]
        if name == "Authorization":
            assert got.split("=")[0] == value.split("=")[0] == "vapid t"
        else:
            assert got == str(value), (name, got, value)
    assert len(request.body) == due["length"]


TESTS = (
    standardwebhooks_takes_what_is_ours_and_nothing_else,
    standardwebhooks_takes_either_secret_after_a_rotation,
    http_ece_decrypts_what_a_browser_is_pushed,
    jws_takes_who_sends_under_the_key_the_page_subscribed_with,
    asks_of_a_push_service_what_web_push_asks,
)


def prepare(work):
    node = LANGUAGES["node"]
    node.require()
    return build_copy(work / "receivers", {name: (HERE / name).read_bytes() for name in SOURCES},
                      node.build)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", required=True, type=Path, help="where the libraries are put")
    try:
        copy = prepare(parser.parse_args().work.resolve())
    except Skip as missing:
        print(f"SKIP: {missing} is not installed")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="countersign-receivers-") as folder:
        authority = Authority(folder)
        certificate = authority.issue("receiver")
        options = ["--outbound-allow", "127.0.0.1", "--outbound-ca", authority.path]
        with Server(options=options) as server, Libraries(copy) as libraries:
            for test in TESTS:
                with Receiver(certificate) as receiver:
                    test(server, receiver, libraries)
                print("ok", test.__name__, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
