"""Readers that do not read, or hardly: each is cut when a page was not taken within its minute. That
takes a minute, so it is a test of its own.

SPDX-License-Identifier: Apache-2.0"""
import threading
import unittest

from server import Server
from sse import until
from test_stream import KIB, World


class Stalled(unittest.TestCase):
    def test_those_that_take_no_page_within_a_minute_are_cut_and_no_other(self):
        with Server() as server:
            w = World(server)
            token = w.session()
            for _ in range(40):
                w.append(token, 10, "y" * (24 * KIB))
            good = w.stream(token, query="?cursor=400").open()
            stalled = w.stream(token, receive_buffer=4 * KIB)
            trickling = w.stream(token, receive_buffer=4 * KIB)
            enough = threading.Event()

            def trickle():
                while not enough.wait(0.25):
                    try:
                        if not trickling.socket.recv(50):
                            return
                    except OSError:
                        return
            thread = threading.Thread(target=trickle)
            thread.start()
            self.assertTrue(until(lambda: w.metric("streams_open") == 3))
            self.assertTrue(until(lambda: w.metric("streams_open") == 1, 120))
            w.append(token)
            self.assertEqual(len(good.items(1)), 1)
            self.assertGreater(good.comments, 2)
            enough.set()
            thread.join()
            for s in (good, stalled, trickling):
                s.close()


if __name__ == "__main__":
    unittest.main()
