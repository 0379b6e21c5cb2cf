"""The five systems' tokens, made with Authlib.

Authlib takes a secret's text as its UTF-8 bytes, and returns bytes.

SPDX-License-Identifier: Apache-2.0
"""
import time

from authlib.jose import jwt

MINUTE, HOUR, DAY = 60, 60 * 60, 24 * 60 * 60


def sign(header, claims, key):
    return jwt.encode(header, claims, key).decode("ascii")


def alchemer(config, user, _nonce=None):
    """HS512, sub and iat; exp is optional and at most 30 days after iat."""
    now = int(time.time())
    claims = {"iat": now, "exp": now + 3 * DAY, "sub": user}
    return sign({"alg": "HS512"}, claims, config.alchemer_secret)


def kustomer(config, user, _nonce=None):
    """HS256 with typ JWT; externalId (or email, which wins); iat within 15 minutes."""
    claims = {"externalId": user, "iat": int(time.time())}
    return sign({"alg": "HS256", "typ": "JWT"}, claims, config.kustomer_secret)


def moengage(config, user, _nonce=None):
    """RS256 with your own key pair; only the public key is in the dashboard."""
    now = int(time.time())
    claims = {"sub": user, "iat": now, "exp": now + HOUR}
    return sign({"alg": "RS256", "typ": "JWT"}, claims, config.moengage_private_key)


def appcues(config, user, _nonce=None):
    """HS256; iss is the account, sub the user; nothing else is needed."""
    claims = {"iss": config.appcues_account, "sub": user, "exp": int(time.time()) + 15 * MINUTE}
    return sign({"alg": "HS256"}, claims, config.appcues_secret)


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
    return sign({"alg": "HS256", "typ": "JWT"}, claims, config.dotdigital_secret)
