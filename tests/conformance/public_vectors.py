#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""public_vectors.py VECTORS_DIR JWS_LINES: the public JWS vectors through our judge.

VECTORS_DIR holds wycheproof/, rfc-vectors/ and rfc7520-cookbook/. Where we and a vector's label
differ on purpose, the case is in DIFFERS with the reason; any other difference fails."""
import json
import pathlib
import subprocess
import sys

EMPTY = "an empty payload is a valid JWS and no JWT"
FITS = "the key names another algorithm than the token"
NO_ALG = "the key names an algorithm that does not exist (ES521)"
SAME = "equals the valid case 357 byte for byte"
ALPHABET = "holds characters outside the base64url alphabet"
CTY = "announces another content (cty), which we refuse"
DIFFERS = {
    **{f"wycheproof-{n}": ("reject", EMPTY) for n in (259, 264, 268, 272, 320, 325)},
    **{f"wycheproof-{n}": ("reject", FITS) for n in (346, 350)},
    **{f"wycheproof-{n}": ("reject", NO_ALG) for n in (347, 351)},
    **{f"wycheproof-{n}": ("accept", SAME) for n in (367, 370)},
    **{f"wycheproof-{n}": ("reject", ALPHABET) for n in (372, 373)},
}


def wycheproof(folder):
    with open(folder / "wycheproof/json_web_signature_test.json", encoding="utf-8") as file:
        document = json.load(file)
    for group in document["testGroups"]:
        key = group.get("public") or group["private"]
        for test in group["tests"]:
            token = test["jws"] if isinstance(test["jws"], str) else json.dumps(test["jws"])
            expect = "accept" if test["result"] == "valid" else "reject"
            yield f"wycheproof-{test['tcId']}", key, None, token, expect


def rfc(folder):
    with open(folder / "rfc-vectors/rfc_cases.jsonl", encoding="utf-8") as file:
        for line in file:
            case = json.loads(line)
            yield case["id"], case["jwk"], case.get("alg"), case["token"], case["expect"]


def cookbook(folder):
    for path in sorted((folder / "rfc7520-cookbook/jws").glob("*.json")):
        with open(path, encoding="utf-8") as file:
            example = json.load(file)
        token = example.get("output", {}).get("compact")
        key = example.get("input", {}).get("key")
        if isinstance(token, str) and isinstance(key, dict):
            detached = ".." in token
            alg = example["input"].get("alg")
            yield path.stem, key, alg, token, "reject" if detached else "accept"


def main():
    folder, program = pathlib.Path(sys.argv[1]), sys.argv[2]
    cases = [*wycheproof(folder), *rfc(folder), *cookbook(folder)]
    lines = "".join(
        json.dumps({"id": name, "jwk": key, "token": token, **({"alg": alg} if alg else {})}) + "\n"
        for name, key, alg, token, _ in cases
    )
    run = subprocess.run([program], input=lines, capture_output=True, text=True, check=True)
    answers = [line.split("\t") for line in run.stdout.splitlines()]
    failures = 0 if len(answers) == len(cases) else 1
    for (name, _, _, _, label), answer in zip(cases, answers):
        want, why = DIFFERS.get(name, (label, ""))
        if answer[:2] != [name, want]:
            failures += 1
            print(f"FAIL {name}: want {want}, got {answer[1:]} {why}")
    print(f"{len(cases)} public vectors: {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
