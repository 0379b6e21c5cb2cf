"""Streams over real sockets: delivery, coming again, slow and dead readers, the ends.

SPDX-License-Identifier: Apache-2.0"""
import http.client
import json
import os
import random
import re
import shutil
import signal
import ssl
import subprocess
import tempfile
import threading
import unittest

from server import Server, good_claims, mint
from sse import Ended, Stream, until
from test_tls import make_pair

KIB = 1024


class Secure(Server):
    def __init__(self, context, **more):
        super().__init__(**more)
        self.context = context

    def connect(self):
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=self.context)


class World:
    def __init__(self, server):
        self.server = server
        self.app, _ = server.make_app(use="session")
        self.next = 0

    def session(self, user="alice", device="phone"):
        answer = self.server.login(self.app, mint(good_claims(user)), device=device)
        assert answer.status == 201, answer.body
        return answer.json["session"]["token"]

    def append(self, token, count=1, body="x", connection=None):
        """Returns: the ids appended."""
        ids = [f"i{self.next + n}" for n in range(count)]
        self.next += count
        answer = self.server.call("POST", f"/sdk/v1/apps/{self.app}/sync", key=token, connection=connection,
                                  body={"items": [{"id": i, "kind": "event", "body": body} for i in ids]})
        assert answer.status == 200, answer.body
        assert all(r["status"] == "accepted" for r in answer.json["results"])
        return ids

    def stream(self, token, **more):
        return Stream(self.server, self.app, token, **more)

    def metric(self, name):
        text = self.server.call("GET", "/metrics").body.decode()
        return int(re.search(rf"^countersign_{name} (\d+)$", text, re.M).group(1))

    def resident(self):
        """Bytes of memory the server has at hand."""
        with open(f"/proc/{self.server.process.pid}/status") as f:
            return int(re.search(r"VmRSS:\s+(\d+) kB", f.read()).group(1)) * KIB


def ids_of(events):
    return [json.loads(e["data"])["id"] for e in events]


