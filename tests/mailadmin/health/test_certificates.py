"""Traefik's certificate into the mail server: every shape of acme.json, the real server, and bad days."""

import base64
import datetime
import json
import os
import shutil
import ssl
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core.management import call_command
from django.test import Client as Browser
from django.utils import timezone

from mailadmin.health import acme, install
from mailadmin.models import CertificateInstall
from mailadmin.services import certificates
from tests.stack import eventually

pytestmark = pytest.mark.django_db
NOW = datetime.datetime.now(datetime.UTC)
HOST = "mail.kronos.test"


class Authority:
    """A certificate authority of our own: leaves come with it as their chain."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        self.certificate = self._sign(self.name, self.key.public_key(), [], 3650, authority=True)

    def leaf(self, *names: str, days: int = 60, begun: int = 1) -> tuple[bytes, bytes]:
        """(chain, key) as PEM; `days` may be negative: then it has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        made = self._sign(subject, key.public_key(), list(names), days, begun=begun)
        chain = made.public_bytes(serialization.Encoding.PEM) + self.certificate.public_bytes(
            serialization.Encoding.PEM
        )
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        return chain, private

    def _sign(self, subject: x509.Name, public: Any, names: list[str], days: int, **options: Any) -> Any:
        begun, authority = options.get("begun", 1), options.get("authority", False)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - datetime.timedelta(days=begun + max(0, -days)))
            .not_valid_after(NOW + datetime.timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), True)
        )
        if names:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), False
            )
        return builder.sign(self.key, hashes.SHA256())


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


def coded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def traefik3(*leaves: tuple[bytes, bytes]) -> dict[str, Any]:
    entries = [
        {"domain": {"main": HOST}, "certificate": coded(chain), "key": coded(key), "Store": "default"}
        for chain, key in leaves
    ]
    return {"myresolver": {"Account": {"Email": "you@example.org"}, "Certificates": entries}, "idle": None}


def traefik17(chain: bytes, key: bytes) -> dict[str, Any]:
    entry = {"Domain": {"Main": HOST, "SANs": None}, "Certificate": coded(chain), "Key": coded(key)}
    return {"Account": {}, "Certificates": [entry], "HTTPChallenges": {}}


def traefik10(chain: bytes, key: bytes) -> dict[str, Any]:
    inner = {"Domain": HOST, "Certificate": coded(chain), "PrivateKey": coded(key)}
    return {"DomainsCertificate": {"Certs": [{"Domains": {"Main": HOST}, "Certificate": inner}]}}


@pytest.mark.parametrize("shape", [traefik3, traefik17, traefik10])
def test_every_shape_of_acme_json(authority: Authority, shape: Any) -> None:
    chain, key = authority.leaf(HOST)
    found = acme.pairs(json.dumps(shape((chain, key)) if shape is traefik3 else shape(chain, key)).encode())
    assert [pair.leaf.names for pair in found] == [(HOST,)]
    assert found[0].key == key
    assert found[0].issuers == authority.certificate.public_bytes(serialization.Encoding.PEM)


