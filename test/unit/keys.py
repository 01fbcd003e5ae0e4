"""Keys and certificates that the tests sign with."""
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PEM = serialization.Encoding.PEM


def write_pair(folder, name, password=None):
    """Write NAME.pem and NAME.pub into a folder; return their paths as text, and the key."""
    key = ec.generate_private_key(ec.SECP256R1())
    lock = serialization.BestAvailableEncryption(password) if password else \
        serialization.NoEncryption()
    private, public = folder / f'{name}.pem', folder / f'{name}.pub'
    private.write_bytes(key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, lock))
    public.write_bytes(key.public_key().public_bytes(
        PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
    return str(private), str(public), key


def write_certificate(folder, name, key, issuer=None, issuer_key=None):
    """Write NAME.crt for a key, an authority of its own without ``issuer``; return path and it."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder().subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(
            digital_signature=True, content_commitment=False, key_encipherment=False,
            data_encipherment=False, key_agreement=False, key_cert_sign=issuer is None,
            crl_sign=False, encipher_only=False, decipher_only=False), critical=True)
        .sign(issuer_key or key, hashes.SHA256()))
    file = folder / f'{name}.crt'
    file.write_bytes(certificate.public_bytes(PEM))
    return str(file), certificate
