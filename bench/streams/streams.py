#!/usr/bin/env python3
"""bench streams: what an open stream costs, and how long news take to every device of a customer.

Opens thousands of idle streams, then lets one device append an item, round after round, while the
customer's other devices wait for it. Shown are the server's memory a stream and, from before the POST
is sent to the moment each device holds the event, the latency to all devices; in turns with a second
server of which nobody else has a stream open, so that the ratio tells what the idle ones cost. The
time of the POST's own answer, durable, stands beside it: the news cannot be earlier than the commit.
Last, one broadcast to all of the streams.

    streams.py COUNTERSIGN [--streams N] [--devices N] [--rounds N] [--workers N]

SPDX-License-Identifier: Apache-2.0"""
import argparse
import os
import re
import resource
import select
import socket
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../tests/integration/http"))
import server as testing  # noqa: E402  the server the tests start

PER_CUSTOMER = 20
PER_ADDRESS = 5000
KIB = 1024


class Peer:
    """One open stream, as little as can be."""

    def __init__(self, host, app, token, device, number):
        self.socket = socket.socket()
        self.socket.bind((f"127.0.0.{2 + number // PER_ADDRESS}", 0))
        self.socket.connect(("127.0.0.1", host.port))
        self.socket.sendall((f"GET /sdk/v1/apps/{app}/stream HTTP/1.1\r\nHost: bench\r\n"
                             f"Countersign-Device: {device}\r\nAuthorization: Bearer {token}\r\n\r\n").encode())
        self.text = b""

    def hello(self):
        while b"event: hello" not in self.text:
            got = self.socket.recv(4096)
            if not got or b" 200 " not in (self.text + got)[:16]:
                sys.exit(f"a stream was refused: {self.text + got!r}")
            self.text += got
        self.text = b""
        self.socket.setblocking(False)

    def take(self):
        self.text += self.socket.recv(65536)


class Host:
    """A server with one app, whose customers' own tokens are the bearers."""

    def __init__(self, name, workers):
        self.name = name
        self.server = testing.Server(options=["--connections-per-address", "0", "--log", "errors",
                                              "--workers", str(workers)]).start()
        self.port = self.server.port
        self.app, _ = self.server.make_app()
        self.connection = self.server.connect()
        self.posted = 0

    def token(self, user):
        now = int(time.time())
        return testing.mint({"sub": user, "iat": now, "exp": now + 3600})

    def open(self, count, prefix):
        peers = []
        for first in range(0, count, PER_CUSTOMER):
            token = self.token(f"{prefix}-{first // PER_CUSTOMER}")
            batch = [Peer(self, self.app, token, f"{prefix}-{n}", n)
                     for n in range(first, min(first + PER_CUSTOMER, count))]
            for peer in batch:
                peer.hello()
            peers += batch
        return peers

    def resident(self):
        with open(f"/proc/{self.server.process.pid}/status") as f:
            return int(re.search(r"VmRSS:\s+(\d+) kB", f.read()).group(1)) * KIB

    def append(self, token):
        """Returns: (the item's id, seconds until its answer)."""
        self.posted += 1
        item = f"item-{self.posted}"
        before = time.perf_counter()
        answer = self.server.call("POST", f"/sdk/v1/apps/{self.app}/sync", key=token, connection=self.connection,
                                  headers={"Countersign-Device": "sender"},
                                  body={"cursor": "1000000000", "items": [{"id": item, "kind": "event", "body": {"n": 1}}]})
        assert answer.status == 200, answer.body
        return item.encode(), time.perf_counter() - before


def wait_for(peers, marker, poll, by_descriptor, start, latencies):
    """Notes when each peer holds an event with the marker."""
    missing = len(peers)
    while missing:
        ready = poll.poll(10)
        if not ready:
            sys.exit("an item did not arrive within 10 s")
        for descriptor, _ in ready:
            peer = by_descriptor[descriptor]
            peer.take()
            if marker in peer.text and peer.text.rstrip(b"\r\n").endswith(b"}"):
                latencies.append(time.perf_counter() - start)
                peer.text = b""
                missing -= 1


