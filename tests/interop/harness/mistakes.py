"""The table of mistakes: those the systems' documents warn of, and those people make all the same.

Each library signs such a token; the server must refuse it for exactly that reason and, asked by the
app's owner, name exactly that mistake.

A row of a table: title, how the good claims change, how it is signed, the reason due, the finding
due (or one of several; None: not asked for). The reason None: this is no mistake, and logs in.

SPDX-License-Identifier: Apache-2.0
"""
from collections import namedtuple

from .countersign import ACCOUNT, AUDIENCE, ISSUER
from .keys import Pair

USER = "user-4711"
MINUTE, HOUR, DAY = 60, 3600, 86400
# As far as can be from a whole quarter of an hour, which would look like another time zone.
LONG_PAST = {"iat": -127 * MINUTE - 30, "exp": -67 * MINUTE - 30}
Row = namedtuple("Row", "system title change sign reason finding", defaults=(None,))
Signing = namedtuple("Signing", "algorithm key header mistake", defaults=(None, None, None, None))
USUAL = Signing()


def good_claims(system, now, nonce):
    times = {"iat": now, "exp": now + HOUR}
    return {
        "alchemer": {"sub": USER, **times},
        "kustomer": {"externalId": USER, "iat": now},
        "moengage": {"sub": USER, **times},
        "appcues": {"iss": ACCOUNT, "sub": USER, "exp": now + 15 * MINUTE},
        "dotdigital": {"iss": ISSUER, "aud": AUDIENCE, "sub": USER, "nonce": nonce, **times},
    }[system]


def shifted(**seconds):
    """Sets times to so many seconds from now."""
    return lambda claims, now: {**claims, **{name: now + s for name, s in seconds.items()}}


def moved(seconds):
    """Moves every time: what a clock or a time zone does."""
    return lambda claims, _: {name: value + seconds if name in ("iat", "exp") else value
                              for name, value in claims.items()}


def scaled(factor):
    return lambda claims, _: {name: value * factor if name in ("iat", "exp") else value
                              for name, value in claims.items()}


def with_claims(**values):
    return lambda claims, _: {**claims, **values}


def without(*names):
    return lambda claims, _: {name: claims[name] for name in claims.keys() - set(names)}


def as_it_is(claims, _):
    return claims


