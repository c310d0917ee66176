"""Certificates made to order, and a TLS server on loopback that shows them."""

import datetime as dt
import socket
import ssl
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = dt.timedelta(days=1)


class Authority:
    """A CA of one test's own."""

    def __init__(self, folder):
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = _name("Test CA")
        made = _builder(self.name, self.name, self.key, -1, 3650)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.file = folder / "ca.crt"
        self.file.write_bytes(_pem(made.sign(self.key, hashes.SHA256())))

    def certificate(self, *names, days=90, since=-30, subject="registry.test"):
        """Files of a certificate and its key; it begins and ends so many days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = _builder(_name(subject), self.name, key, since, days)
        if names:
            alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
            made = made.add_extension(alternatives, critical=False)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )  # fmt: skip
        chain, secret = self.folder / "server.crt", self.folder / "server.key"
        chain.write_bytes(_pem(made.sign(self.key, hashes.SHA256())))
        secret.write_bytes(private)
        return chain, secret


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(subject, issuer, key, since, days):
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + since * _DAY)
        # half a day more, so that whole days do not depend on how fast the test runs
        .not_valid_after(now + (days + 0.5) * _DAY)
    )


def _pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


class Door:
    """A server on loopback that greets by TLS, or not at all where it has no certificate."""

    def __init__(self, files=None):
        self._context = None
        if files:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(*files)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._greet, args=(connection,), daemon=True).start()

    def _greet(self, connection):
        with connection:
            if self._context is None:
                connection.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")
                connection.recv(4096)
                return
            try:
                with self._context.wrap_socket(connection, server_side=True) as wrapped:
                    wrapped.recv(1)
            except OSError:
                return

    def close(self):
        self._listener.close()