class Listeners:
    """The devices of one customer."""

    def __init__(self, host, devices):
        self.host, self.token = host, host.token("listener")
        self.peers = [Peer(host, host.app, self.token, f"listener-{n}", n) for n in range(devices)]
        self.poll = select.epoll()
        self.by_descriptor = {}
        for peer in self.peers:
            peer.hello()
            self.poll.register(peer.socket, select.EPOLLIN)
            self.by_descriptor[peer.socket.fileno()] = peer
        self.latencies, self.answers = [], []

    def round(self):
        start = time.perf_counter()
        item, answered = self.host.append(self.token)
        wait_for(self.peers, b'"' + item + b'"', self.poll, self.by_descriptor, start, self.latencies)
        self.answers.append(answered)


def broadcast(host, peers):
    """Returns: seconds until each peer held what the app said to all, and until it was answered."""
    poll, by_descriptor, latencies = select.epoll(), {}, []
    for peer in peers:
        poll.register(peer.socket, select.EPOLLIN)
        by_descriptor[peer.socket.fileno()] = peer
    start = time.perf_counter()
    host.server.manage("POST", f"/apps/{host.app}/broadcasts", {"kind": "message", "body": {"text": "to-all"}})
    answered = time.perf_counter() - start
    wait_for(peers, b"to-all", poll, by_descriptor, start, latencies)
    return latencies, answered


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def show_latency(listeners, name):
    p50, p99 = percentile(listeners.latencies, .5), percentile(listeners.latencies, .99)
    print(f"  {name:34} p50 {p50 * 1e3:6.2f} ms   p99 {p99 * 1e3:6.2f} ms   "
          f"(the POST's answer: p50 {percentile(listeners.answers, .5) * 1e3:.2f} ms)")
    return p50, p99


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("binary")
    arguments.add_argument("--streams", type=int, default=10000)
    arguments.add_argument("--devices", type=int, default=20)
    arguments.add_argument("--rounds", type=int, default=300)
    arguments.add_argument("--workers", type=int, default=2, help="event loops of each server")
    options = arguments.parse_args()
    testing.BIN = options.binary
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard < options.streams + 200:
        sys.exit(f"{options.streams} streams need that many descriptors on both ends; allowed are {hard}")

    crowded, empty = Host("crowded", options.workers), Host("empty", options.workers)
    warm = crowded.open(200, "warm")
    before = crowded.resident()
    began = time.perf_counter()
    idle = crowded.open(options.streams, "idle")
    took = time.perf_counter() - began
    time.sleep(1)  # their first reads, which find nothing
    grown = crowded.resident() - before
    print(f"  {len(idle) + len(warm)} streams open ({len(idle) / took:.0f} opened a second by this client)")
    print(f"  memory of the server: {grown / len(idle) / KIB:.1f} KiB a stream (goal: 16), "
          f"{crowded.resident() / KIB / KIB:.0f} MiB in all")

    measured = [Listeners(crowded, options.devices), Listeners(empty, options.devices)]
    for _ in range(options.rounds):
        for listeners in measured:
            listeners.round()
    print(f"  one item to {options.devices} devices, {options.rounds} rounds in turns:")
    with_idle = show_latency(measured[0], f"beside {len(idle) + len(warm)} idle streams")
    alone = show_latency(measured[1], "beside none")
    ratios = [a / b for a, b in zip(measured[0].answers, measured[1].answers)]
    print(f"  ratio: p50 {with_idle[0] / alone[0]:.2f}, p99 {with_idle[1] / alone[1]:.2f}; "
          f"of the POST's answer, round by round: {statistics.median(ratios):.2f}")
    latencies, answered = broadcast(crowded, idle)
    print(f"  one broadcast to {len(idle)} streams: p50 {percentile(latencies, .5):.2f} s, "
          f"the last after {max(latencies):.2f} s, answered after {answered * 1e3:.0f} ms")
    for host in (crowded, empty):
        if host.server.stop() != 0:
            sys.exit(f"{host.name}: the server did not end well")


if __name__ == "__main__":
    main()
