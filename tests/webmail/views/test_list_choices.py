"""Labels, filters, page sizes, roles of folders, letters in and out as files."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.webmail import dovecot
from tests.webmail.views.test_messages import act, there, uids
from webmail.imap import append, flags, folders
from webmail.imap.connection import Connection
from webmail.models import Contact, Preferences
from webmail.services import transfer


def octets(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_a_label_keeps_its_name_and_colour_and_the_keyword_its_bytes(
    browser: Client, person, imap: Connection, letters: list[int]
) -> None:
    act(browser, action="label", uid=letters[:1], label="Año nuevo")
    assert "Ano_nuevo" in flags.current(imap, "INBOX", letters[:1])[letters[0]]
    page = browser.get("/").content.decode()
    assert 'data-label="Ano_nuevo">Año nuevo</span>' in page
    browser.post("/settings/labels/", {"keyword": "Ano_nuevo", "name": "Fiesta", "tone": "red"})
    assert (
        '<span class="tag tag--red" data-label="Ano_nuevo">Fiesta</span>' in browser.get("/").content.decode()
    )
    # What another program called it stays byte for byte.
    flags.add(imap, "INBOX", letters[1:2], ["$label1", "Work/Urgent"])
    assert 'data-label="Work/Urgent">Work/Urgent</span>' in browser.get("/").content.decode()
    act(browser, action="unlabel", uid=letters[:1], label="fiesta")
    assert "Ano_nuevo" not in flags.current(imap, "INBOX", letters[:1])[letters[0]]
    browser.post("/settings/labels/deletion/", {"keyword": "Ano_nuevo"})
    assert Preferences.objects.get(account=person.address).labels == {}


@pytest.mark.parametrize(
    "name", ["<b>x</b>", "日本語", "two words", "x)\r\nX LOGOUT", '"quoted"', "\\Seen", "(", "é" * 200]
)
def test_any_name_can_be_a_label(browser: Client, imap: Connection, letters: list[int], name: str) -> None:
    act(browser, action="label", uid=letters[:1], label=name[:100])
    found = flags.current(imap, "INBOX", letters[:1])[letters[0]]
    assert len(found) == 1
    assert all(flag.isascii() for flag in found)
    page = browser.get("/").content.decode()
    assert "tag tag--grey" in page
    assert "<b>x</b>" not in page


def test_nonsense_in_a_persons_row_breaks_nothing(browser: Client, person, letters: list[int]) -> None:
    Preferences.objects.create(
        account=person.address, labels={"x": 7, "y": {"tone": "</style>"}}, roles=[], keys="?"
    )
    assert browser.get("/").status_code == 200
    assert browser.get("/settings/").status_code == 200


def test_the_filter_of_contacts(browser: Client, person, imap: Connection, letters: list[int]) -> None:
    assert uids(browser.get("/?show=contacts").content.decode()) == []
    for number in (2, 5):
        Contact.objects.create(account=person.address, address=f"ana{number}@kronos.test")
    assert uids(browser.get("/?show=contacts").content.decode()) == [letters[4], letters[1]]
    for number in range(200):
        Contact.objects.create(account=person.address, address=f"a{number:03}@x.test", name=f"{number}")
    assert browser.get("/?show=contacts").status_code == 200


def test_pages_and_rows_are_as_long_as_chosen(browser: Client, person, imap: Connection) -> None:
    for number in range(30):
        append.append(imap, "INBOX", dovecot.letter(number))
    chosen = Preferences.objects.create(
        account=person.address, page_size=25, density="dense", shows_preview=False, pane="below", scrolls=True
    )
    page = browser.get("/").content.decode()
    assert len(uids(page)) == 25
    assert "message-list--dense message-list--brief" in page
    assert "mail--below" in page
    assert 'hx-trigger="intersect once"' in page
    assert 'hx-trigger="intersect once"' not in browser.get("/?page=2").content.decode()
    chosen.scrolls = False
    chosen.save()
    assert "message-list-more" not in browser.get("/").content.decode()


def test_a_changed_setting_is_seen_in_an_unchanged_list(browser: Client, person, letters: list[int]) -> None:
    htmx = {"HX-Request": "true"}
    tag = browser.get("/", headers=htmx)["ETag"]
    Preferences.objects.create(account=person.address, density="dense")
    assert browser.get("/", headers={**htmx, "If-None-Match": tag}).status_code == 200


def test_a_person_knows_better_what_a_folder_is_for(
    browser: Client, imap: Connection, letters: list[int]
) -> None:
    folders.create(imap, "Basura vieja")
    browser.post("/folders/Basura vieja/role/", {"role": "trash"})
    act(browser, action=f"trash:{letters[0]}")
    assert there(imap, "Basura vieja") == ["Carta 1"]
    assert there(imap, "Trash") == []
    page = browser.get("/folders/Basura vieja/").content.decode()
    assert '<option value="trash" selected>' in page
    browser.post("/folders/Basura vieja/role/", {"role": ""})
    act(browser, action=f"trash:{letters[1]}")
    assert there(imap, "Trash") == ["Carta 2"]
    answer = browser.post("/folders/INBOX/role/", {"role": "trash"}, follow=True)
    assert "This folder cannot be that." in answer.content.decode()


def test_how_full_it_is(browser: Client, letters: list[int]) -> None:
    assert re.search(r"of 100.MB", browser.get("/folders/quota/").content.decode())
    page = browser.get("/folders/").content.decode()
    assert 'class="quota"' in page


def test_every_folder_says_its_size(browser: Client, letters: list[int]) -> None:
    page = browser.get("/folders/").content.decode()
    sizes = re.findall(r'data-label="Size">([^<]+)<', page)
    assert len(sizes) == len(re.findall(r"<tr>", page)) - 1
    assert any(size not in ("0 B", "–") for size in sizes)


def test_letters_go_out_and_come_in_as_they_were(browser: Client, imap: Connection) -> None:
    odd = (
        b"Subject: uno\r\nDate: Mon, 2 Nov 2026 10:00:00 +0000\r\n\r\nFrom here\r\n>From there\r\n\r\nend\r\n"
    )
    folders.create(imap, "Ida")
    folders.create(imap, "Vuelta")
    append.append(imap, "Ida", odd)
    append.append(imap, "Ida", dovecot.letter(2))
    answer = browser.get("/folders/Ida/folder.mbox")
    mbox = octets(answer)
    assert answer["Content-Disposition"] == 'attachment; filename="Ida.mbox"'
    assert mbox.count(b"\nFrom ") + mbox.startswith(b"From ") == 2
    browser.post("/folders/Vuelta/letters/", {"letters": SimpleUploadedFile("a.mbox", mbox)})
    assert there(imap, "Vuelta") == ["Carta 2", "uno"]
    found = octets(browser.get("/folder/Vuelta/1/message.eml"))
    assert found == odd
    assert "\\Seen" in flags.current(imap, "Vuelta", [1])[1]
    answer = browser.post(
        "/folders/Vuelta/letters/",
        {"letters": [SimpleUploadedFile("b.eml", dovecot.letter(3)), SimpleUploadedFile("c.eml", b"\0\xff")]},
        follow=True,
    )
    assert "1 letter is in the folder." in answer.content.decode()


def test_an_mbox_is_read_in_any_pieces() -> None:
    mbox = b"From a\nSubject: 1\n\nx\n\nFrom b\nSubject: 2\n\n>From y\n\n"
    expected = [b"Subject: 1\n\nx\n", b"Subject: 2\n\nFrom y\n"]
    for size in (1, 3, 7, 1000):
        pieces = [mbox[start : start + size] for start in range(0, len(mbox), size)]
        assert list(transfer.letters(pieces)) == expected
    with pytest.raises(transfer.TooLarge):
        list(transfer.letters([b"x" * 1_000_000] * 60))


@pytest.mark.parametrize("path", ["role", "letters", "subscription"])
def test_only_a_press_changes_a_folder(browser: Client, path: str) -> None:
    assert browser.get(f"/folders/INBOX/{path}/").status_code == 405