def test_half_written_and_foreign_files(authority: Authority) -> None:
    whole = json.dumps(traefik3(authority.leaf(HOST))).encode()
    for text in (b"", whole[: len(whole) // 2], b"[]", b"\xff\xfe", b"[" * 100_000):
        with pytest.raises(acme.Unreadable):
            acme.pairs(text)
    assert acme.pairs(b"{}") == acme.pairs(b'{"myresolver": {"Certificates": null}}') == []


def test_what_is_broken_inside_is_passed_over(authority: Authority) -> None:
    chain, key = authority.leaf(HOST)
    other = authority.leaf(HOST)
    document = traefik3((chain, b"no key"), (b"no certificate", key), (chain, other[1]), (chain, key))
    document["myresolver"]["Certificates"] += [{"certificate": 7, "key": None}, "nonsense"]
    assert len(acme.pairs(json.dumps(document).encode())) == 1


def test_the_best_is_the_one_for_our_name_that_lives_longest(authority: Authority) -> None:
    leaves = [
        authority.leaf("mail.other.test", days=90),
        authority.leaf(HOST, days=10),
        authority.leaf("*.kronos.test", days=60),
        authority.leaf(HOST, days=-1),
    ]
    found = acme.pairs(json.dumps(traefik3(*leaves)).encode())
    chosen = acme.best(found, HOST, NOW)
    assert chosen
    assert chosen.leaf.names == ("*.kronos.test",)
    assert acme.best(found, "nobody.test", NOW) is None
    assert acme.best(found, HOST, NOW + datetime.timedelta(days=400)) is None


def test_for_poste_io_three_files_all_new_or_all_old(authority: Authority, tmp_path: Path) -> None:
    pair = acme.pair_of(*authority.leaf(HOST))
    assert install.put(tmp_path, pair)
    assert not install.put(tmp_path, pair)
    assert (tmp_path / "server.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "server.crt").read_bytes() == pair.chain
    assert (tmp_path / "ca.crt").read_bytes() == pair.issuers
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ca.crt", "server.crt", "server.key"]
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tmp_path / "server.crt", tmp_path / "server.key")


def test_rights_and_a_torn_pair_and_a_folder_that_refuses(authority: Authority, tmp_path: Path) -> None:
    first, second = (acme.pair_of(*authority.leaf(HOST)) for _ in range(2))
    install.put(tmp_path, first)
    (tmp_path / "server.key").chmod(0o640)
    (tmp_path / "server.key").write_bytes(second.key)  # somebody died between two renames
    assert install.installed(tmp_path) is None
    assert install.put(tmp_path, first)
    assert (tmp_path / "server.key").stat().st_mode & 0o777 == 0o640
    with pytest.raises(OSError, match="nowhere"):
        install.put(tmp_path / "nowhere", first)


def test_a_full_disk_leaves_the_old_one(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (acme.pair_of(*authority.leaf(HOST)) for _ in range(2))
    install.put(tmp_path, first)

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        install.put(tmp_path, second)
    found = install.installed(tmp_path)
    assert found
    assert found.leaf == first.leaf
    assert not list(tmp_path.glob(".*.new"))


# With the real server


@pytest.fixture
def traefik(watched: Any, stack: Any, tmp_path: Path) -> Iterator[Path]:
    """acme.json; the server gets its own certificate back afterwards."""
    folder = stack.root / "tls"
    kept = tmp_path / "kept"
    shutil.copytree(folder, kept)
    watched.ACME_JSON = str(tmp_path / "acme.json")
    watched.MAIL_TLS_DIR = str(folder)
    yield tmp_path / "acme.json"
    for name in ("mail.key", "mail.crt"):
        shutil.copyfile(kept / name, folder / name)
    own = install.installed(folder)
    assert own
    fingerprint = own.leaf.fingerprint
    eventually(lambda: all(port.current for port in certificates.served(fingerprint)), 30)


def write(path: Path, *leaves: tuple[bytes, bytes]) -> None:
    path.write_text(json.dumps(traefik3(*leaves)))


def test_renewed_installed_and_proved_on_every_port(
    authority: Authority, traefik: Path, watched: Any
) -> None:
    write(traefik, authority.leaf(HOST))
    found = certificates.renew()
    assert (found.status, found.code) == ("pass", "acme.served"), found
    assert found.facts["changed"]
    assert found.facts["ports"] == "smtp, submissions, submission, imaps, imap, sieve"
    again = certificates.renew()
    assert not again.facts["changed"]
    assert CertificateInstall.objects.count() == 1
    # the next renewal
    write(traefik, authority.leaf(HOST, days=80))
    assert certificates.renew().code == "acme.served"
    assert CertificateInstall.objects.count() == 2
    # half written meanwhile: what is installed stays
    traefik.write_text(traefik.read_text()[:200])
    assert certificates.renew().code == "acme.unreadable"
    assert certificates.reading().status == "warn"
    here = certificates.installed()
    assert here
    assert all(port.current for port in certificates.served(here.leaf.fingerprint))


def test_a_file_that_is_whole_a_moment_later(
    authority: Authority, traefik: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = json.dumps(traefik3(authority.leaf(HOST)))
    traefik.write_text(whole[:100])
    monkeypatch.setattr(time, "sleep", lambda seconds: traefik.write_text(whole))
    assert certificates.wanted(timezone.now()).leaf.names == (HOST,)


def test_expired_and_foreign_ones_are_not_installed(authority: Authority, traefik: Path) -> None:
    before = certificates.installed()
    write(traefik, authority.leaf(HOST, days=-2), authority.leaf("mail.other.test"))
    found = certificates.renew()
    assert (found.status, found.code) == ("fail", "acme.missing")
    assert certificates.installed() == before


def test_one_that_should_have_been_renewed(authority: Authority, traefik: Path) -> None:
    write(traefik, authority.leaf(HOST, days=9))
    assert certificates.renew().code == "acme.ends_soon"


def test_a_server_that_still_shows_the_old_one(
    authority: Authority, traefik: Path, watched: Any, tmp_path: Path
) -> None:
    """As poste.io does until it is restarted."""
    watched.MAIL_TLS_DIR = str(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").mkdir()
    write(traefik, authority.leaf(HOST))
    found = certificates.renew(proof_seconds=0)
    assert (found.status, found.code) == ("fail", "acme.not_served")
    assert "imaps" in found.facts["old"]


def test_page_and_command(authority: Authority, traefik: Path, admin: Browser, settings: Any) -> None:
    write(traefik, authority.leaf(HOST))
    out = StringIO()
    call_command("certificate_install", "--json", stdout=out)
    assert json.loads(out.getvalue())["code"] == "acme.served"
    text = admin.get("/admin/health/certificate/").content.decode()
    assert "Test authority" in text
    assert text.count("the installed one") == 6
    assert "served on every port" in text
    assert "PRIVATE KEY" not in text
    settings.ACME_JSON = ""  # as in a container that does not install
    assert "served on every port" in admin.get("/admin/health/certificate/").content.decode()
    CertificateInstall.objects.update(seen_at=timezone.now() - datetime.timedelta(hours=4))
    assert "does not install" in admin.get("/admin/health/certificate/").content.decode()
    with pytest.raises(SystemExit):
        call_command("certificate_install", stdout=StringIO())
