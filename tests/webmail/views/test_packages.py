"""winmail.dat in a letter: a page with what is in it; what cannot be opened can still be saved."""

import base64

import pytest
from django.test import Client

from tests.webmail.mime.test_winmail import package
from webmail.imap import append
from webmail.imap.connection import Connection


def letter(octets: bytes, name: str = "winmail.dat", kind: str = "application/ms-tnef") -> bytes:
    lines = [
        "From: Ana <ana@kronos.test>",
        "Subject: Informe",
        "MIME-Version: 1.0",
        'Content-Type: multipart/mixed; boundary="x"',
        "",
        "--x",
        "Content-Type: text/plain",
        "",
        "hola",
        "--x",
        f'Content-Type: {kind}; name="{name}"',
        "Content-Transfer-Encoding: base64",
        f'Content-Disposition: attachment; filename="{name}"',
        "",
        base64.encodebytes(octets).decode().replace("\n", "\r\n"),
        "--x--",
        "",
    ]
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize("kind", ["application/ms-tnef", "application/octet-stream"])
def test_its_text_is_read_and_its_files_are_saved(browser: Client, imap: Connection, kind: str) -> None:
    text = b"<script>alert(1)</script> Te mando el informe"
    octets = package(text, (b"informe.pdf", b"%PDF hola"), (b"../../x\\factura.pdf.exe", b"MZ"))
    uid = append.append(imap, "INBOX", letter(octets, kind=kind))
    here = f"/folder/INBOX/{uid}/part/2/package/"
    assert f'href="{here}"' in browser.get(f"/folder/INBOX/{uid}/").content.decode()
    page = browser.get(here).content.decode()
    assert "Te mando el informe" in page
    assert "<script>alert" not in page
    assert "informe.pdf" in page
    assert "pretends to be a document" in page
    answer = browser.get(f"{here}0/")
    assert answer.content == b"%PDF hola"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="informe.pdf"'
    assert "sandbox" in answer["Content-Security-Policy"]
    assert browser.get(f"{here}1/")["Content-Disposition"] == 'attachment; filename="_.._x_factura.pdf.exe"'
    assert browser.get(f"{here}2/").status_code == 404


def test_what_is_damaged_can_still_be_saved(browser: Client, imap: Connection) -> None:
    uid = append.append(imap, "INBOX", letter(b"no package at all"))
    here = f"/folder/INBOX/{uid}/part/2/package/"
    page = browser.get(here)
    assert page.status_code == 200
    assert "damaged or too large" in page.content.decode()
    assert f'href="/folder/INBOX/{uid}/part/2/"' in page.content.decode()
    assert browser.get(f"{here}0/").status_code == 404


def test_only_packages_are_opened(browser: Client, imap: Connection) -> None:
    uid = append.append(imap, "INBOX", letter(b"%PDF", name="informe.pdf", kind="application/pdf"))
    assert browser.get(f"/folder/INBOX/{uid}/part/2/package/").status_code == 404
    assert browser.get(f"/folder/INBOX/{uid}/part/9/package/").status_code == 404
    assert browser.get("/folder/INBOX/999999/part/2/package/").status_code == 404
