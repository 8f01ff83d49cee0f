"""Writes certificates and keys into the folder named.

ca.pem signs server (for localhost and 127.0.0.1) and stranger (for another name); other-ca.pem signs nothing.
"""

import datetime
import ipaddress
import pathlib
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

folder = pathlib.Path(sys.argv[1])
now = datetime.datetime.now(datetime.timezone.utc)


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def issue(subject, issuer, key, signing_key, extensions):
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(signing_key, hashes.SHA256())


def authority(title, file):
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = issue(title, title, key, key, [(x509.BasicConstraints(ca=True, path_length=None), True)])
    (folder / file).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return key


ca_key = authority("takt test authority", "ca.pem")
authority("another authority", "other-ca.pem")


def server(title, names, file):
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = issue(title, "takt test authority", key, ca_key, [(x509.SubjectAlternativeName(names), False)])
    (folder / f"{file}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / f"{file}.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


loopback = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
server("localhost", [x509.DNSName("localhost"), loopback], "server")
server("elsewhere.invalid", [x509.DNSName("elsewhere.invalid")], "stranger")
