"""How a letter is shown: as decided about its sender, its quotes folded, and what it asks for."""

import re
from email import message_from_bytes, policy

import pytest
from django.test import Client

from tests.webmail.views.test_reading import HTML
from webmail.imap import append, flags
from webmail.imap.connection import Connection
from webmail.models import Contact, Preferences, SenderRule


@pytest.fixture
def uid(imap: Connection) -> int:
    return append.append(imap, "INBOX", HTML) or 0


def page(browser: Client, uid: int, rest: str = "", **options) -> str:
    answer = browser.get(f"/folder/INBOX/{uid}/{rest}", **options)
    assert answer.status_code == 200
    return answer.content.decode()


def letter(*lines: str, body: str = "hola") -> bytes:
    head = ("From: Ana <ana@kronos.test>", "Subject: x", "Message-ID: <1@kronos.test>", *lines)
    return "\r\n".join([*head, "", body, ""]).encode()


def html_letter(html: str) -> bytes:
    return letter("MIME-Version: 1.0", "Content-Type: text/html; charset=utf-8", body=html)


@pytest.mark.parametrize(("choice", "pattern"), [("sender", "ana@kronos.test"), ("domain", "@kronos.test")])
def test_images_of_a_sender_or_a_domain_are_shown_from_then_on(
    browser: Client, uid: int, choice: str, pattern: str
) -> None:
    assert "?images=1" not in page(browser, uid).split("<iframe")[1]
    browser.post(f"/folder/INBOX/{uid}/manner/", {"images": choice})
    assert SenderRule.objects.get().pattern == pattern
    html = page(browser, uid)
    assert f'src="/folder/INBOX/{uid}/body/?images=1"' in html
    assert "is blocked" not in html
    assert "/picture/" in browser.get(f"/folder/INBOX/{uid}/body/?images=1").content.decode()
    # It can be seen and taken back.
    settings = browser.get("/settings/").content.decode()
    assert pattern in settings
    browser.post(f"/settings/senders/{SenderRule.objects.get().pk}/")
    assert "is blocked" in page(browser, uid)


def test_images_of_contacts_only_by_choice(browser: Client, person, uid: int) -> None:
    Contact.objects.create(account=person.address, address="ana@kronos.test")
    assert "is blocked" in page(browser, uid)
    Preferences.objects.create(account=person.address, images="contacts")
    assert "is blocked" not in page(browser, uid)


def test_somebody_in_the_name_of_a_trusted_sender_is_trusted_with_nothing(
    browser: Client, person, imap: Connection, settings
) -> None:
    settings.POSTEIO_HOSTNAME = "mail.kronos.test"
    SenderRule.objects.create(account=person.address, pattern="ana@kronos.test", shows_images=True)
    forged = b"Authentication-Results: mail.kronos.test; dmarc=fail header.from=kronos.test\n" + HTML
    html = page(browser, append.append(imap, "INBOX", forged) or 0)
    assert "is blocked" in html
    assert "Always for this sender" not in html


def test_text_or_design_is_remembered_for_the_sender(browser: Client, uid: int) -> None:
    browser.post(f"/folder/INBOX/{uid}/manner/", {"view": "plain"})
    assert "<iframe" not in page(browser, uid)
    assert "<iframe" in page(browser, uid, "?view=designed")
    browser.post(f"/folder/INBOX/{uid}/manner/", {"view": "designed"})
    assert "<iframe" in page(browser, uid)


def test_what_other_people_decided_does_not_count(browser: Client, uid: int) -> None:
    SenderRule.objects.create(account="somebody", pattern="ana@kronos.test", shows_images=True, view="plain")
    html = page(browser, uid)
    assert "<iframe" in html
    assert "is blocked" in html


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Claro.\n\nAna wrote:\n> one\n> two\n\n", True),
        ("> only\n> a quote\n", False),
        ("Before\n> one\nbetween\n", False),
        ("Before\n> one\nbetween\n> two", True),
    ],
)
def test_the_quote_at_the_end_is_folded(browser: Client, imap: Connection, text: str, folded: bool) -> None:
    html = page(browser, append.append(imap, "INBOX", letter(body=text)) or 0)
    assert ('<details class="quote">' in html) is folded


