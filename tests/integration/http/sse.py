"""A reader of server-sent events over a plain socket, as strict as the standard asks of a sender.

SPDX-License-Identifier: Apache-2.0"""
import socket
import time


class Ended(Exception):
    """The server closed or finished the response."""


class Stream:
    """s = Stream(server, app, token); s.event() -> {"event": ..., "id": ..., "data": ...}"""

    def __init__(self, server, app, token, last=None, query="", version="1.1", method="GET",
                 receive_buffer=None, wrap=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(30)
        self.socket.connect(("127.0.0.1", server.port))
        if wrap:
            self.socket = wrap(self.socket)
        fields = [f"{method} /sdk/v1/apps/{app}/stream{query} HTTP/{version}", "Host: test",
                  f"Authorization: Bearer {token}"]
        if last is not None:
            fields.append(f"Last-Event-ID: {last}")
        self.socket.sendall(("\r\n".join(fields) + "\r\n\r\n").encode())
        self.raw, self.text, self.last, self.comments = b"", "", last, 0

    def head(self):
        """Reads the header. Returns: (status, fields in lower case)."""
        while b"\r\n\r\n" not in self.raw:
            self._more()
        head, self.raw = self.raw.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in lines[1:])
        self.chunked = fields.get("transfer-encoding") == "chunked"
        self.finished = False
        return int(lines[0].split()[1]), fields

    def open(self):
        status, fields = self.head()
        assert status == 200, (status, self.raw)
        assert fields["content-type"] == "text/event-stream", fields
        hello = self.event()
        assert hello["event"] == "hello", hello
        return self

    def _more(self):
        got = self.socket.recv(65536)
        if not got:
            raise Ended
        self.raw += got

    def _body(self):
        """Adds what one chunk holds (or what came, without chunks) to the text."""
        if not self.chunked:
            if not self.raw:
                self._more()
            self.text, self.raw = self.text + self.raw.decode(), b""
            return
        while b"\r\n" not in self.raw:
            self._more()
        size, rest = self.raw.split(b"\r\n", 1)
        length = int(size, 16)
        while len(rest) < length + 2:
            self._more()
            size, rest = self.raw.split(b"\r\n", 1)
        assert rest[length:length + 2] == b"\r\n"
        self.text, self.raw = self.text + rest[:length].decode(), rest[length + 2:]
        if length == 0:
            self.finished = True
            raise Ended

    def event(self):
        """The next event; comments are counted and passed over."""
        while True:
            while "\n\n" not in self.text:
                self._body()
            block, self.text = self.text.split("\n\n", 1)
            event = {}
            for line in block.split("\n"):
                if line.startswith(":"):
                    self.comments += 1
                    continue
                name, value = line.split(": ", 1)
                assert name in ("event", "id", "data", "retry") and name not in event, block
                event[name] = value
            self.last = event.get("id", self.last)
            if event:
                return event

    def items(self, count):
        got = []
        while len(got) < count:
            event = self.event()
            assert event["event"] == "item", event
            got.append(event)
        return got

    def close(self):
        self.socket.close()


def until(condition, seconds=30):
    """Polls. Returns: it came true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True
