"""manage.py demo on the real mail server."""

import json
from email import message_from_bytes
from email.policy import default
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("postie_settings")]


@pytest.fixture
def known(settings: Any, tmp_path: Path) -> dict[str, Any]:
    settings.VAR_DIR = tmp_path
    call_command("demo", verbosity=0)
    found: dict[str, Any] = json.loads((tmp_path / "demo.json").read_text())
    return found


def test_a_year_of_mail_for_three_people(known: dict[str, Any], stack: Any, tmp_path: Path) -> None:
    people = {entry["address"]: entry["password"] for entry in known["accounts"] if entry["role"] == "user"}
    assert len(people) == 3
    assert (tmp_path / "demo.json").stat().st_mode & 0o077 == 0
    folders = (
        "INBOX",
        "Sent",
        "Archive",
        "Junk",
        "Facturas",
        "Proyectos",
        "Proyectos/Talleres",
        "Proyectos/Feria",
    )
    held = {
        address: [octets for name in folders for octets in stack.messages(address, name, password)]
        for address, password in people.items()
    }
    everything = [message_from_bytes(octets, policy=default) for mail in held.values() for octets in mail]
    assert len(everything) > 200
    kinds = {part.get_content_type() for message in everything for part in message.walk()}
    assert {"text/html", "text/calendar", "application/pdf", "image/png", "message/rfc822"} <= kinds
    charsets = {part.get_content_charset() for message in everything for part in message.walk()}
    assert {"utf-8", "iso-8859-1", "windows-1252"} <= charsets
    ids = {message["Message-ID"] for message in everything}
    answers = [message for message in everything if message["In-Reply-To"]]
    assert answers
    assert all(message["In-Reply-To"] in ids for message in answers)

    said = StringIO()
    call_command("demo", stdout=said)
    assert "0 messages for 3 people." in said.getvalue()
    assert json.loads((tmp_path / "demo.json").read_text()) == known