@pytest.mark.parametrize(
    ("html", "folded"),
    [
        ('<p>Claro</p><div class="gmail_quote"><div>x</div><blockquote>old</blockquote></div>', True),
        ("<p>Claro</p><blockquote type=cite>old <blockquote>older</blockquote></blockquote>&nbsp;", True),
        ('<p>Claro</p><div id="divRplyFwdMsg">De: Ana</div><p>old</p>', True),
        ("<blockquote>only a quote</blockquote>", False),
        ("<p>a</p><blockquote>old</blockquote><p>answered between</p>", False),
        ("<p>a</p><blockquote>never closed", True),
    ],
)
def test_html_quotes_are_folded_without_a_script(
    browser: Client, imap: Connection, html: str, folded: bool
) -> None:
    uid = append.append(imap, "INBOX", html_letter(html)) or 0
    frame = browser.get(f"/folder/INBOX/{uid}/body/").content.decode()
    assert ('<details class="quote"><summary>…</summary>' in frame) is folded
    if folded:
        assert "Claro" not in frame.split("<details")[1]


@pytest.mark.parametrize(
    ("html", "look"),
    [
        ("<p>plain</p>", "adapted"),
        ('<table bgcolor="#ffffff"><tr><td>x</td></tr></table>', "adapted"),
        ('<table bgcolor="#111111"><tr><td>x</td></tr></table>', "plain"),
        ('<div style="background-color: #102030">x</div>', "plain"),
        ("<style>@media (prefers-color-scheme: dark){p{color:white}}</style><p>x</p>", "plain"),
    ],
)
def test_only_bright_letters_are_turned_over_in_the_dark(
    browser: Client, imap: Connection, html: str, look: str
) -> None:
    uid = append.append(imap, "INBOX", html_letter(html)) or 0
    assert f'<body class="{look}">' in browser.get(f"/folder/INBOX/{uid}/body/").content.decode()
    assert '<body class="light">' in browser.get(f"/folder/INBOX/{uid}/body/?look=light").content.decode()


def test_found_words_are_marked_in_text_and_html(browser: Client, imap: Connection) -> None:
    plain = append.append(imap, "INBOX", letter(body="una factura <b>factura</b>")) or 0
    assert page(browser, plain, "?q=factura").count("<mark>factura</mark>") == 2
    html = append.append(imap, "INBOX", html_letter('<p title="factura">Tu FACTURA &amp; más</p>')) or 0
    assert "?q=factura" in page(browser, html, "?q=factura").split("<iframe")[1]
    frame = browser.get(f"/folder/INBOX/{html}/body/?q=factura").content.decode()
    assert '<p title="factura">Tu <mark>FACTURA</mark> &amp; más</p>' in frame


@pytest.mark.parametrize(
    "words", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "&amp;", "$1"]
)
def test_marking_lets_nothing_in(browser: Client, imap: Connection, words: str) -> None:
    uid = append.append(imap, "INBOX", html_letter(f"<p>{words}</p><p>a &amp; b</p>")) or 0
    frame = browser.get(f"/folder/INBOX/{uid}/body/", {"q": words}).content.decode()
    assert "<script" not in frame
    assert "onerror" not in frame


def test_printing_shows_who_wrote_it_and_stays_locked(browser: Client, uid: int) -> None:
    answer = browser.get(f"/folder/INBOX/{uid}/print/")
    html = answer.content.decode()
    assert answer["Content-Security-Policy"].startswith("sandbox ")
    assert "<h1>Reunión del martes</h1>" in html
    assert "ana@kronos.test" in html
    assert "<b>mañana</b>" in html
    assert "Hola en texto" in browser.get(f"/folder/INBOX/{uid}/print/?view=plain").content.decode()


def test_marking_as_read_waits_as_chosen(browser: Client, person, imap: Connection, uid: int) -> None:
    chosen = Preferences.objects.create(account=person.address, read_after=5)
    html = page(browser, uid)
    assert 'hx-trigger="load delay:5s"' in html
    assert "\\Seen" not in flags.current(imap, "INBOX", [uid])[uid]
    assert browser.get(f"/folder/INBOX/{uid}/seen/").status_code == 405
    browser.post(f"/folder/INBOX/{uid}/seen/")
    assert "\\Seen" in flags.current(imap, "INBOX", [uid])[uid]
    flags.remove(imap, "INBOX", [uid], ["\\Seen"])
    chosen.read_after = -1
    chosen.save()
    assert "data-marks-read" not in page(browser, uid)
    assert "\\Seen" not in flags.current(imap, "INBOX", [uid])[uid]