def rows(keys, api_secret):
    """The whole table, for every library. api_secret: the owner's API secret, as a Pair."""
    other_secret, other_pair = Signing(key=keys.other_secret), Signing(key=keys.other_rsa)
    return (
        Row("alchemer", "as documented", as_it_is, USUAL, None),
        Row("alchemer", "without exp", without("exp"), USUAL, None),
        Row("alchemer", "30 days of life", shifted(exp=30 * DAY), USUAL, None),
        Row("alchemer", "31 days of life", shifted(exp=31 * DAY), USUAL,
            "lifetime_too_long", "lifetime_too_long"),
        Row("alchemer", "times in milliseconds", scaled(1000), USUAL,
            "time_in_milliseconds", "time_milliseconds"),
        Row("alchemer", "expired", shifted(**LONG_PAST), USUAL, "expired", "expired"),
        Row("alchemer", "without sub", without("sub"), USUAL, "claim_missing", "claim_missing"),
        Row("alchemer", "without iat", without("iat"), USUAL, "claim_missing", "claim_missing"),
        Row("alchemer", "HS256 where HS512 is due", as_it_is, Signing(algorithm="HS256"),
            "algorithm_not_allowed", "hmac_hash_differs"),
        Row("alchemer", "another secret", as_it_is, other_secret,
            "signature_invalid", "key_unknown"),
        Row("alchemer", "the secret of another app", as_it_is,
            Signing(key=keys.secrets["dotdigital"]), "signature_invalid", "key_of_other_app"),
        Row("alchemer", "local time east of Greenwich", moved(9 * HOUR), USUAL,
            "issued_in_future", "time_local"),

        Row("kustomer", "as documented", as_it_is, USUAL, None),
        Row("kustomer", "14 minutes old", shifted(iat=-14 * MINUTE), USUAL, None),
        Row("kustomer", "17 minutes old", shifted(iat=-17 * MINUTE), USUAL,
            "issued_too_long_ago", "issued_too_long_ago"),
        Row("kustomer", "local time west of Greenwich", moved(-5 * HOUR), USUAL,
            "issued_too_long_ago", "time_local"),
        Row("kustomer", "local time east of Greenwich", moved(5.5 * HOUR), USUAL,
            "issued_in_future", "time_local"),
        Row("kustomer", "times in milliseconds", scaled(1000), USUAL,
            "time_in_milliseconds", "time_milliseconds"),
        Row("kustomer", "neither email nor externalId", without("externalId"), USUAL,
            "identity_missing"),
        Row("kustomer", "externalID for externalId",
            lambda claims, _: {"externalID": USER, "iat": claims["iat"]}, USUAL,
            "identity_missing", "claim_misspelled"),
        Row("kustomer", "without iat", without("iat"), USUAL, "claim_missing", "claim_missing"),
        Row("kustomer", "another secret", as_it_is, other_secret,
            "signature_invalid", "key_unknown"),
        Row("kustomer", "HS512 where HS256 is due", as_it_is, Signing(algorithm="HS512"),
            "algorithm_not_allowed", "hmac_hash_differs"),

        Row("moengage", "as documented", as_it_is, USUAL, None),
        Row("moengage", "ES256, the account's second key", as_it_is,
            Signing(algorithm="ES256", key=keys.of_moengage["ES256"]), None),
        Row("moengage", "EdDSA, the account's third key", as_it_is,
            Signing(algorithm="EdDSA", key=keys.of_moengage["EdDSA"]), None),
        Row("moengage", "another key pair", as_it_is, other_pair,
            "signature_invalid", "public_key_mismatch"),
        Row("moengage", "expired", shifted(**LONG_PAST), USUAL, "expired", "expired"),
        Row("moengage", "without sub", without("sub"), USUAL, "claim_missing", "claim_missing"),
        Row("moengage", "the public key as HMAC secret", as_it_is,
            Signing(algorithm="HS256", key=_public_as_secret(keys)), "algorithm_not_allowed",
            "secret_is_pem algorithm_not_allowed"),
        Row("moengage", "PS256 where RS256 is due", as_it_is, Signing(algorithm="PS256"),
            "algorithm_not_allowed", "signature_pss_vs_pkcs1 algorithm_not_allowed"),

        Row("appcues", "as documented", as_it_is, USUAL, None),
        Row("appcues", "the account's second key", as_it_is, Signing(key=keys.second_secret), None),
        Row("appcues", "another secret", as_it_is, other_secret,
            "signature_invalid", "key_unknown"),
        Row("appcues", "the API secret instead of the SDK key", as_it_is, Signing(key=api_secret),
            "signature_invalid", "secret_is_api_credential"),
        Row("appcues", "the iss of another account", with_claims(iss="acct-1"), USUAL,
            "issuer_mismatch", "issuer_wrong issuer_of_other_app"),
        Row("appcues", "expired", shifted(exp=LONG_PAST["exp"]), USUAL, "expired", "expired"),
        Row("appcues", "local time west of Greenwich", moved(-5 * HOUR), USUAL, "expired"),
        Row("appcues", "times in milliseconds", scaled(1000), USUAL,
            "time_in_milliseconds", "time_milliseconds"),
        Row("appcues", "without sub", without("sub"), USUAL, "claim_missing", "claim_missing"),
        Row("appcues", "without exp", without("exp"), USUAL, "claim_missing", "claim_missing"),
        Row("appcues", "a placeholder left in", with_claims(iss="<Issuer>"), USUAL,
            "issuer_mismatch", "placeholder"),

        Row("dotdigital", "as documented", as_it_is, USUAL, None),
        Row("dotdigital", "times in milliseconds", scaled(1000), USUAL, None),
        Row("dotdigital", "times with fractions",
            lambda claims, now: {**claims, "iat": now + 0.977, "exp": now + HOUR + 0.977},
            USUAL, None),
        Row("dotdigital", "another aud", with_claims(aud="https://elsewhere.example.test"), USUAL,
            "audience_mismatch", "audience_wrong"),
        Row("dotdigital", "a slash too many in iss", with_claims(iss=ISSUER + "/"), USUAL,
            "issuer_mismatch", "issuer_near_miss"),
        Row("dotdigital", "a nonce of nobody", with_claims(nonce="bm9ib2R5J3Mgbm9uY2U"), USUAL,
            "nonce_unknown", "nonce_unknown"),
        Row("dotdigital", "without nonce", without("nonce"), USUAL, "nonce_missing"),
        Row("dotdigital", "another secret", as_it_is, other_secret,
            "signature_invalid", "key_unknown"),
    )


def _public_as_secret(keys):
    public = keys.of_moengage["RS256"].verifying
    return Pair(public, public)


def rows_of_language(language):
    """The mistakes that only certain libraries invite."""
    for trap, findings in language.traps.items():
        yield trap, Row("dotdigital", "the secret is decoded", as_it_is,
                        Signing(mistake=trap), "signature_invalid", findings)
    for library in language.untyped:
        yield library, Row("kustomer", "without typ", as_it_is,
                           Signing(header={}), "type_mismatch", "type_wrong")
