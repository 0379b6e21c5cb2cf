"""The keys of a run, made anew each time: files that the backends, the libraries and we read.

SPDX-License-Identifier: Apache-2.0
"""
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .languages import ALL, ECDSA, EDDSA, HMAC

# Beyond ASCII on purpose: "raw UTF-8 bytes" is then not the same as any other reading.
SECRETS = {
    "alchemer": "alchemer-Schlüssel-" + "0123456789" * 6,
    "kustomer": "kustomer-secret-key-" + "9876543210" * 3,
    "appcues": "appcues sdk secret, with spaces / and = signs +",
    # Reads as hexadecimal, as base64 and as base64url: the trap of several libraries.
    "dotdigital": "5f3a9c1e77b2d4086ac1f0e39b5d2784c6e0a1f35b7d9284e1c3a5f70b2d4e68",
}
RSA_2048 = ("RSA", "rsa_keygen_bits:2048")
EC_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


@dataclass(frozen=True)
class Pair:
    """Two files. Of a shared secret both are the same one."""

    signing: Path
    verifying: Path

    def text(self):
        return self.verifying.read_text(encoding="utf-8")


class Keys:
    """Every algorithm has a key of its own: an app takes no key twice."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.secrets = {system: self._secret(system, text) for system, text in SECRETS.items()}
        self.second_secret = self._secret("second", "the second sdk key of this account")
        self.other_secret = self._secret("other", "a-secret-of-nobody-here-" + "x" * 64)
        self.of_algorithm = {algorithm: self._make(algorithm) for algorithm in ALL}
        self.of_moengage = {name: self.of_algorithm[name] for name in ("RS256", "ES256", "EdDSA")}
        self.other_rsa = self._pair("other-rsa", *RSA_2048)

    def of_system(self, system):
        return self.secrets.get(system) or self.of_moengage["RS256"]

    def _make(self, algorithm):
        if algorithm in HMAC:
            return self._secret(algorithm, f"{algorithm} signs with this very text: " + "k" * 64)
        if algorithm in ECDSA:
            return self._pair(algorithm, "EC", f"ec_paramgen_curve:{EC_CURVES[algorithm]}")
        return self._pair(algorithm, *(("ED25519",) if algorithm in EDDSA else RSA_2048))

    def _secret(self, name, text):
        path = self.folder / f"{name}.secret"
        path.write_text(text, encoding="utf-8")
        return Pair(path, path)

    def _pair(self, name, kind, option=None):
        private, public = self.folder / f"{name}.pem", self.folder / f"{name}.pub.pem"
        options = ["-pkeyopt", option] if option else []
        _openssl("genpkey", "-algorithm", kind, *options, "-out", private)
        _openssl("pkey", "-in", private, "-pubout", "-out", public)
        return Pair(private, public)


def _openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
