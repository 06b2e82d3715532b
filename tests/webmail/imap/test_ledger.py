"""What is kept of every letter answers as Dovecot does, whatever stands in the letters."""

import base64
import random
from collections.abc import Iterator

import pytest

from postie_web.lib.credentials import Credentials
from tests.webmail import dovecot
from webmail.imap import append, ledger, move, search, subjects, threads
from webmail.imap.answers import View
from webmail.imap.connection import Connection
from webmail.imap.listing import Wanted

WORDS = [
    *("Informe", "pedido", "AÑO", "año", "niño", "Straße", "İstanbul", "Ωμέγα", "ΣΊΣΥΦΟΣ", "ёлка", "ŉ"),
    *(
        "会議",
        "の資料",
        "カタカナ",
        "한국어",
        "회의",
        "Ｆｕｌｌ",
        "½",
        "№5",
        "😀",
        "e\u0301t\u00e9",
        "a\u00a0b",
    ),
    *("[list]", "Re:", "(urgente)", "100%", "ẞ", "x" * 40),
]
RARE = ["ﷺ", "ⅷ", "ǅ", "\u01c6ep", "ᾳ", "Ǆ", "\u0345", "ﬁn"]


@pytest.fixture(autouse=True)
def worth_it(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(ledger, "SMALLEST", 3)
    ledger.SHELF.clear()
    threads.KEPT.clear()
    yield
    ledger.SHELF.clear()
    threads.KEPT.clear()


@pytest.fixture
def other(mail: dovecot.Dovecot, person: Credentials) -> Iterator[Connection]:
    connection = mail.open(person.address)
    yield connection
    connection.log_out()


def fill(imap: Connection) -> None:
    while ledger.grow(imap, "INBOX"):
        pass


def kept(imap: Connection) -> ledger.Ledger:
    found = ledger.of(imap, imap.select("INBOX"))
    assert found is not None
    return found


def encoded(chance: random.Random, text: str) -> str:
    """As programs write it, rightly and wrongly."""
    octets = text.encode()
    kind = chance.randrange(60)
    if kind > 6 and not text.isascii():
        kind = 1 + kind % 2
    if kind == 0 and len(octets) > 3:
        cut = chance.randrange(1, len(octets))  # perhaps in the middle of a character
        return " ".join(f"=?utf-8?B?{base64.b64encode(x).decode()}?=" for x in (octets[:cut], octets[cut:]))
    if kind == 1:
        return f"=?UTF-8?b?{base64.b64encode(octets).decode()}?="
    if kind == 2:
        return "=?utf-8?q?" + "".join(f"={octet:02X}" for octet in octets).replace("=20", "_") + "?="
    if kind == 3:
        return f"=?iso-8859-1?Q?{''.join(f'={o:02x}' for o in text.encode('latin-1', 'replace'))}?="
    if kind == 4:
        return f"=?no-such-set?B?{base64.b64encode(octets).decode()}?="
    if kind == 5:
        return f"antes=?utf-8?B?{base64.b64encode(octets).decode()}?=despues"
    return text


def subject(chance: random.Random) -> str:
    pieces = [
        encoded(chance, chance.choice(WORDS if chance.random() < 0.97 else RARE))
        for _ in range(chance.randrange(1, 5))
    ]
    return chance.choice([*[" "] * 20, "  ", "\r\n ", "\r\n ", "\r\n\t"]).join(pieces)


def letter(chance: random.Random, number: int) -> bytes:
    lines = [
        f"From: n{number}@kronos.test",
        *(f"Subject: {subject(chance)}" for _ in range(chance.choice([0, *[1] * 20, 2]))),
    ]
    return ("\r\n".join(lines) + "\r\n\r\nx\r\n").encode()


def asked(chance: random.Random) -> str:
    word = chance.choice([*WORDS, *RARE])
    start = chance.randrange(len(word))
    part = word[start : start + chance.randrange(1, 5)]
    return chance.choice(
        [word, part, part.swapcase(), f"{word} {chance.choice(WORDS)}", f"{word}  a", f" {word}"]
    )


@pytest.mark.parametrize("seed", range(4))
def test_subjects_are_found_as_dovecot_finds_them(imap: Connection, other: Connection, seed: int) -> None:
    chance = random.Random(seed)
    for number in range(120):
        append.append(imap, "INBOX", letter(chance, number))
    fill(imap)
    answered = 0
    for number in range(250):
        if number % 25 == 0:
            append.append(other, "INBOX", letter(chance, number))
            move.expunge(other, "INBOX", [chance.randrange(1, 120)])
        words = asked(chance)
        criteria = search.text("subject", words)
        if chance.random() < 0.2:
            criteria = search.both(criteria, search.text("subject", asked(chance)))
        view = imap.select("INBOX")
        ours = search._by_subject(imap, view, criteria)
        theirs = search.matching(imap, criteria)
        assert ours is None or sorted(ours) == sorted(theirs), (words, criteria)
        answered += ours is not None
    assert answered > 80


def test_plain_subjects_do_not_ask_the_server(imap: Connection, letters: list[int]) -> None:
    fill(imap)
    assert kept(imap).having([subjects.needle("carta 3") or b""]) == [letters[2]]
    assert list(search.uids(imap, "INBOX", search.text("subject", "CARTA"))) == letters[::-1]
    assert kept(imap).odd() == []


def test_a_folder_made_anew_has_a_ledger_of_its_own(imap: Connection, letters: list[int]) -> None:
    fill(imap)
    move.expunge(imap, "INBOX", letters[:3])
    assert list(search.uids(imap, "INBOX", search.text("subject", "carta"))) == letters[:2:-1]
    move.expunge(imap, "INBOX", letters[3:5])
    assert ledger.of(imap, imap.select("INBOX")) is None, "most of it is gone"


def test_what_is_kept_is_bounded() -> None:
    shelf = ledger.Shelf(most=40_000)
    for number in range(20):
        one = ledger.Ledger([], 1)
        one.append({uid: f"Subject: {uid:0100}\r\n\r\n".encode() for uid in range(1, 100)}, 100)
        shelf.finish((f"{number}", "INBOX", 1), one)
    assert 0 < shelf.octets <= 40_000
    assert shelf.get(("19", "INBOX", 1))
    assert not shelf.get(("0", "INBOX", 1))


def chain(chance: random.Random, number: int) -> bytes:
    """A letter that answers others, rightly or oddly."""

    def name(low: int = 0) -> str:
        return f"<{chance.randrange(low, number + 6)}@kronos.test>"

    lines = [f"From: n{number}@kronos.test", "Subject: Re: lo mismo"]
    own = chance.random()
    if own < 0.85:
        lines.append(f"Message-ID: <{number}@kronos.test>")
    elif own < 0.93:
        lines.append(f"Message-ID: {name()}")
    elif own < 0.96:
        lines.append(f"Message-ID: roto <{number} @kronos.test> (x)")
    kind = chance.random()
    near = max(0, number - 8)
    if 0.3 < kind < 0.7:
        lines.append(f"In-Reply-To: {name(near)}")
    if kind > 0.5:
        lines.append(
            "References: "
            + chance.choice([" ", "\r\n\t"]).join(name(near) for _ in range(chance.randrange(1, 4)))
        )
    elif kind < 0.05:
        lines.append(f'References: <perdido{chance.randrange(3)}@x> nada, {name()} "')
    return ("\r\n".join(lines) + "\r\n\r\nx\r\n").encode()


def shape(imap: Connection) -> list[tuple[int, ...]]:
    return [c.uids for c in threads.page(imap, "INBOX", Wanted(size=200)).conversations]


@pytest.mark.parametrize("seed", range(6))
def test_new_letters_join_the_conversations_dovecot_joins_them_to(
    mail: dovecot.Dovecot,
    person: Credentials,
    imap: Connection,
    other: Connection,
    seed: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chance = random.Random(seed)
    for number in range(30):
        append.append(imap, "INBOX", chain(chance, number))
    fill(imap)
    shape(imap)
    joined = 0
    whole, calls = threads._asked, list[str]()

    def listen(connection: Connection, folder: str, view: View) -> list[list[int]]:
        calls.append(folder)
        return whole(connection, folder, view)

    monkeypatch.setattr(threads, "_asked", listen)
    for number in range(30, 110):
        for _ in range(chance.choice([1, 1, 1, 2])):
            append.append(other, "INBOX", chain(chance, number))
        if chance.random() < 0.1:
            move.expunge(other, "INBOX", [chance.randrange(1, number)])
        calls.clear()
        seen = shape(imap)
        joined += not calls
        threads.KEPT.clear()
        fresh = mail.open(person.address)
        truth = threads.flattened(whole(fresh, "INBOX", fresh.select("INBOX")))
        fresh.log_out()
        assert seen == [truth.members(place) for place in range(len(truth))], number
        shape(imap)
    assert joined > 8
