"""Each library's token, made by the example's backend as the system documents it, logs in.

SPDX-License-Identifier: Apache-2.0
"""
import base64
import json

from .countersign import ACCOUNT, AUDIENCE, ISSUER, SYSTEMS
from .keys import SECRETS

# Beyond ASCII and with characters that a query string escapes: a name must survive every hop.
USER = "Zoë+4711@example.test"
ALGORITHMS = {"alchemer": "HS512", "moengage": "RS256"}
CLAIMS = {
    "alchemer": {"sub", "iat", "exp"},
    "kustomer": {"externalId", "iat"},
    "moengage": {"sub", "iat", "exp"},
    "appcues": {"iss", "sub", "exp"},
    "dotdigital": {"iss", "aud", "sub", "nonce", "iat", "exp"},
}


def environment(keys):
    """What the backends read their configuration from."""
    return {
        **{f"{system.upper()}_SECRET": secret for system, secret in SECRETS.items()},
        "MOENGAGE_PRIVATE_KEY_FILE": str(keys.of_moengage["RS256"].signing),
        "APPCUES_ACCOUNT": ACCOUNT,
        "DOTDIGITAL_ISSUER": ISSUER,
        "DOTDIGITAL_AUDIENCE": AUDIENCE,
    }


def _decoded(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def _check_shape(report, what, system, token):
    """The sample's header and claims, neither more nor less, but for what a library adds."""
    header, claims = (_decoded(part) for part in token.split(".")[:2])
    report.expect(f"{what}: alg", header["alg"], ALGORITHMS.get(system, "HS256"))
    missing, extra = CLAIMS[system] - claims.keys(), claims.keys() - CLAIMS[system] - {"iat"}
    report.expect(f"{what}: claims", (missing, extra), (set(), set()))


def check_shapes(report, language, backend):
    """What can be said of the tokens without a server."""
    for library in language.libraries:
        for system in SYSTEMS:
            what = f"{language.name} {library} {system}"
            status, answer = backend.ask(system=system, user=USER, nonce="N-1", library=library)
            report.expect(f"{what}: the backend answers", status, 200)
            if status == 200:
                _check_shape(report, what, system, answer["token"])


def check_backend_refusals(report, language, backend):
    for due, fields in (
        ((404, "unknown_system"), {"system": "nothing", "user": USER}),
        ((404, "unknown_library"), {"system": "appcues", "user": USER, "library": "nothing"}),
        ((400, "user_missing"), {"system": "appcues"}),
    ):
        status, answer = backend.ask(**fields)
        report.expect(f"{language.name} backend: {due[1]}", (status, answer["error"]), due)


def check_logins(report, language, backend, server, apps):
    for library in language.libraries:
        for system, app in apps.items():
            _check_login(report, f"{language.name} {library} {system}", backend, server, app,
                         {"system": system, "user": USER, "library": library})


def _check_login(report, what, backend, server, app, fields):
    device = server.new_device()
    if fields["system"] == "dotdigital":
        fields["nonce"] = server.challenge(app, device)
    _, answer = backend.ask(**fields)
    status, session = server.log_in(app, answer.get("token"), device, USER)
    customer = session.get("customer", {})
    seen = status, session.get("reason"), customer.get("identity"), customer.get("assurance")
    report.expect(f"{what}: logs in", seen, (201, None, USER, "verified"))
