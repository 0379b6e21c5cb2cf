"""Deliveries over real sockets: a browser decrypts what it is pushed, a backend checks what it is told,
nothing is lost over kill -9, and nothing secret is in a log or the database.

SPDX-License-Identifier: Apache-2.0"""
import glob
import json
import re
import signal
import sys
import time

try:
    from receiver import Receiver, Subscription, check_vapid, check_webhook
except ImportError:
    print("SKIP: python3-cryptography is not installed")
    sys.exit(77)
from cryptography.exceptions import InvalidSignature
from server import Server, good_claims, mint

MANY = 140  # devices: more than one slice of a broadcast
ALLOW = ["--outbound-allow", "127.0.0.1"]
PATIENCE_S = 60  # what comes, comes long before; a wait ends with what it waits for


def until(what):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        got = what()
        if got:
            return got
        time.sleep(0.02)
    raise AssertionError("it did not come to pass")


def log_in(server, app, user, device, address=None):
    """Returns: the customer's id and the session's token."""
    answer = server.login(app, mint(good_claims(user)), device)
    assert answer.status == 201, answer.body
    token = answer.json["session"]["token"]
    if address:
        put = server.call("PUT", f"/sdk/v1/apps/{app}/device/push", address, key=token)
        assert put.status == 204, put.body
    return answer.json["customer"]["id"], token


def push(server, app, customer, **item):
    return server.manage("POST", f"/apps/{app}/customers/{customer}/items", {"kind": "push", **item})


def hook(server, app, receiver, *events, **more):
    return server.manage("POST", f"/apps/{app}/webhooks",
                         {"url": receiver.origin + "/hook", "events": list(events), **more})


def deliveries(server, app, made):
    return server.manage("GET", f"/apps/{app}/webhooks/{made['id']}/deliveries")["items"]


def reaches_every_browser_of_the_customer(server, receiver):
    app, _ = server.make_app(use="session")
    key = server.manage("PUT", f"/apps/{app}/push-key", {"subject": "mailto:ops@example.com"})
    browsers = [Subscription(f"{receiver.origin}/push/{n}") for n in range(3)]
    for n, browser in enumerate(browsers):
        customer, _ = log_in(server, app, "alice", f"b-{n}", browser.address)
    item = push(server, app, customer, body={"text": "only for Alice's eyes"})
    got = {r.path: r for r in receiver.wait(3)}
    ids = set()
    for n, browser in enumerate(browsers):
        request = got[f"/push/{n}"]
        assert b"Alice" not in request.body
        told = browser.decrypt(request.body)
        assert told["item"]["body"] == {"text": "only for Alice's eyes"}
        assert told["item"]["id"] == item["id"]
        claims = check_vapid(request.headers, key["public_key"], receiver.origin)
        assert claims["sub"] == "mailto:ops@example.com"
        assert request.headers["content-encoding"] == "aes128gcm"
        assert 86000 < int(request.headers["ttl"]) <= 86400
        assert request.headers["topic"] == told["delivery"]
        ids.add(told["delivery"])
    assert len(ids) == 3


def forgets_a_browser_that_is_gone(server, receiver):
    app, _ = server.make_app(use="session")
    server.manage("PUT", f"/apps/{app}/push-key", {})
    browser = Subscription(f"{receiver.origin}/push/gone")
    customer, _ = log_in(server, app, "alice", "b", browser.address)
    receiver.answers = [410]
    push(server, app, customer, body={})
    receiver.wait(1)
    until(lambda: server.manage("GET", f"/apps/{app}/customers/{customer}")["devices"][0]["push"] in
          (None, "none"))


