"""A token endpoint: GET /token?system=appcues&user=alice -> {"token":"…"}.

Your backend has already logged the user in; this signs the short token that the SDK in your app
presents. In your product the user comes from YOUR login session, never from the query string:
whoever may choose `user` may be anyone. Here it is a parameter so that the example runs alone.
Nothing secret is logged, and only this machine can connect.

SPDX-License-Identifier: Apache-2.0
"""
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import tokens_authlib
import tokens_jwcrypto
import tokens_pyjwt

LIBRARIES = {"PyJWT": tokens_pyjwt, "authlib": tokens_authlib, "jwcrypto": tokens_jwcrypto}
SYSTEMS = ("alchemer", "kustomer", "moengage", "appcues", "dotdigital")


class Config:
    """Everything secret, read once from the environment. Absent values are None."""

    def __init__(self, env):
        self.alchemer_secret = env.get("ALCHEMER_SECRET")
        self.kustomer_secret = env.get("KUSTOMER_SECRET")
        self.moengage_private_key = None
        if "MOENGAGE_PRIVATE_KEY_FILE" in env:
            with open(env["MOENGAGE_PRIVATE_KEY_FILE"], encoding="ascii") as pem:
                self.moengage_private_key = pem.read()
        self.appcues_account = env.get("APPCUES_ACCOUNT")
        self.appcues_secret = env.get("APPCUES_SECRET")
        self.dotdigital_issuer = env.get("DOTDIGITAL_ISSUER")
        self.dotdigital_audience = env.get("DOTDIGITAL_AUDIENCE")
        self.dotdigital_secret = env.get("DOTDIGITAL_SECRET")

    def has(self, system):
        mine = [value for name, value in vars(self).items() if name.startswith(system)]
        return None not in mine


def answer(config, target):
    """-> (status, body)"""
    url = urlsplit(target)
    ask = dict(parse_qsl(url.query))
    system = ask.get("system")
    if url.path != "/token":
        return 404, {"error": "not_found"}
    if system not in SYSTEMS:
        return 404, {"error": "unknown_system"}
    library = LIBRARIES.get(ask.get("library", "PyJWT"))
    if library is None:
        return 404, {"error": "unknown_library"}
    if not ask.get("user"):
        return 400, {"error": "user_missing"}
    if not config.has(system):
        return 500, {"error": "not_configured"}

    make = getattr(library, system)
    return 200, {"token": make(config, ask["user"], ask.get("nonce"))}


def handler(config):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            try:
                status, body = answer(config, self.path)
            except Exception:  # a library's message might quote a key: say nothing of it
                status, body = 500, {"error": "signing_failed"}
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    return Handler


if __name__ == "__main__":
    address = ("127.0.0.1", int(os.environ.get("PORT", "8090")))
    server = ThreadingHTTPServer(address, handler(Config(os.environ)))
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