def test_a_page_fetched_ahead_marks_the_letter_only_when_it_is_shown(browser: Client, uid: int) -> None:
    ahead = page(browser, uid, headers={"HX-Request": "true", "Purpose": "prefetch"})
    assert 'hx-trigger="load delay:0s"' in ahead
    assert "data-marks-read" not in page(browser, uid, headers={"HX-Request": "true"})


def test_a_file_that_is_not_what_it_says_is_marked(browser: Client, imap: Connection) -> None:
    def with_file(name: str, kind: str) -> str:
        head = ("MIME-Version: 1.0", f"Content-Type: {kind}; name={name}", "Content-Disposition: attachment")
        return page(browser, append.append(imap, "INBOX", letter(*head)) or 0)

    assert "This is a program." in with_file("virus.exe", "application/octet-stream")
    assert "pretends to be a document" in with_file("factura.pdf.exe", "application/pdf")
    assert "one kind of file" in with_file("foto.jpg", "application/pdf")
    assert "one kind of file" in with_file("informe.pdf", "image/png")
    assert "A package of Outlook" in with_file("winmail.dat", "application/ms-tnef")
    assert "attachment--doubt" not in with_file("informe.pdf", "application/pdf")
    assert "attachment--doubt" not in with_file("datos.csv", "application/vnd.ms-excel")


VCARD = (
    "BEGIN:VCARD\nVERSION:3.0\nFN:Rosa Castillo\\, Lima\nORG:Kronos;Ventas\n"
    "EMAIL;TYPE=work:rosa@kronos.test\n"
    "TEL;TYPE=cell:+51 999\nEND:VCARD"
)


def test_a_card_is_shown_and_kept(browser: Client, person, imap: Connection) -> None:
    head = ("MIME-Version: 1.0", "Content-Type: text/vcard; name=rosa.vcf", "Content-Disposition: attachment")
    uid = append.append(imap, "INBOX", letter(*head, body=VCARD)) or 0
    html = page(browser, uid)
    assert "Rosa Castillo, Lima" in html
    assert "Kronos Ventas" in html
    browser.post(f"/folder/INBOX/{uid}/contact/", {"part": "1"})
    contact = Contact.objects.get()
    assert (contact.account, contact.address, contact.phone) == (
        person.address,
        "rosa@kronos.test",
        "+51 999",
    )
    browser.post(f"/folder/INBOX/{uid}/contact/")
    assert Contact.objects.filter(address="ana@kronos.test", name="Ana").exists()


def test_a_receipt_is_offered_and_only_a_person_sends_it(browser: Client, imap: Connection) -> None:
    uid = append.append(imap, "INBOX", letter("Disposition-Notification-To: Ana <ana@kronos.test>")) or 0
    assert "wants to be told that you read this" in page(browser, uid)
    assert "$MDNSent" not in flags.current(imap, "INBOX", [uid])[uid]
    browser.post(f"/folder/INBOX/{uid}/receipt/", {"answer": "no"})
    assert "wants to be told" not in page(browser, uid)
    assert browser.post(f"/folder/INBOX/{uid}/receipt/", {"answer": "yes"}).status_code == 404


def test_a_receipt_to_somebody_else_says_so(browser: Client, imap: Connection) -> None:
    odd = append.append(imap, "INBOX", letter("Disposition-Notification-To: spy@evil.example")) or 0
    assert "spy@evil.example, who is not the sender" in page(browser, odd)
    several = append.append(imap, "INBOX", letter("Disposition-Notification-To: a@b.test, c@d.test")) or 0
    assert "wants to be told" not in page(browser, several)