def signs_so_that_a_backend_can_check_it(server, receiver):
    app, _ = server.make_app(use="session")
    made = hook(server, app, receiver, "customer.created", "item.received", bodies=True)
    customer, token = log_in(server, app, "alice", "phone")
    sync = server.call("POST", f"/sdk/v1/apps/{app}/sync", {"items": [
        {"id": "i-1", "kind": "message", "body": {"text": "where is my parcel?"}}]}, key=token)
    assert sync.status == 200, sync.body
    told = {}
    for request in receiver.wait(2):
        payload = check_webhook(request.headers, request.body, made["secret"])
        told[payload["type"]] = payload["data"]
        try:
            check_webhook(request.headers, request.body + b" ", made["secret"])
            raise SystemExit("a changed body was accepted")
        except InvalidSignature:
            pass
    assert told["customer.created"]["customer"] == {"id": customer, "identity": "alice"}
    assert told["item.received"]["item"]["body"] == {"text": "where is my parcel?"}
    until(lambda: all(d["state"] == "delivered" for d in deliveries(server, app, made)))


def signs_with_both_secrets_after_a_rotation(server, receiver):
    app, _ = server.make_app(use="session")
    made = hook(server, app, receiver, "session.started")
    new = server.manage("POST", f"/apps/{app}/webhooks/{made['id']}/rotate")
    server.manage("POST", f"/apps/{app}/webhooks/{made['id']}/test")
    request, = receiver.wait(1)
    for secret in (made["secret"], new["secret"]):
        assert check_webhook(request.headers, request.body, secret)["type"] == "webhook.test"


def sends_again_under_the_same_id_what_was_not_taken(server, receiver):
    app, _ = server.make_app(use="session")
    made = hook(server, app, receiver, "session.started")
    receiver.answers = [503, 200]
    server.manage("POST", f"/apps/{app}/webhooks/{made['id']}/test")
    first, second = receiver.wait(2)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    got, = until(lambda: [d for d in deliveries(server, app, made) if d["state"] == "delivered"])
    assert got["attempts"] == 2 and got["id"] == first.headers["webhook-id"], got
    assert len(receiver.requests) == 2


def metric(server, name):
    text = server.call("GET", "/metrics").body.decode()
    return int(re.search(rf"^countersign_{name} (\d+)$", text, re.M).group(1))


def counts_what_was_taken_what_failed_and_what_was_given_up(server, receiver):
    names = ("deliveries_taken_total", "delivery_attempts_failed_total", "deliveries_given_up_total")
    app, _ = server.make_app(use="session")
    made = hook(server, app, receiver, "session.started")
    before = {name: metric(server, name) for name in names}

    def has_grown(*by):
        return all(metric(server, n) == before[n] + b for n, b in zip(names, by))
    receiver.answers, receiver.headers = [503, 200, 410], {"Retry-After": "4"}
    server.manage("POST", f"/apps/{app}/webhooks/{made['id']}/test")
    until(lambda: has_grown(0, 1, 0))
    receiver.held.clear()  # the second attempt lasts until somebody has looked
    until(lambda: metric(server, "deliveries_waiting") == 1)
    receiver.held.set()
    until(lambda: has_grown(1, 1, 0) and metric(server, "deliveries_waiting") == 0)
    server.manage("POST", f"/apps/{app}/webhooks/{made['id']}/test")
    until(lambda: has_grown(1, 2, 1) and metric(server, "deliveries_waiting") == 0)


def broadcast(server, app, **members):
    return server.manage("POST", f"/apps/{app}/broadcasts", {"kind": "push", **members})


def how_far(server, app, made):
    return server.manage("GET", f"/apps/{app}/broadcasts/{made['id']}")["push"]


