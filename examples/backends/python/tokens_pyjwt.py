"""The five systems' tokens, made with PyJWT.

PyJWT takes a secret's text as its UTF-8 bytes, adds `typ: JWT` by itself, and reads a datetime
without a time zone as UTC: datetime.now() without one is local time, and wrong.

SPDX-License-Identifier: Apache-2.0
"""
from datetime import datetime, timedelta, timezone

import jwt


def alchemer(config, user, _nonce=None):
    """HS512, sub and iat; exp is optional and at most 30 days after iat."""
    now = datetime.now(timezone.utc)
    claims = {"iat": now, "exp": now + timedelta(days=3), "sub": user}
    return jwt.encode(claims, config.alchemer_secret, algorithm="HS512")


def kustomer(config, user, _nonce=None):
    """HS256 with typ JWT; externalId (or email, which wins); iat within 15 minutes."""
    claims = {"externalId": user, "iat": datetime.now(timezone.utc)}
    return jwt.encode(claims, config.kustomer_secret, algorithm="HS256", headers={"typ": "JWT"})


def moengage(config, user, _nonce=None):
    """RS256 with your own key pair; only the public key is in the dashboard."""
    now = datetime.now(timezone.utc)
    claims = {"sub": user, "iat": now, "exp": now + timedelta(hours=1)}
    return jwt.encode(claims, config.moengage_private_key, algorithm="RS256")


def appcues(config, user, _nonce=None):
    """HS256; iss is the account, sub the user; nothing else is needed."""
    claims = {
        "iss": config.appcues_account,
        "sub": user,
        "exp": datetime.now(timezone.utc) + timedelta(minutes=15),
    }
    return jwt.encode(claims, config.appcues_secret, algorithm="HS256")


def dotdigital(config, user, nonce):
    """HS256; the nonce is the one the SDK got with its challenge."""
    now = datetime.now(timezone.utc)
    claims = {
        "nonce": nonce,
        "sub": user,
        "aud": config.dotdigital_audience,
        "iss": config.dotdigital_issuer,
        "iat": now,
        "exp": now + timedelta(days=30),
    }
    return jwt.encode(claims, config.dotdigital_secret, algorithm="HS256")