class Delivery(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()
        cls.world = World(cls.server)

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def setUp(self):
        self.user = self.id()

    def test_every_device_gets_every_item_once_and_in_order(self):
        w = self.world
        tokens = [w.session(self.user, f"{self.user}-{n}") for n in range(5)]
        early = w.append(tokens[0], 3)
        streams = [w.stream(t).open() for t in tokens]
        late = [i for n in range(40) for i in w.append(tokens[n % 5])]
        for s in streams:
            events = s.items(43)
            self.assertEqual(ids_of(events), early + late)
            seqs = [int(e["id"]) for e in events]
            self.assertEqual(seqs, sorted(set(seqs)))
            s.close()

    def test_a_reader_that_is_cut_and_comes_again_loses_nothing_and_gets_nothing_twice(self):
        w, chance = self.world, random.Random(4711)
        token = w.session(self.user, self.user)
        sent = []
        writer = threading.Thread(target=lambda: [sent.extend(w.append(token)) for _ in range(300)])
        writer.start()
        got, last = [], None
        while len(got) < 300:
            s = w.stream(token, last=last).open()
            for _ in range(min(chance.randrange(1, 30), 300 - len(got))):
                got += ids_of([s.event()])
            last = s.last
            s.close()
        writer.join()
        self.assertEqual(got, sent)

    def test_http_1_0_gets_it_without_chunks(self):
        w = self.world
        token = w.session(self.user, self.user)
        s = w.stream(token, version="1.0").open()
        self.assertFalse(s.chunked)
        ids = w.append(token, 2)
        self.assertEqual(ids_of(s.items(2)), ids)
        s.close()

    def test_a_head_opens_no_stream(self):
        w = self.world
        token = w.session(self.user, self.user)
        opened = w.metric("streams_opened_total")
        s = w.stream(token, method="HEAD")
        status, fields = s.head()
        self.assertEqual((status, fields["content-type"]), (200, "text/event-stream"))
        self.assertNotIn("content-length", fields)
        self.assertEqual(w.metric("streams_opened_total"), opened)
        s.close()

    def test_a_cursor_that_is_none_is_refused_and_so_is_no_bearer(self):
        w = self.world
        token = w.session(self.user, self.user)
        for last in ("9" * 40, "9" * 5000, "abc"):
            s = w.stream(token, last=last)
            self.assertEqual(s.head()[0], 400)
            s.close()
        s = w.stream("nonsense")
        self.assertEqual(s.head()[0], 401)
        s.close()

    def test_a_claimed_session_sees_nothing_of_the_customers(self):
        w = self.world
        proven = w.session(self.user, self.user)
        w.append(proven)
        answer = self.server.call("POST", f"/sdk/v1/apps/{w.app}/sessions",
                                  {"device": {"id": self.user + "-2"}, "identity": self.user})
        self.assertEqual(answer.json["customer"]["assurance"], "claimed")
        s = w.stream(answer.json["session"]["token"]).open()
        w.append(proven)
        # What ends it is the first thing it gets.
        self.server.call("DELETE", f"/sdk/v1/apps/{w.app}/sessions/current",
                         key=answer.json["session"]["token"])
        self.assertEqual(s.event()["event"], "end")
        s.close()


class Ends(unittest.TestCase):
    def test_a_logout_ends_its_stream_and_the_connection_goes_on(self):
        with Server() as server:
            w = World(server)
            token, other = w.session(device="a"), w.session(device="b")
            s, t = w.stream(token).open(), w.stream(other).open()
            server.call("DELETE", f"/sdk/v1/apps/{w.app}/sessions/current", key=token)
            end = s.event()
            self.assertEqual((end["event"], json.loads(end["data"])),
                             ("end", {"reason": "revoked", "action": "login"}))
            with self.assertRaises(Ended):
                s.event()
            self.assertTrue(s.finished)
            s.socket.sendall(b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n")
            self.assertEqual(s.head()[0], 200)
            self.assertEqual(ids_of(t.items(1)) if w.append(other) else None, ["i0"])
            s.close()
            t.close()

    def test_a_revoked_customer_hears_it_on_every_device(self):
        with Server() as server:
            w = World(server)
            streams = [w.stream(w.session(device=f"d{n}")).open() for n in range(3)]
            customer = server.manage("GET", f"/apps/{w.app}/customers")["items"][0]["id"]
            server.manage("POST", f"/apps/{w.app}/customers/{customer}/revoke")
            for s in streams:
                self.assertEqual(json.loads(s.event()["data"])["reason"], "revoked")
                s.close()

    def test_sigterm_ends_every_stream_and_the_server(self):
        server = Server().start()
        w = World(server)
        tokens = [w.session(device=f"d{n}") for n in range(20)]
        streams = [w.stream(t).open() for t in tokens]
        ids = w.append(tokens[0], 2)
        server.process.send_signal(signal.SIGTERM)
        for s in streams:
            events = [s.event()]
            while events[-1]["event"] != "end":
                events.append(s.event())
            self.assertEqual(json.loads(events[-1]["data"]), {"reason": "unavailable", "action": "wait"})
            s.got = ids_of(events[:-1])
        self.assertEqual(server.process.wait(30), 0)
        server.start()
        for s, token in zip(streams, tokens):
            again = w.stream(token, last=s.last).open()
            missed = ids[len(s.got):]
            self.assertEqual(s.got + ids_of(again.items(len(missed))), ids)
            again.close()
            s.close()
        self.assertEqual(server.stop(), 0)


EXAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../examples/stream/follow.js")
FOLLOW = """
import {follow} from "file://%s";
follow({url: process.argv[1], token: async () => process.argv[2],
        onItem: (item) => console.log(item.id), onEnd: (end) => console.log(end.reason)});
"""


class Example(unittest.TestCase):
    @unittest.skipUnless(shutil.which("node"), "node is not installed")
    def test_the_example_follows_a_log_over_a_restart_until_the_logout(self):
        server = Server().start()
        w = World(server)
        token = w.session()
        ids = w.append(token, 2)
        server.options = ["--listen", f"127.0.0.1:{server.port}"]
        url = f"http://127.0.0.1:{server.port}/sdk/v1/apps/{w.app}/stream"
        with subprocess.Popen(["node", "--input-type=module", "-e", FOLLOW % os.path.realpath(EXAMPLE), url, token],
                              stdout=subprocess.PIPE, text=True) as node:
            said = [node.stdout.readline().strip() for _ in range(2)]
            server.stop()
            server.start()
            ids += w.append(token, 2)
            said += [node.stdout.readline().strip() for _ in range(2)]
            self.assertEqual(said, ids)
            server.call("DELETE", f"/sdk/v1/apps/{w.app}/sessions/current", key=token)
            self.assertEqual(node.stdout.readline().strip(), "revoked")
            node.wait(30)
        server.stop()


class Tls(unittest.TestCase):
    def test_it_is_delivered_over_tls_as_well(self):
        folder = tempfile.mkdtemp()
        cert, key = make_pair(folder, "one")
        options = ["--tls-cert", cert, "--tls-key", key]
        context = ssl.create_default_context(cafile=cert)
        context.check_hostname = False
        with Secure(options=options, context=context) as server:
            w = World(server)
            tokens = [w.session(device=f"d{n}") for n in range(3)]
            streams = [w.stream(t, wrap=context.wrap_socket).open() for t in tokens]
            ids = [i for _ in range(20) for i in w.append(tokens[0])]
            for s in streams:
                self.assertEqual(ids_of(s.items(20)), ids)
                s.close()


class Readers(unittest.TestCase):
    def test_slow_readers_hold_a_page_each_and_hinder_nobody(self):
        slow_ones, items, size = 40, 300, 24 * KIB
        with Server(options=["--connections-per-address", "0"]) as server:
            w = World(server)
            token = w.session()
            connection = server.connect()
            for _ in range(items // 10):
                w.append(token, 10, "y" * size, connection)
            before = w.resident()
            readers = [w.session(device=f"slow-{n}") for n in range(slow_ones // 10)]
            slow = [w.stream(readers[n // 10], receive_buffer=4 * KIB) for n in range(slow_ones)]
            self.assertTrue(until(lambda: w.metric("streams_open") == slow_ones))
            quick = w.stream(token).open()
            self.assertEqual(len(quick.items(items)), items)
            w.append(token)
            quick.items(1)
            grown = w.resident() - before
            # A page, the library's memory, the reads under way; and nothing near the 7 MiB of the log.
            self.assertLess(grown, slow_ones * 128 * KIB + 32 * 320 * KIB)
            # What a page and the buffers of both systems hold, and what the quick one got.
            self.assertLess(w.metric("stream_items_total"), items + slow_ones * 20 + 10)
            for s in slow:
                s.close()
            quick.close()

    def test_peers_that_are_gone_are_noticed_when_something_is_sent(self):
        with Server() as server:
            w = World(server)
            token = w.session()
            streams = [w.stream(token).open() for _ in range(10)]
            self.assertEqual(w.metric("streams_open"), 10)
            for s in streams:
                s.close()

            def gone():
                w.append(token)
                return w.metric("streams_open") == 0
            self.assertTrue(until(gone))

    def test_the_connections_of_one_address_are_limited_with_streams_too(self):
        with Server(options=["--connections-per-address", "8"]) as server:
            w = World(server)
            token = w.session()
            streams, refused = [], 0
            for _ in range(12):
                s = w.stream(token)
                try:
                    streams.append(s.open())
                except (Ended, OSError):
                    refused += 1
                    s.close()
            self.assertEqual((len(streams), refused), (8, 4))
            for s in streams:
                s.close()


if __name__ == "__main__":
    unittest.main()