def a_broadcast_reaches_every_browser_of_whoever_was_there(server, receiver):
    app, _ = server.make_app(use="session")
    key = server.manage("PUT", f"/apps/{app}/push-key", {})["public_key"]
    browsers = {f"/push/{who}": Subscription(f"{receiver.origin}/push/{who}") for who in ("a", "b")}
    for path, browser in browsers.items():
        _, token = log_in(server, app, path[6:], "d-" + path[6:], browser.address)
        told = server.call("GET", f"/sdk/v1/apps/{app}/device/push", key=token).json
        assert told == {"public_key": key, "kind": "web_push"}, told
    made = broadcast(server, app, body={"text": "sale"})
    late = Subscription(f"{receiver.origin}/push/late")
    log_in(server, app, "late", "d-late", late.address)
    got = {r.path: browsers[r.path].decrypt(r.body) for r in receiver.wait(2)}
    assert set(got) == set(browsers), got
    for told in got.values():
        assert told["item"]["broadcast"] and told["item"]["id"] == made["id"], told
        assert told["item"]["seq"] == 1 and told["item"]["body"] == {"text": "sale"}, told
    assert how_far(server, app, made) == {"devices": 2, "done": True}
    assert len(receiver.requests) == 2


def a_broadcast_to_a_push_service_that_hangs_holds_up_no_other_app(server, receiver):
    app, _ = server.make_app(use="session")
    other, _ = server.make_app(use="session")
    server.manage("PUT", f"/apps/{app}/push-key", {})
    made = hook(server, other, receiver, "session.started")
    with Receiver() as hanging:
        for n in range(40):  # more than there are transfers at a time
            browser = Subscription(f"{hanging.origin}/push/{n}")
            log_in(server, app, f"u{n}", f"d-{n}", browser.address)
        hanging.held.clear()
        sent = broadcast(server, app, body={})
        hanging.wait(1)
        log_in(server, other, "alice", "phone")
        request, = receiver.wait(1)
        assert check_webhook(request.headers, request.body, made["secret"])["data"]["app"] == other
        assert len(hanging.requests) < 40 and how_far(server, app, sent)["devices"] == 40
        server.manage("DELETE", f"/apps/{app}/broadcasts/{sent['id']}")


def a_broadcast_goes_on_after_kill_9(server, receiver):
    """Every device is told, and by one delivery, however often that is sent."""
    app, _ = server.make_app(use="session")
    server.manage("PUT", f"/apps/{app}/push-key", {})
    for n in range(MANY):
        browser = Subscription(f"{receiver.origin}/push/{n}")
        log_in(server, app, f"u{n}", f"d-{n}", browser.address)
    receiver.held.clear()
    made = broadcast(server, app, body={})
    receiver.wait(1)
    server.stop(signal.SIGKILL)
    receiver.held.set()
    server.start()
    until(lambda: how_far(server, app, made) == {"devices": MANY, "done": True})
    until(lambda: len({r.path for r in receiver.requests}) == MANY)
    assert len({(r.path, r.headers["topic"]) for r in receiver.requests}) == MANY


def hands_other_devices_to_the_apps_own_sender(server, receiver):
    app, _ = server.make_app(use="session")
    made = hook(server, app, receiver, "push.send")
    address = {"fcm": {"package": "com.example", "registration_id": "r-1"}}
    customer, _ = log_in(server, app, "alice", "phone", address)
    push(server, app, customer, body={"text": "hi"})
    request, = receiver.wait(1)
    data = check_webhook(request.headers, request.body, made["secret"])["data"]
    assert data["address"] == address and data["item"]["body"] == {"text": "hi"}
    assert data["delivery"] == request.headers["webhook-id"]


def forgets_an_address_that_its_sender_says_is_gone(server, receiver):
    app, _ = server.make_app(use="session")
    made = hook(server, app, receiver, "push.send")
    address = {"fcm": {"package": "com.example", "registration_id": "r-1"}}
    customer, _ = log_in(server, app, "alice", "phone", address)
    receiver.answers = [410]
    push(server, app, customer, body={})
    receiver.wait(1)
    until(lambda: server.manage("GET", f"/apps/{app}/customers/{customer}")["devices"][0]["push"] in
          (None, "none"))
    assert server.manage("GET", f"/apps/{app}/webhooks/{made['id']}")["state"] == "enabled"


