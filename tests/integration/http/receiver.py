"""What deliveries are sent to: a push service and an app's backend on this machine. It decrypts and
checks what it is sent as a browser and a backend would, and answers what the test wants.

SPDX-License-Identifier: Apache-2.0"""
import base64
import hashlib
import hmac
import http.server
import json
import socket
import ssl
import threading
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def point(key):
    return key.public_bytes(serialization.Encoding.X962,
                            serialization.PublicFormat.UncompressedPoint)


def hkdf(salt, secret, info, length):
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


class Subscription:
    """A browser's: its keys never leave it."""

    def __init__(self, endpoint, auth=b"0123456789abcdef"):
        self.endpoint, self.auth = endpoint, auth
        self.key = ec.generate_private_key(ec.SECP256R1())

    @property
    def address(self):
        return {"web_push": {"endpoint": self.endpoint, "p256dh": b64url(point(self.key.public_key())),
                             "auth": b64url(self.auth)}}

    def decrypt(self, body):
        """RFC 8291 over RFC 8188, read from the documents and not from our code."""
        salt, record_size, key_length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        assert record_size == 4096 and key_length == 65 and len(body) <= record_size
        theirs = body[21:86]
        agreed = self.key.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
        info = b"WebPush: info\0" + point(self.key.public_key()) + theirs
        secret = hkdf(self.auth, agreed, info, 32)
        key = hkdf(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
        nonce = hkdf(salt, secret, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(key).decrypt(nonce, body[86:], None)
        assert plain[-1] == 2, "the last record's delimiter"
        return json.loads(plain[:-1])


def check_vapid(headers, public_key, audience):
    """RFC 8292: who sends, signed by the key the browser subscribed with. Returns: its claims."""
    scheme, _, rest = headers["authorization"].partition(" ")
    parts = dict(p.strip().split("=", 1) for p in rest.split(","))
    assert scheme == "vapid" and parts["k"] == public_key, headers["authorization"]
    head, claims, signature = parts["t"].split(".")
    raw = unb64url(signature)
    assert json.loads(unb64url(head)) == {"alg": "ES256", "typ": "JWT"} and len(raw) == 64
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64url(public_key))
    key.verify(encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")),
               f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    told = json.loads(unb64url(claims))
    assert told["aud"] == audience and 0 < told["exp"] - time.time() <= 86400, told
    return told


def check_webhook(headers, body, secret):
    """The Standard Webhooks specification. Returns: the payload."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    stamp = headers["webhook-timestamp"]
    assert abs(time.time() - int(stamp)) < 300
    due = hmac.new(key, f"{headers['webhook-id']}.{stamp}.".encode() + body, hashlib.sha256).digest()
    given = [s.split(",", 1)[1] for s in headers["webhook-signature"].split(" ") if s.startswith("v1,")]
    if not any(hmac.compare_digest(base64.b64decode(s), due) for s in given):
        raise InvalidSignature
    return json.loads(body)


class Request:
    def __init__(self, path, headers, body):
        self.path, self.body = path, body
        self.headers = {name.lower(): value for name, value in headers.items()}


class Listener(http.server.ThreadingHTTPServer):
    """Under TLS where it has a context; the handshake is made on the connection's own thread."""

    daemon_threads = True
    tls = None

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.first_bytes = set()  # of each connection

    def finish_request(self, request, client_address):
        if self.tls is None:
            super().finish_request(request, client_address)
            return
        self.first_bytes.add(request.recv(1, socket.MSG_PEEK))
        try:
            with self.tls.wrap_socket(request, server_side=True) as secure:
                super().finish_request(secure, client_address)
        except OSError:  # the client broke it off
            pass


class Receiver:
    """with Receiver() as r: r.answers = [503, 200]; r.wait(2)

    `certificate`: a file with one and its key: https."""

    def __init__(self, certificate=None):
        self.requests, self.answers, self.headers = [], [], {}
        self.held = threading.Event()  # set: requests are answered
        self.held.set()
        self.changed = threading.Condition()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                status = receiver.take(Request(self.path, self.headers, body))
                receiver.held.wait(60)
                self.send_response(status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *unused):
                pass

        self.server = Listener(Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        if certificate:
            self.show(certificate)
            self.origin = f"https://127.0.0.1:{self.server.server_port}"

    def show(self, certificate):
        """From now on, that one."""
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        self.server.tls = tls

    def take(self, request):
        with self.changed:
            self.requests.append(request)
            self.changed.notify_all()
            return self.answers.pop(0) if self.answers else 204

    def wait(self, count, timeout=60):
        """Returns the first `count` requests, once they are there."""
        with self.changed:
            there = self.changed.wait_for(lambda: len(self.requests) >= count, timeout)
            assert there, f"{len(self.requests)} requests came, {count} are due"
            return self.requests[:count]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *unused):
        self.held.set()
        self.server.shutdown()
        self.server.server_close()