def test_the_receipt_is_a_proper_one() -> None:
    from datetime import UTC, datetime

    from webmail.mime import receipts
    from webmail.types import Address

    octets = receipts.written(
        Address("Luis Peña", "luis@kronos.test"),
        "ana@kronos.test",
        "Leído: año\r\nBcc: x@y.test",
        "<1@kronos.test>",
        datetime(2026, 11, 27, tzinfo=UTC),
    )
    found = message_from_bytes(octets, policy=policy.default)
    assert found["Bcc"] is None
    assert found["To"] == "ana@kronos.test"
    assert found["Auto-Submitted"] == "auto-replied"
    assert found.get_content_type() == "multipart/report"
    assert found.get_param("report-type") == "disposition-notification"
    note = found.get_payload(1).as_string()  # type: ignore[union-attr]
    assert "Final-Recipient: rfc822;luis@kronos.test" in note
    assert "Original-Message-ID: <1@kronos.test>" in note
    assert "Disposition: manual-action/MDN-sent-manually; displayed" in note


def test_a_stranger_is_named_and_a_look_alike_exposed(browser: Client, person, imap: Connection) -> None:
    first = append.append(imap, "INBOX", letter()) or 0
    htmx = {"HX-Request": "true"}
    assert "writes to you for the first time" in page(browser, first, "sender/", headers=htmx)
    Contact.objects.create(account=person.address, address="luis@banco.pe")
    alike = letter().replace(b"ana@kronos.test", b"luis@banc0.pe")
    uid = append.append(imap, "INBOX", alike) or 0
    assert "luis@banc0.pe is not luis@banco.pe" in page(browser, uid, "sender/", headers=htmx)
    assert "Looks like" in page(browser, uid, "sender/")
    known = append.append(imap, "INBOX", letter().replace(b"ana@kronos.test", b"luis@banco.pe")) or 0
    assert page(browser, known, "sender/", headers=htmx).strip() == ""


@pytest.mark.parametrize(
    ("address", "other", "same"),
    [
        ("ana@kr0nos.test", "ana@kronos.test", True),
        ("ana@kronos.test", "ana@kronos.test", False),
        ("ana@krnoos.test", "ana@kronos.test", True),
        ("ana@kronos.tes", "ana@kronos.test", True),
        ("ana@xn--krnos-1ta.test", "ana@kronos.test", True),
        ("ana1@kronos.test", "ana2@kronos.test", False),
        ("ana@otra.test", "ana@kronos.test", False),
        ("аna@kronos.test", "ana@kronos.test", True),
    ],
)
def test_addresses_that_look_alike(address: str, other: str, same: bool) -> None:
    from webmail.mime import suspicion

    assert bool(suspicion.resembles(address, [other])) is same


def test_settings_are_kept_and_hold(browser: Client, person, imap: Connection, letters: list[int]) -> None:
    html = browser.get("/settings/").content.decode()
    fields = dict(re.findall(r'<select name="(\w+)".*?<option value="([^"]*)" selected', html, re.S))
    answer = browser.post("/settings/", {**fields, "page_size": "25", "density": "dense", "read_after": "2"})
    assert answer.status_code == 302
    chosen = Preferences.objects.get(account=person.address)
    assert (chosen.page_size, chosen.density, chosen.read_after) == (25, "dense", 2)
    assert browser.post("/settings/", {**fields, "page_size": "100000"}).status_code == 422
    browser.post("/settings/beginning/")
    assert not Preferences.objects.exists()


def test_a_whole_page_links_to_the_letter_and_shows_enclosed_pictures(
    browser: Client, imap: Connection, uid: int
) -> None:
    html = page(browser, uid)
    assert f'href="/folder/INBOX/{uid}/headers/"' in html
    assert 'loading="lazy"' not in html  # the logo stands in the letter
    head = ("MIME-Version: 1.0", "Content-Type: image/png; name=a.png", "Content-Disposition: attachment")
    with_picture = append.append(imap, "INBOX", letter(*head)) or 0
    assert f'<img src="/folder/INBOX/{with_picture}/part/1/?inline=1"' in page(browser, with_picture)


def test_the_next_letter_opens_after_archiving_where_that_was_chosen(
    browser: Client, person, letters: list[int]
) -> None:
    def archive(uid: int) -> str:
        answer = browser.post(
            "/folder/INBOX/actions/", {"action": f"archive:{uid}", "reader": "yes"}, headers={}
        )
        return str(answer["Location"])

    assert archive(letters[5]) == "/folder/INBOX/?"
    Preferences.objects.create(account=person.address, after_move="next")
    assert archive(letters[4]) == f"/folder/INBOX/{letters[3]}/"
    assert archive(letters[0]) == "/folder/INBOX/?"
