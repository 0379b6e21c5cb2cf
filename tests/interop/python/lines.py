"""Signs and verifies with the three Python libraries, one request a line: see ../README.md.

SPDX-License-Identifier: Apache-2.0
"""
import json
import sys
from base64 import urlsafe_b64encode
from datetime import datetime

import jwt as pyjwt
from authlib.jose import JsonWebToken
from jwcrypto import jwk
from jwcrypto import jwt as jwcrypto_jwt

NO_CHECKS = {f"verify_{claim}": False for claim in ("aud", "iss", "iat", "exp", "nbf", "sub")}


def jwcrypto_key(alg, text):
    if not alg.startswith("HS"):
        return jwk.JWK.from_pem(text.encode())
    return jwk.JWK(kty="oct", k=urlsafe_b64encode(text.encode()).rstrip(b"=").decode())


def jwcrypto_sign(alg, key, header, claims):
    token = jwcrypto_jwt.JWT(header={"alg": alg, **header}, claims=claims, algs=[alg])
    token.make_signed_token(key)
    return token.serialize()


def local(claims):
    """The mistake: local times without a time zone, which PyJWT reads as UTC."""
    times = {"iat", "exp", "nbf"} & claims.keys()
    return {**claims, **{name: datetime.fromtimestamp(claims[name]) for name in times}}


SIGN = {
    "PyJWT": lambda alg, text, header, claims: pyjwt.encode(claims, text, alg, headers=header),
    "PyJWT:local-time": lambda alg, text, header, claims: pyjwt.encode(
        local(claims), text, alg, headers=header
    ),
    "authlib": lambda alg, text, header, claims: JsonWebToken([alg])
    .encode({"alg": alg, **header}, claims, text)
    .decode(),
    "jwcrypto": lambda alg, text, header, claims: jwcrypto_sign(
        alg, jwcrypto_key(alg, text), header, claims
    ),
    # The mistake: the secret's text given where a JWK wants it base64url-encoded.
    "jwcrypto:as-jwk": lambda alg, text, header, claims: jwcrypto_sign(
        alg, jwk.JWK(kty="oct", k=text), header, claims
    ),
}
VERIFY = {
    "PyJWT": lambda alg, text, token: pyjwt.decode(token, text, [alg], options=NO_CHECKS),
    "authlib": lambda alg, text, token: JsonWebToken([alg]).decode(token, text),
    "jwcrypto": lambda alg, text, token: jwcrypto_jwt.JWT(
        jwt=token, key=jwcrypto_key(alg, text), algs=[alg], check_claims={}
    ),
}


def answer(verb, library, alg, file, *rest):
    with open(file, encoding="utf-8") as stream:
        text = stream.read()
    if verb == "sign":
        return SIGN[library](alg, text, json.loads(rest[0]), json.loads(rest[1]))
    VERIFY[library](alg, text, rest[0])
    return "ok"


for line in sys.stdin:
    fields = line.rstrip("\n").split("\t")
    try:
        print(answer(*fields), flush=True)
    except Exception:
        print("error" if fields[0] == "sign" else "refused", flush=True)
