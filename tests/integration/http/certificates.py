"""An authority of the tests' own, and certificates under it, good and bad.

SPDX-License-Identifier: Apache-2.0"""
import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


def named(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


class Authority:
    def __init__(self, folder, name="authority"):
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = named(name)
        self.path = f"{folder}/{name}.pem"
        with open(self.path, "wb") as f:
            f.write(pem(self.sign(self.name, self.key, x509.BasicConstraints(ca=True, path_length=0))))

    def sign(self, name, key, extension, days_left=2):
        end = datetime.datetime.utcnow() + days_left * DAY
        return (x509.CertificateBuilder().subject_name(name).issuer_name(self.name)
                .public_key(key.public_key()).serial_number(x509.random_serial_number())
                .not_valid_before(end - 10 * DAY).not_valid_after(end)
                .add_extension(extension, critical=False).sign(self.key, hashes.SHA256()))

    def issue(self, name, host="127.0.0.1", days_left=2):
        """A certificate for the address `host`. Returns: the path of it and its key, in one file."""
        key = ec.generate_private_key(ec.SECP256R1())
        where = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
        path = f"{self.folder}/{name}.pem"
        with open(path, "wb") as f:
            f.write(pem(self.sign(named(name), key, where, days_left)))
            f.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                      serialization.NoEncryption()))
        return path
