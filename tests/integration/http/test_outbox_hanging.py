"""Receivers that take a request and never answer: they hold up nobody else's deliveries.

SPDX-License-Identifier: Apache-2.0"""
import sys

try:
    from receiver import Receiver, Subscription
except ImportError:
    print("SKIP: python3-cryptography is not installed")
    sys.exit(77)
from server import Server
from test_outbox import ALLOW, hook, log_in, push

EVENTS = 500  # many more than there are places to send from
BROWSERS = 40


class Hanging(Receiver):
    def __enter__(self):
        self.server.handle_error = lambda *unused: None  # whoever waited went away
        self.held.clear()
        return super().__enter__()


def sync_many(server, app, token):
    items = [{"id": f"i-{n}", "kind": "event", "body": {}} for n in range(EVENTS)]
    answer = server.call("POST", f"/sdk/v1/apps/{app}/sync", {"items": items}, key=token)
    assert answer.status == 200, answer.body


def test_hook(server, app, made):
    server.manage("POST", f"/apps/{app}/webhooks/{made['id']}/test")


def two_hanging_webhooks_stop_no_other_app(server):
    with Hanging() as one, Hanging() as two, Receiver() as good:
        app, _ = server.make_app(use="session")
        for receiver in (one, two):
            hook(server, app, receiver, "item.received")
        other, _ = server.make_app(use="session")
        theirs = hook(server, other, good, "session.started")
        sync_many(server, app, log_in(server, app, "alice", "phone")[1])
        one.wait(1)
        two.wait(1)
        for n in range(3):
            test_hook(server, other, theirs)
            good.wait(n + 1)
        assert len(one.requests) < EVENTS and len(two.requests) < EVENTS


def a_hanging_webhook_stops_no_other_of_its_app(server):
    with Hanging() as one, Receiver() as good:
        app, _ = server.make_app(use="session")
        hook(server, app, one, "item.received")
        sync_many(server, app, log_in(server, app, "alice", "phone")[1])
        one.wait(1)
        theirs = hook(server, app, good, "session.started")
        test_hook(server, app, theirs)
        good.wait(1)


def hanging_endpoints_that_strangers_choose_stop_nobody_for_good(server):
    """Neither another app's pushes nor, once they were found silent, those of the same app."""
    with Hanging() as bad, Receiver() as good:
        apps = [server.make_app(use="session")[0] for _ in range(2)]
        for app in apps:
            server.manage("PUT", f"/apps/{app}/push-key", {})
        for n in range(BROWSERS):
            browser = Subscription(f"{bad.origin}/push/{n}")
            customer, _ = log_in(server, apps[0], f"u{n}", f"d-{n}", browser.address)
            push(server, apps[0], customer, body={})
        bad.wait(1)
        for n, app in enumerate((apps[1], apps[0])):
            browser = Subscription(f"{good.origin}/push/{n}")
            customer, _ = log_in(server, app, "alice", "phone", browser.address)
            push(server, app, customer, body={})
            good.wait(n + 1)


TESTS = [
    two_hanging_webhooks_stop_no_other_app,
    a_hanging_webhook_stops_no_other_of_its_app,
    hanging_endpoints_that_strangers_choose_stop_nobody_for_good,
]


def main():
    for test in TESTS:
        with Server(options=ALLOW) as server:
            test(server)
            print("ok", test.__name__, flush=True)


if __name__ == "__main__":
    sys.exit(main())
