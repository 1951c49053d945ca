"""Asking the provider over the wire: whom we believe over TLS, and how long and how much we listen."""

import datetime
import gzip
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import anyio
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.api import oidc_asking
from gateway.api.oidc_asking import ProviderAway, asked

Behaviour = Callable[[BaseHTTPRequestHandler], None]


def well(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "2")
    handler.end_headers()
    handler.wfile.write(b"{}")


@contextmanager
def serving(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Something that listens on this machine and behaves like that."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            behaviour(self)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def what(address: str) -> str:
    """Why there was no answer; empty if there was one."""
    try:
        anyio.run(asked, "GET", address)
    except ProviderAway as away:
        return away.what
    return ""


def certificate(folder: Path) -> Path:
    """A key and a certificate for this machine that nobody else vouches for."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "the county's own")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file = folder / "pair.pem"
    file.write_bytes(key.private_bytes(*form) + made.public_bytes(serialization.Encoding.PEM))
    return file


def test_a_provider_whose_certificate_nobody_vouches_for_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pair)
    with serving(well, tls) as address:
        assert what(address) == "ConnectError"
        monkeypatch.setenv("SSL_CERT_FILE", str(pair))
        oidc_asking._trusted.cache_clear()
        assert what(address) == "", "the control arm: it is believed where the county vouches for it"
    oidc_asking._trusted.cache_clear()


def silent(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.recv(1)


def dribbling(handler: BaseHTTPRequestHandler) -> None:
    """A little again and again, without end: each piece comes in time, the whole never does."""
    handler.send_response(200)
    handler.end_headers()
    gone = threading.Event()
    while not gone.wait(0.02):
        handler.wfile.write(b" ")


@pytest.mark.parametrize("behaviour", [silent, dribbling], ids=lambda one: one.__name__)
def test_who_never_comes_to_an_end_is_not_waited_for(behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc_asking, "WHOLE_WITHIN", 0.4)
    with serving(behaviour) as address:
        assert what(address) == "TimeoutError"
    with serving(well) as address:
        assert what(address) == "", "the control arm"


def packed(handler: BaseHTTPRequestHandler) -> None:
    """Small on the wire, huge once unpacked."""
    raw = gzip.compress(b'{"x":"' + b" " * 50_000_000 + b'"}')
    handler.send_response(200)
    handler.send_header("Content-Encoding", "gzip")
    handler.send_header("Content-Length", str(len(raw)))
    handler.end_headers()
    handler.wfile.write(raw)


def test_nothing_is_unpacked() -> None:
    with serving(packed) as address:
        assert what(address) == "body"


def test_nobody_there_is_away() -> None:
    assert what("http://127.0.0.1:1/") == "ConnectError"
