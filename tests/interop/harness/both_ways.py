"""Every algorithm a library has, both ways: we verify what it signs, it verifies what we mint.

SPDX-License-Identifier: Apache-2.0
"""
import base64
import time

from .countersign import mint
from .languages import ALL

USER = "user-4711"
ECDSA_BYTES = {"ES256": 64, "ES384": 96, "ES512": 132}  # RFC 7518 section 3.4


def _claims():
    now = int(time.time())
    return {"sub": USER, "iat": now, "exp": now + 3600}


def _conforms(token, algorithm, flaws):
    """Whether a signature is what RFC 7518 says, of a library that has flaws in that algorithm."""
    if algorithm not in flaws:
        return True
    if algorithm.startswith("PS"):
        return False  # section 3.5: the salt is as long as the hash
    signature = token.split(".")[2]
    return len(base64.urlsafe_b64decode(signature + "==")) == ECDSA_BYTES[algorithm]


def _tampered(token):
    """The same token with one character of its payload changed."""
    header, payload, signature = token.split(".")
    changed = ("A" if payload[5] != "A" else "B")
    return ".".join((header, payload[:5] + changed + payload[6:], signature))


def create_apps(server, keys):
    """Two apps that take every algorithm, for no policy mixes secrets and public keys.
    -> {algorithm: app id}"""
    shared = [algorithm for algorithm in ALL if algorithm.startswith("HS")]
    public = [algorithm for algorithm in ALL if algorithm not in shared]
    apps = {}
    for algorithms, part in ((shared, "secret"), (public, "pem")):
        bodies = [{"algorithm": algorithm, part: keys.of_algorithm[algorithm].text()}
                  for algorithm in algorithms]
        app = server.create_app(f"every {part}", "generic", {"algorithms": algorithms}, bodies)
        apps.update({algorithm: app for algorithm in algorithms})
    return apps


def check_signed_by_library(report, language, lines, server, apps, keys):
    for library, algorithms in language.libraries.items():
        for algorithm in algorithms:
            what = f"{language.name} {library} {algorithm}"
            key = keys.of_algorithm[algorithm]
            token = lines.sign(library, algorithm, key.signing, _claims(), {"typ": "JWT"})
            due = (201, None)
            if not _conforms(token, algorithm, language.flaws.get(library, ())):
                due = (401, "signature_invalid")
            status, answer = server.log_in(apps[algorithm], token)
            report.expect(f"{what}: we judge it by its RFC", (status, answer.get("reason")), due)
            _, answer = server.log_in(apps[algorithm], _tampered(token))
            report.expect(f"{what}: changed, we refuse it", answer.get("reason"),
                          "signature_invalid")


def check_minted_by_us(report, language, lines, binary, keys):
    tokens = {algorithm: mint(binary, algorithm, keys.of_algorithm[algorithm].signing, _claims())
              for algorithm in ALL}
    for library, algorithms in language.libraries.items():
        for algorithm in algorithms:
            what = f"{language.name} {library} {algorithm}"
            key, token = keys.of_algorithm[algorithm].verifying, tokens[algorithm]
            report.expect(f"{what}: the library verifies ours",
                          lines.verifies(library, algorithm, key, token), True)
            report.expect(f"{what}: changed, the library refuses it",
                          lines.verifies(library, algorithm, key, _tampered(token)), False)
