"""Deliveries go to nobody whose certificate does not hold: nothing of them leaves, and they come again.

SPDX-License-Identifier: Apache-2.0"""
import sys
import tempfile

try:
    from certificates import Authority
    from receiver import Receiver, Subscription, check_webhook
except ImportError:
    print("SKIP: python3-cryptography is not installed")
    sys.exit(77)
from server import Server
from test_outbox import deliveries, hook, log_in, push, until

HANDSHAKE = b"\x16"  # the first byte of a TLS connection (RFC 8446 §5.1)


class Scene:
    def __init__(self, folder):
        self.authority = Authority(folder)
        self.good = self.authority.issue("good")
        self.bad = {
            "of nobody that is trusted": Authority(folder, "stranger").issue("self-made"),
            "of another host": self.authority.issue("elsewhere", host="127.0.0.2"),
            "that has expired": self.authority.issue("expired", days_left=-1),
        }
        self.options = ["--outbound-allow", "127.0.0.1", "--outbound-ca", self.authority.path]


def sends_where_the_certificate_holds(scene, server):
    app, _ = server.make_app(use="session")
    with Receiver(scene.good) as receiver:
        made = hook(server, app, receiver, "session.started")
        server.manage("POST", f"/apps/{app}/webhooks/{made['id']}/test")
        request, = receiver.wait(1)
        assert check_webhook(request.headers, request.body, made["secret"])["type"] == "webhook.test"


def says_nothing_under_a_certificate_that_does_not_hold_and_comes_again(scene, server):
    for what, certificate in scene.bad.items():
        app, _ = server.make_app(use="session")
        with Receiver(certificate) as receiver:
            made = hook(server, app, receiver, "session.started")
            test = server.manage("POST", f"/apps/{app}/webhooks/{made['id']}/test")
            tried = until(lambda: [d for d in deliveries(server, app, made) if d["attempts"] > 0])
            assert tried[0]["outcome"] == "unreachable" and tried[0]["state"] == "waiting", tried
            assert receiver.requests == [], what
            receiver.show(scene.good)
            request, = receiver.wait(1)
            assert request.headers["webhook-id"] == test["delivery"], what
            assert receiver.server.first_bytes == {HANDSHAKE}, what
            until(lambda: deliveries(server, app, made)[0]["state"] == "delivered")
        print("  a certificate", what)


def pushes_to_no_endpoint_under_a_certificate_that_does_not_hold(scene, server):
    app, _ = server.make_app(use="session")
    server.manage("PUT", f"/apps/{app}/push-key", {})
    with Receiver(scene.bad["of another host"]) as receiver:
        browser = Subscription(receiver.origin + "/push/one")
        customer, _ = log_in(server, app, "alice", "b", browser.address)
        item = push(server, app, customer, body={"text": "hello"})
        until(lambda: receiver.server.first_bytes)
        receiver.show(scene.good)
        request, = receiver.wait(1)
        assert receiver.server.first_bytes == {HANDSHAKE}
        assert browser.decrypt(request.body)["item"]["id"] == item["id"]


def trusts_no_authority_that_nobody_named(scene):
    with Server(options=["--outbound-allow", "127.0.0.1"]) as server, Receiver(scene.good) as receiver:
        app, _ = server.make_app(use="session")
        made = hook(server, app, receiver, "session.started")
        server.manage("POST", f"/apps/{app}/webhooks/{made['id']}/test")
        until(lambda: [d for d in deliveries(server, app, made) if d["attempts"] > 0])
        assert receiver.requests == []


def does_not_start_on_a_file_that_holds_no_certificate(scene):
    for content, why in ((b"", "holds no PEM certificate"), (None, "no such file")):
        path = scene.authority.folder + "/none.pem"
        if content is not None:
            with open(path, "wb") as f:
                f.write(content)
        else:
            path += "x"
        try:
            with Server(options=["--outbound-ca", path]):
                raise AssertionError("it started")
        except RuntimeError as refused:
            assert f"{path}: {why}" in str(refused), refused


def main():
    with tempfile.TemporaryDirectory(prefix="countersign-tls-") as folder:
        scene = Scene(folder)
        with Server(options=scene.options) as server:
            for test in (sends_where_the_certificate_holds,
                         says_nothing_under_a_certificate_that_does_not_hold_and_comes_again,
                         pushes_to_no_endpoint_under_a_certificate_that_does_not_hold):
                test(scene, server)
                print("ok", test.__name__, flush=True)
        for test in (trusts_no_authority_that_nobody_named,
                     does_not_start_on_a_file_that_holds_no_certificate):
            test(scene)
            print("ok", test.__name__, flush=True)


if __name__ == "__main__":
    sys.exit(main())
