"""The keys of a run, made anew each time: files that the backends, the libraries and we read.

SPDX-License-Identifier: Apache-2.0
"""
import subprocess
from dataclasses import dataclass
from pathlib import Path

# Beyond ASCII on purpose: "raw UTF-8 bytes" is then not the same as any other reading.
SECRETS = {
    "alchemer": "alchemer-Schlüssel-" + "0123456789" * 6,
    "kustomer": "kustomer-secret-key-" + "9876543210" * 3,
    "appcues": "appcues sdk secret, with spaces / and = signs +",
    # Reads as hexadecimal, as base64 and as base64url: the trap of several libraries.
    "dotdigital": "5f3a9c1e77b2d4086ac1f0e39b5d2784c6e0a1f35b7d9284e1c3a5f70b2d4e68",
}
EC_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


@dataclass(frozen=True)
class Pair:
    """Two files. Of a shared secret both are the same one."""

    signing: Path
    verifying: Path

    def text(self):
        return self.verifying.read_text(encoding="utf-8")


class Keys:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.rsa = self._pair("rsa", "RSA", "rsa_keygen_bits:2048")
        self.other_rsa = self._pair("other-rsa", "RSA", "rsa_keygen_bits:2048")
        self.ed25519 = self._pair("ed25519", "ED25519")
        self.ec = {alg: self._pair(alg, "EC", f"ec_paramgen_curve:{curve}")
                   for alg, curve in EC_CURVES.items()}
        self.secrets = {system: self._secret(system, text) for system, text in SECRETS.items()}
        self.second_secret = self._secret("second", "the second sdk key of this account")
        self.other_secret = self._secret("other", "a-secret-of-nobody-here-" + "x" * 64)
        self.of_moengage = {"RS256": self.rsa, "ES256": self.ec["ES256"], "EdDSA": self.ed25519}

    def of_system(self, system):
        return self.rsa if system == "moengage" else self.secrets[system]

    def of_algorithm(self, algorithm):
        if algorithm.startswith("HS"):
            return self.secrets["alchemer"]  # long enough for each hash
        if algorithm.startswith("ES"):
            return self.ec[algorithm]
        return self.ed25519 if algorithm == "EdDSA" else self.rsa

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