def loses_nothing_over_kill_9(server, receiver):
    """Killed between the receiver's taking it and the note of that: it comes again, the same."""
    app, _ = server.make_app(use="session")
    made = hook(server, app, receiver, "session.started")
    receiver.held.clear()
    test = server.manage("POST", f"/apps/{app}/webhooks/{made['id']}/test")
    receiver.wait(1)
    server.stop(signal.SIGKILL)
    receiver.held.set()
    server.start()
    first, second = receiver.wait(2)
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == test["delivery"]
    assert check_webhook(second.headers, second.body, made["secret"])["type"] == "webhook.test"
    until(lambda: deliveries(server, app, made)[0]["state"] == "delivered")


def stops_while_something_is_being_sent(server, receiver):
    app, _ = server.make_app(use="session")
    made = hook(server, app, receiver, "session.started")
    receiver.held.clear()
    server.manage("POST", f"/apps/{app}/webhooks/{made['id']}/test")
    receiver.wait(1)
    assert server.stop() == 0
    server.start()
    receiver.held.set()
    receiver.wait(2)


def has_nothing_secret_in_clear(server, secrets):
    for path in glob.glob(server.path("data/*")) + [server.path("log"), server.path("out")]:
        if path.endswith("master.key"):
            continue
        with open(path, "rb") as f:
            content = f.read()
        for secret in secrets:
            assert secret.encode() not in content, f"{secret[:8]}... is in {path}"


def keeps_addresses_secrets_and_bodies_to_itself(server, receiver):
    app, _ = server.make_app(use="session")
    server.manage("PUT", f"/apps/{app}/push-key", {})
    made = hook(server, app, receiver, "item.received", bodies=True)
    browser = Subscription(f"{receiver.origin}/push/hidden-endpoint-7f3a")
    customer, token = log_in(server, app, "alice", "b", browser.address)
    push(server, app, customer, body={"text": "hidden-body-5d1c"})
    sync = server.call("POST", f"/sdk/v1/apps/{app}/sync", {"items": [
        {"id": "i-1", "kind": "event", "body": {"name": "hidden-event-90bb"}}]}, key=token)
    assert sync.status == 200
    receiver.wait(2)
    address = browser.address["web_push"]
    has_nothing_secret_in_clear(server, [
        made["secret"], made["secret"][6:], receiver.origin + "/hook", "hidden-endpoint-7f3a",
        "hidden-body-5d1c", "hidden-event-90bb", address["p256dh"], address["auth"]])


def goes_nowhere_private_unless_it_may(receiver):
    with Server() as server:
        app, _ = server.make_app(use="session")
        made = hook(server, app, receiver, "session.started")
        server.manage("POST", f"/apps/{app}/webhooks/{made['id']}/test")
        tried = until(lambda: [d for d in deliveries(server, app, made) if d["attempts"] > 0])
        assert tried[0]["outcome"] == "unreachable", tried
        assert receiver.requests == []


TESTS = [
    reaches_every_browser_of_the_customer,
    forgets_a_browser_that_is_gone,
    signs_so_that_a_backend_can_check_it,
    signs_with_both_secrets_after_a_rotation,
    sends_again_under_the_same_id_what_was_not_taken,
    counts_what_was_taken_what_failed_and_what_was_given_up,
    a_broadcast_reaches_every_browser_of_whoever_was_there,
    a_broadcast_to_a_push_service_that_hangs_holds_up_no_other_app,
    a_broadcast_goes_on_after_kill_9,
    hands_other_devices_to_the_apps_own_sender,
    forgets_an_address_that_its_sender_says_is_gone,
    keeps_addresses_secrets_and_bodies_to_itself,
    loses_nothing_over_kill_9,
    stops_while_something_is_being_sent,
]


def main():
    with Server(options=ALLOW) as server:
        for test in TESTS:
            with Receiver() as receiver:
                test(server, receiver)
                print("ok", test.__name__, flush=True)
    with Receiver() as receiver:
        goes_nowhere_private_unless_it_may(receiver)
        print("ok", goes_nowhere_private_unless_it_may.__name__)


if __name__ == "__main__":
    sys.exit(main())
