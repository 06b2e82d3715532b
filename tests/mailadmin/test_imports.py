"""Tables in and out: hostile files, spreadsheets, repetition."""

import csv
import html
import io
import re
from typing import Any

import httpx
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from hypothesis import given
from hypothesis import strategies as st

from mailadmin.models import AuditEntry
from mailadmin.posteio.client import Client
from mailadmin.services import imports, spreadsheets
from tests.mailadmin.conftest import Wire

TABLE = """address,name,password,storage_mb,messages,redirect_to,suspended
rosa@kronos.test,Rosa Mamani,,2048,100,,no
ana@kronos.test,Ana,,,,,
team@kronos.test,,,,,rosa@kronos.test;ana@kronos.test,
bad address,,,,,,
x@elsewhere.test,,,,,,
weak@kronos.test,,1234,,,,
"""
CELL = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0\r\n"), max_size=30)


def test_preview_says_what_will_happen_and_does_nothing(admin: Browser, wire: Wire) -> None:
    text = html.unescape(admin.post("/admin/mailboxes/import/", {"text": TABLE}).content.decode())
    assert "2 addresses will be created" in text
    for words in ("exists already", "new alias", "password is made here", "not on the server", "too short"):
        assert words in text
    assert not any(verb == "POST" for verb, _path in wire.asked)


def test_import_creates_what_is_new_and_twice_is_harmless(admin: Browser, poste: Client) -> None:
    answer = admin.post("/admin/mailboxes/import/", {"text": TABLE, "confirmed": "on"})
    text = answer.content.decode()
    assert "Import finished" in text
    password = re.search(r"Mailbox created. <code>([^<]+)</code>", text)
    assert password
    assert len(password[1]) > 20
    assert password[1] not in str(list(AuditEntry.objects.values()))
    assert poste.mailboxes.get("rosa@kronos.test").name == "Rosa Mamani"
    assert poste.mailboxes.quota("rosa@kronos.test").storage_limit == 2048
    assert poste.mailboxes.get("team@kronos.test").redirect_to == ("rosa@kronos.test", "ana@kronos.test")
    again = admin.post("/admin/mailboxes/import/", {"text": TABLE, "confirmed": "on"})
    assert "0 addresses will be created" in again.content.decode()
    assert AuditEntry.objects.count() == 2


def test_a_long_table_goes_on_step_by_step(admin: Browser, poste: Client) -> None:
    lines = "".join(f"t{n}@kronos.test;;ana@kronos.test\n" for n in range(45))
    form: dict[str, Any] = {"text": "correo;nombre;reenviar_a\n" + lines, "confirmed": "on"}
    for left in (25, 5):
        text = admin.post("/admin/mailboxes/import/", form).content.decode()
        assert f"Go on: {left} left" in text
        carried = re.search(r'<textarea name="text" hidden>\n(.*?)</textarea>', text, re.DOTALL)
        assert carried
        form["text"] = html.unescape(carried[1])
    assert "Import finished" in admin.post("/admin/mailboxes/import/", form).content.decode()
    assert poste.mailboxes.list(query="t4").total >= 6


def test_the_server_goes_away_in_the_middle(admin: Browser, wire: Wire) -> None:
    wire.fail = lambda request: httpx.Response(503) if request.method == "POST" else None
    text = admin.post("/admin/mailboxes/import/", {"text": TABLE, "confirmed": "on"}).content.decode()
    assert "No answer" in text
    assert "Not tried" in text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Choose a file"),
        (b"\x00\x01\x02\x03", "not a text file"),
        (b"a" * 1_000_001, "larger than 1 MB"),
        (b"address\n" + b"a@kronos.test\n" * 2_002, "More than 2,000"),
        (b"\n\n \n", "nothing in it"),
        (b"name\nAna\n", "must name the columns"),
        (b"address,email\na@kronos.test,b\n", "there twice"),
        (b"address\n", "nothing below"),
        (b'address\n"' + b"x" * 200_000, "broken"),
        (b"\xff\xfea", "not a text file"),
    ],
)
def test_bad_files_are_refused_with_a_sentence(content: bytes, sentence: str, admin: Browser) -> None:
    answer = admin.post(
        "/admin/mailboxes/import/",
        {"table": SimpleUploadedFile("t.csv", content)} if content else {"form_token": "x"},
    )
    assert answer.status_code == 422
    assert sentence in html.unescape(answer.content.decode())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_accents_of_every_excel(encoding: str) -> None:
    rows = spreadsheets.rows("correo;nombre\nrosa@kronos.test;Rosa Núñez\n".encode(encoding))
    assert rows[1] == ["rosa@kronos.test", "Rosa Núñez"]


def test_domains_not_mine_are_left_out(domain_admin: Browser) -> None:
    text = domain_admin.post("/admin/mailboxes/import/", {"text": "address\nx@other.test\n"}).content.decode()
    assert "not on the server" in text
    assert "0 addresses" in text


@given(st.lists(st.lists(CELL, min_size=1, max_size=5), min_size=1, max_size=5))
def test_what_we_write_no_spreadsheet_runs_and_we_read_back(table: list[list[str]]) -> None:
    text = "".join(spreadsheets.line(cells) for cells in table)
    for cells, written in zip(table, csv.reader(io.StringIO(text, newline="")), strict=True):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in written)
        assert [spreadsheets.plain(cell) for cell in written] == [cell.strip() for cell in cells] or any(
            cell != cell.strip() for cell in cells
        )


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_words(content: bytes) -> None:
    try:
        rows = spreadsheets.rows(content)
        imports.read(rows, {"kronos.test"})
    except (spreadsheets.Unreadable, ValidationError):
        return


@given(st.lists(st.tuples(CELL, CELL, CELL, CELL, CELL), max_size=5))
def test_any_cells_become_rows_with_their_problems(cells: list[tuple[str, ...]]) -> None:
    head = ["address", "password", "storage_mb", "redirect_to", "suspended"]
    for row in imports.read([head, *map(list, cells)], {"kronos.test"}):
        assert (row.state is imports.State.WRONG) == bool(row.problems)
        assert "password=" not in repr(row)


def test_export_reads_back_as_nothing_to_do(admin: Browser) -> None:
    answer: Any = admin.get("/admin/mailboxes/export/")
    text = b"".join(answer.streaming_content).decode()
    assert "ana@kronos.test,Ana,,no" in text
    assert "info@kronos.test" not in text
    assert "0 addresses" in admin.post("/admin/mailboxes/import/", {"text": text}).content.decode()
    answer = admin.get("/admin/mailboxes/export/?kind=alias")
    assert b"info@kronos.test,,ana@kronos.test,no" in b"".join(answer.streaming_content)
