#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""public_keys.py KEY_LINES VECTORS: every key document of the public vectors, and what is due.

Wycheproof's key and crypto files, the JWKs of RFC 7515, 7517, 7520, 7638 and 8037, and every key and
secret of policies.json, which must all load."""
import base64
import json
import pathlib
import subprocess
import sys

program, vectors = sys.argv[1], pathlib.Path(sys.argv[2])
cases = []


def case(name, document, expect, form=None, alg=None):
    document = json.loads(document) if isinstance(document, str) else document
    form = form or ("jwks" if "keys" in document else "jwk")
    text = json.dumps(document).encode()
    line = {"id": name, "format": form, "key_b64": base64.b64encode(text).decode(), "class": "public"}
    cases.append((line | ({"alg": alg} if alg else {}), expect))


# What Wycheproof calls its groups. A secret shorter than the hash is accepted with a warning here;
# its files refuse it.
WYCHEPROOF = {
    "jws_keyset": "accept", "jws_aes": "accept", "jws_ec": "accept", "jws_rsa": "accept",
    "long_key": "accept", "key_too_short": "accept",
    "jws_duplicate_kid": "reject", "jws_mixedSymmetryKeyset": "reject",
    "jws_rsa_roca_key": "reject", "keysize_too_small": "reject", "exponentOne": "reject",
    "empty_key": "reject", "wrong_algorithm": "reject", "invalid_algorithm": "reject",
    "invalid_use": "reject", "invalid_point": "reject", "wrong_curve": "reject",
    "wrong_kty": "reject", "invalid_aes_gcm_key": "reject", "invalid_aes_kw_key": "reject",
    "jwe_aes": "reject", "jwe_ec": "reject",
}


def wycheproof(name):
    for number, group in enumerate(json.loads((vectors / "public/wycheproof" / name).read_text())["testGroups"]):
        comment = group["tests"][0]["comment"] if group["comment"].startswith("HS") else group["comment"]
        expect = WYCHEPROOF.get(comment)
        key = group.get("public", group["private"])
        if comment == "rs256":
            expect = "reject" if '"enc"' in json.dumps(key) else "accept"
        case(f"{name}#{number} {comment}", key, expect)
        if "public" in group:
            case(f"{name}#{number} {comment} private", group["private"], "reject")


RFC = {
    "rfc7515_A.1": "accept", "rfc7515_A.6.jwkset": "reject", "rfc7517_A.1": "accept",
    "rfc7517_A.3": "accept", "rfc7517_B": "accept", "rfc7520_3.1": "accept", "rfc7520_3.3": "accept",
    "rfc7520_3.5": "accept", "rfc7520_4.4": "accept", "rfc7520_4.5": "accept", "rfc7520_4.6": "accept",
    "rfc7520_4.7": "accept", "rfc7520_4.8.3": "accept", "rfc7638_3.1": "accept",
}


def rfcs():
    for path in sorted((vectors / "public/rfc-vectors").glob("*.jwk*")):
        document = json.loads(path.read_text())
        if not path.stem.startswith(("rfc7520_5", "rfc7516")):
            case(path.name, document, RFC.get(path.stem, "reject"))


def policies():
    for name, policy in json.loads((vectors / "policies.json").read_text()).items():
        for entry in policy.get("secrets", []) + [k for k in policy.get("retired", []) if "kty" not in k]:
            secret = base64.b64decode(entry["secret_b64"]) if "secret_b64" in entry else entry["secret_text"].encode()
            k = base64.urlsafe_b64encode(secret).rstrip(b"=").decode()
            case(f"policy {name} secret", {"kty": "oct", "k": k}, "accept", alg=entry.get("alg", policy["algs"][0]))
        for key in policy.get("jwks", []) + [k for k in policy.get("retired", []) if "kty" in k]:
            case(f"policy {name} {key.get('kid')}", key, "accept")
        if policy.get("jwks"):
            case(f"policy {name} set", {"keys": policy["jwks"]}, "accept")


wycheproof("json_web_key_test.json")
wycheproof("json_web_crypto_test.json")
rfcs()
policies()
lines = "".join(json.dumps(line) + "\n" for line, _ in cases)
run = subprocess.run([program], input=lines, capture_output=True, text=True, timeout=60, check=True)
answers = [line.split("\t") for line in run.stdout.splitlines()]
assert len(answers) == len(cases), (len(answers), len(cases))
failed = 0
for (line, expect), answer in zip(cases, answers):
    if answer[1] != expect or answer[0] != line["id"]:
        failed += 1
        print("FAIL", line["id"], "want", expect, "got", answer)
    elif "-v" in sys.argv:
        print(*answer)
print(f"{len(cases) - failed} passed, {failed} failed")
sys.exit(1 if failed else 0)
