"""A request is framed as RFC 9112 says, or it is refused and nothing after it is read.

SPDX-License-Identifier: Apache-2.0"""
import json
import re
import socket
import unittest

from server import Server

NEXT = b"GET /livez HTTP/1.1\r\nHost: next\r\n\r\n"  # smuggled, if anybody answers it


def talk(port, data, timeout=10):
    """Sends raw bytes. Returns everything that came until the server closed, and whether it did."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as s:
        s.sendall(data)
        got = b""
        try:
            while True:
                more = s.recv(65536)
                if not more:
                    return got, True
                got += more
                if got.endswith(b"LAST"):
                    return got, False
        except ConnectionResetError:
            return got, True


def get(*fields, line=b"GET /healthz HTTP/1.1", host=b"Host: x"):
    return b"\r\n".join([line, *([host] if host else []), *fields]) + b"\r\n\r\n"


def post(*fields, body=b"{}"):
    return get(*fields, line=b"POST /sdk/v1/apps/x/challenge HTTP/1.1") + body


def count(got):
    return got.count(b"HTTP/1.1 ")


class Framing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def passes(self, data):
        got, _ = talk(self.server.port, data.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
        self.assertTrue(got.startswith(b"HTTP/1.1 200 "), (data, got))

    def refuses(self, data, status=400, reason="framing_invalid"):
        """Refused as a problem, closed, and what follows is not read as a request."""
        got, closed = talk(self.server.port, data + NEXT)
        self.assertTrue(got.startswith(b"HTTP/1.1 %d " % status), (data, got))
        self.assertTrue(closed, data)
        self.assertEqual(count(got), 1, (data, got))
        head, body = got.split(b"\r\n\r\n", 1)
        self.assertIn(b"\r\nconnection: close", head.lower(), (data, head))
        self.assertIn(b"application/problem+json", head)
        problem = json.loads(body)
        self.assertEqual(problem["reason"], reason)
        self.assertIn(problem["request_id"].encode(), head)
        self.assertEqual(len(problem["request_id"]), 26)
        self.assertIsNotNone(problem["server_time"])

    def test_a_plain_request_passes(self):
        self.passes(get())
        self.passes(get(b"X-Empty:", b"X-Tab:\ta\tb", b"X-Wide:    many", b"X-Latin: \xe9"))

    def test_two_content_lengths_are_refused_even_equal_ones(self):
        self.refuses(post(b"Content-Length: 2", b"Content-Length: 40"))
        self.refuses(post(b"Content-Length: 2", b"content-length: 2"))

    def refused_by_the_library(self, data, *status):
        """In its own words, before we are asked; closed all the same."""
        got, closed = talk(self.server.port, data + NEXT)
        self.assertIn(got[9:12], status, (data, got))
        self.assertNotIn(b"HTTP/1.1 200", got)
        self.assertTrue(closed, data)

    def test_a_content_length_that_is_no_number_is_refused(self):
        for value in (b"2,2", b"+2", b"-2", b"0x2", b"2 2", b"", b"2 "):
            self.refused_by_the_library(post(b"Content-Length: " + value), b"400")
        self.refused_by_the_library(post(b"Content-Length: " + b"9" * 30), b"413")

    def test_what_the_library_refuses_itself_closes_too(self):
        self.refused_by_the_library(get(b"no colon"), b"400")
        self.refused_by_the_library(get(b"X\0A: v"), b"400")
        self.refused_by_the_library(get(line=b"GET /healthz HTTP/2.0"), b"505")
        self.refused_by_the_library(get(line=b"GET /healthz HTTP/1.1 "), b"400")
        self.refused_by_the_library(get(line=b"GET /healthz"), b"400")
        self.refused_by_the_library(get(line=b"GET"), b"")
        self.refused_by_the_library(get(b"X: " + b"v" * 40000), b"431")
        self.refused_by_the_library(post(b"Transfer-Encoding: chunked", body=b"zz\r\n"), b"400")

    def test_length_and_transfer_encoding_together_are_refused(self):
        self.refuses(post(b"Content-Length: 2", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"))
        self.refuses(post(b"Transfer-Encoding: chunked", b"Content-Length: 0", body=b"0\r\n\r\n"))

    def test_two_transfer_encodings_are_refused(self):
        self.refuses(post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked",
                          body=b"0\r\n\r\n"))

    def test_a_transfer_coding_other_than_chunked_is_not_implemented(self):
        for value in (b"xchunked", b"gzip, chunked", b"chunked, identity", b"identity", b"chunked ",
                      b"chunked;q=1", b""):
            self.refuses(post(b"Transfer-Encoding: " + value, body=b"0\r\n\r\n"), 501,
                         "transfer_coding_unsupported")

    def test_a_transfer_encoding_of_http_1_0_is_refused(self):
        self.refuses(get(b"Transfer-Encoding: chunked", line=b"POST /healthz HTTP/1.0"))

    def test_a_chunked_body_is_read_and_the_connection_then_closed(self):
        chunks = b"2\r\n{}\r\n0\r\n\r\n"
        got, closed = talk(self.server.port, post(b"Transfer-Encoding: Chunked", body=chunks) + NEXT)
        self.assertTrue(got.startswith(b"HTTP/1.1 404 "), got)
        self.assertEqual((count(got), closed), (1, True))

    def test_what_the_library_tolerates_between_chunks_hides_no_request(self):
        for chunks in (b"2\n{}\n0\n\n", b"2;a=\"\n\"\r\n{}\r\n0\r\n\r\n", b"0\r\nX: a\n b\n\n"):
            got, closed = talk(self.server.port,
                               post(b"Transfer-Encoding: chunked", body=chunks) + NEXT)
            self.assertLessEqual(count(got), 1, got)
            self.assertTrue(closed, chunks)

    def test_exactly_one_host_is_wanted(self):
        self.refuses(get(b"Host: y"))
        self.refuses(get(b"host: x"))
        self.refuses(get(host=None))
        self.refuses(get(line=b"GET /healthz HTTP/1.2", host=None))
        self.passes(get(line=b"GET /healthz HTTP/1.0", host=None))
        self.refuses(get(b"Host: y", line=b"GET /healthz HTTP/1.0"))

    def test_a_host_that_can_be_none_is_refused(self):
        for host in (b"a b", b"a/b", b"a@b", b"a?b", b"a,b\tc", b"\xe9"):
            self.refuses(get(host=b"Host: " + host))
        for host in (b"", b"example.org:8080", b"[::1]:80", b"a_b.example", b"%41"):
            self.passes(get(host=b"Host: " + host))

    def test_a_field_name_that_is_no_token_is_refused(self):
        for name in (b"X A", b"X\tA", b"Host ", b" X", b"X(A)", b"X\x01A", b"X\x7f", b"\xc3\xa9",
                     b"", b"X\"A", b"X/A", b"X[A"):
            self.refuses(get(name + b": v"))
        self.passes(get(b"!#$%&'*+-.^_`|~09azAZ: v"))

    def test_control_characters_in_a_value_are_refused(self):
        for value in (b"a\0b", b"a\rb", b"a\x01b", b"\x1f", b"a\x7fb", b"a\0", b"\0", b"\r", b"a\r\r"):
            self.refuses(get(b"X: " + value))
        for at in range(20):
            self.refuses(get(b"X: " + b"v" * at + b"\x1f" + b"v" * (19 - at)))
            self.refuses(get(b"X: " + b"v" * at + b"\x7f" + b"v" * (19 - at)))
            self.passes(get(b"X: " + b"v" * at + b"\t \x80\xff~" + b"v" * (19 - at)))

    def test_a_folded_field_is_refused(self):
        self.refuses(get(b"X: a", b" b"))
        self.refuses(get(b"X: a", b"\tb: c"))
        self.refuses(get(b"X: a", b" "))
        self.refuses(get(b"Content-Le: 40", b" ngth"))
        self.refuses(b"GET /healthz HTTP/1.1\r\n Host: x\r\n\r\n")

    def test_a_line_that_ends_in_lf_alone_is_refused(self):
        self.refuses(b"GET /healthz HTTP/1.1\nHost: x\r\n\r\n")
        self.refuses(b"GET /healthz HTTP/1.1\r\nHost: x\n\r\n")
        self.refuses(b"GET /healthz HTTP/1.1\r\nHost: x\r\nA: b\nC: d\r\n\r\n")
        self.refuses(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\n")
        self.refuses(b"GET /healthz HTTP/1.1\nHost: x\n\n")
        self.refuses(b"GET /healthz HTTP/1.0\n\r\n")
        self.refuses(b"GET /healthz HTTP/1.0\r\n\n")

    def test_a_request_line_has_two_single_spaces(self):
        for line in (b"GET  /healthz HTTP/1.1", b"GET /healthz  HTTP/1.1", b"GET /heal thz HTTP/1.1",
                     b"GET /healthz\t HTTP/1.1", b"GET /heal\0thz HTTP/1.1", b"GE\x01T /healthz HTTP/1.1",
                     b"G(T /healthz HTTP/1.1", b"GET /heal\x7fthz HTTP/1.1"):
            self.refuses(get(line=line))

    def test_the_absolute_form_is_the_same_request(self):
        for target in (b"http://x/healthz", b"HTTP://x:80/healthz", b"https://[::1]/healthz?a=b/c",
                       b"http://other.example/healthz?x"):
            self.passes(get(line=b"GET " + target + b" HTTP/1.1"))
        for target in (b"http://x", b"http://x/", b"http:///healthz", b"http://?/healthz", b"http://",
                       b"ftp://x/healthz", b"http://x?/healthz", b"http:/healthz", b"healthz"):
            got, _ = talk(self.server.port, get(b"Connection: close", line=b"GET " + target + b" HTTP/1.1"))
            self.assertTrue(got.startswith(b"HTTP/1.1 404 "), (target, got))

    def test_the_second_request_of_a_connection_is_held_to_the_same(self):
        first = get()
        for second in (get(b"Host: y"), b"GET /healthz HTTP/1.1\nHost: x\r\n\r\n", get(b"X: a", b" b")):
            got, closed = talk(self.server.port, first + second + NEXT)
            self.assertEqual((count(got), closed), (2, True), got)
            self.assertIn(b"HTTP/1.1 400 ", got)

    def test_pipelined_requests_are_answered_in_order(self):
        last = get(b"Connection: close", line=b"GET /nowhere HTTP/1.1")
        got, closed = talk(self.server.port, b"\r\n" + get() * 3 + last)
        self.assertEqual(re.findall(rb"HTTP/1.1 (\d+)", got), [b"200"] * 3 + [b"404"])
        self.assertTrue(closed)

    def test_a_header_that_comes_in_pieces_is_read_as_one(self):
        for cut in range(1, len(get(b"X: y")), 3):
            with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as s:
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                s.sendall(get(b"X: y")[:cut])
                s.sendall(get(b"X: y")[cut:])
                self.assertTrue(s.recv(65536).startswith(b"HTTP/1.1 200 "), cut)

    def test_large_headers_pass_up_to_the_limit(self):
        many = [b"X-%d: %s" % (i, b"v" * 250) for i in range(60)]
        self.passes(get(*many))
        self.passes(get(b"X: " + b"v" * 15000))


if __name__ == "__main__":
    unittest.main()
