"""The five systems' tokens, made with jwcrypto.

jwcrypto wants a key as a JWK, whose `k` is base64url (RFC 7518 section 6.4). So the secret's UTF-8
bytes are ENCODED for it here, and it decodes them again: giving it the bare text would sign with
the wrong bytes.

SPDX-License-Identifier: Apache-2.0
"""
import time
from base64 import urlsafe_b64encode

from jwcrypto import jwk, jwt

MINUTE, HOUR, DAY = 60, 60 * 60, 24 * 60 * 60


def secret_key(secret):
    encoded = urlsafe_b64encode(secret.encode("utf-8")).rstrip(b"=")
    return jwk.JWK(kty="oct", k=encoded.decode("ascii"))


def sign(header, claims, key):
    token = jwt.JWT(header=header, claims=claims)
    token.make_signed_token(key)
    return token.serialize()


def alchemer(config, user, _nonce=None):
    """HS512, sub and iat; exp is optional and at most 30 days after iat."""
    now = int(time.time())
    claims = {"iat": now, "exp": now + 3 * DAY, "sub": user}
    return sign({"alg": "HS512"}, claims, secret_key(config.alchemer_secret))


def kustomer(config, user, _nonce=None):
    """HS256 with typ JWT; externalId (or email, which wins); iat within 15 minutes."""
    claims = {"externalId": user, "iat": int(time.time())}
    return sign({"alg": "HS256", "typ": "JWT"}, claims, secret_key(config.kustomer_secret))


def moengage(config, user, _nonce=None):
    """RS256 with your own key pair; only the public key is in the dashboard."""
    now = int(time.time())
    claims = {"sub": user, "iat": now, "exp": now + HOUR}
    key = jwk.JWK.from_pem(config.moengage_private_key.encode("ascii"))
    return sign({"alg": "RS256", "typ": "JWT"}, claims, key)


def appcues(config, user, _nonce=None):
    """HS256; iss is the account, sub the user; nothing else is needed."""
    claims = {"iss": config.appcues_account, "sub": user, "exp": int(time.time()) + 15 * MINUTE}
    return sign({"alg": "HS256"}, claims, secret_key(config.appcues_secret))


def dotdigital(config, user, nonce):
    """HS256; the nonce is the one the SDK got with its challenge."""
    now = int(time.time())
    claims = {
        "nonce": nonce,
        "sub": user,
        "aud": config.dotdigital_audience,
        "iss": config.dotdigital_issuer,
        "iat": now,
        "exp": now + 30 * DAY,
    }
    return sign({"alg": "HS256", "typ": "JWT"}, claims, secret_key(config.dotdigital_secret))
