"""Truth: another client changes the mailbox at random; every page asked for equals what IMAP says.

Steps are seeded: POSTIE_TRUTH_SEED and POSTIE_TRUTH_STEPS choose others.
"""

import os
import random
import re
from collections.abc import Callable
from html import unescape

from django.test import Client

from tests.webmail import dovecot
from webmail.imap import append, errors, fetch, flags, folders, move
from webmail.imap.connection import Connection
from webmail.imap.wire import Atom

STEPS = int(os.environ.get("POSTIE_TRUTH_STEPS", "500"))
SEED = int(os.environ.get("POSTIE_TRUTH_SEED", "20261123"))
HTMX = {"HX-Request": "true"}
ROW = re.compile(r'<li class="message-row" data-uid="(\d+)"( data-unread)?>(.*?)</li>', re.DOTALL)
Row = tuple[int, bool, bool, str]


class OtherClient:
    """Somebody with a mail program and quick fingers."""

    def __init__(self, connect: Callable[[], Connection], dice: random.Random) -> None:
        self.connect, self.dice, self.number = connect, dice, 0
        self.imap = connect()
        self.folders = ["INBOX", "Uno", "Uno/Dos", "Trash"]
        for name in self.folders[1:3]:
            folders.create(self.imap, name)

    def step(self) -> None:
        acts: list[Callable[[], None]] = [
            self.mail,
            self.mail,
            self.flag,
            self.flag,
            self.flag,
            self.move,
            self.delete,
        ]
        if self.dice.random() < 0.05:
            acts = [self.rename, self.start_over]
        try:
            self.dice.choice(acts)()
        except errors.Unavailable:
            # Dovecot's "internal error" after a folder was made anew under it: any mail program reconnects.
            self.imap.close()
            self.imap = self.connect()

    def mail(self) -> None:
        for _ in range(self.dice.choice([1, 1, 1, 4])):
            self.number += 1
            append.append(
                self.imap, self.folder(), dovecot.letter(self.number, f"Carta número {self.number}")
            )

    def flag(self) -> None:
        name = self.folder()
        for uid in self.some(name):
            change = self.dice.choice([flags.add, flags.remove])
            change(self.imap, name, [uid], [self.dice.choice(["\\Seen", "\\Flagged", "Trabajo"])])

    def move(self) -> None:
        name = self.folder()
        if uids := self.some(name):
            move.move(self.imap, name, uids, self.folder())

    def delete(self) -> None:
        name = self.folder()
        if uids := self.some(name):
            move.expunge(self.imap, name, uids)

    def rename(self) -> None:
        new = f"Uno/Dos {self.dice.randrange(99)}" if self.folders[2] == "Uno/Dos" else "Uno/Dos"
        folders.rename(self.imap, self.folders[2], new)
        self.folders[2] = new

    def start_over(self) -> None:
        """The same name, another uidvalidity, the same uids."""
        folders.delete(self.imap, self.folders[2])
        folders.create(self.imap, self.folders[2])
        for _ in range(3):
            self.mail()

    def folder(self) -> str:
        return self.dice.choice(self.folders)

    def some(self, name: str) -> list[int]:
        uids = folders.all_uids(self.imap, name)
        return self.dice.sample(uids, min(len(uids), self.dice.choice([1, 1, 2, 5])))


def shown(browser: Client, address: str) -> list[Row]:
    answer = browser.get(address, headers=HTMX)
    assert answer.status_code == 200, address
    return [
        (
            int(uid),
            bool(unread),
            "message-row__star" in rest,
            unescape(re.findall(r'message-row__subject">([^<]*)<', rest)[0]),
        )
        for uid, unread, rest in ROW.findall(answer.content.decode())
    ]


def true(fresh: Connection, name: str, wanted: Callable[[frozenset[str]], bool]) -> list[Row]:
    """The same from IMAP alone: a new connection, one question about everything, nothing cached."""
    fresh.select(name)
    asked = (Atom("UID"), Atom("FLAGS"), Atom("BODY.PEEK[HEADER.FIELDS (SUBJECT)]"))
    answer = fresh.run(Atom("UID"), Atom("FETCH"), Atom("1:*"), asked)
    rows = []
    for uid, values in sorted(fetch.by_uid(answer).items(), reverse=True):
        marks = fetch.flags_from(values)
        if wanted(marks):
            header = next(value for key, value in values.items() if key.startswith(b"BODY["))
            subject = header.decode().strip().removeprefix("Subject: ")  # as we wrote it: plain UTF-8
            rows.append((uid, "\\Seen" not in marks, "\\Flagged" in marks, subject))
    return rows


def test_every_page_is_true(browser: Client, mail: dovecot.Dovecot, person) -> None:
    dice = random.Random(SEED)
    other = OtherClient(lambda: mail.open(person.address), dice)
    checked = 0
    for step in range(STEPS):
        other.step()
        if dice.random() < 0.6:
            continue
        name = other.folder()
        address = browser.get("/folders/tree/").content.decode()
        link = re.search(rf'href="([^"]+)"[^>]*data-folder="{re.escape(name)}"', address)
        assert link, f"step {step}: {name} is not in the tree"
        fresh = mail.open(person.address)
        show, wanted = dice.choice(
            [
                ("", lambda f: True),
                ("?show=unread", lambda f: "\\Seen" not in f),
                ("?show=flagged", lambda f: "\\Flagged" in f),
            ]
        )
        expected = true(fresh, name, wanted)
        pages = range(1, max(1, -(-len(expected) // 50)) + 1)
        found = [row for n in pages for row in shown(browser, f"{link[1]}{show or '?'}&page={n}")]
        assert found == expected, f"step {step}, {name}{show}"
        status = folders.status(fresh, name)
        assert (len(expected) if not show else status.messages) == status.messages
        fresh.log_out()
        checked += 1
    other.imap.log_out()
    assert checked > STEPS / 5


def test_every_act_of_ours_is_true_too(
    browser: Client, mail: dovecot.Dovecot, imap: Connection, person
) -> None:
    """Both change things: nothing is lost, nothing is doubled."""
    dice = random.Random(SEED + 1)
    for number in range(40):
        append.append(imap, "INBOX", dovecot.letter(number))
    folders.ensure(imap, "archive")
    for _ in range(60):
        name = dice.choice(["INBOX", "Archive", "Trash", "Junk"])
        rows = shown(browser, f"/folder/{name}/")
        if not rows:
            continue
        uids = [row[0] for row in dice.sample(rows, min(3, len(rows)))]
        if dice.random() < 0.4:
            move.move(
                imap, name, uids[:1], dice.choice(["INBOX", "Archive", "Trash"])
            )  # somebody was quicker
        action = dice.choice(["archive", "trash", "junk", "not-junk", "read", "flag"])
        answer = browser.post(f"/folder/{name}/actions/", {"action": action, "uid": uids}, headers=HTMX)
        undo = re.search(r'"undo": "([^"]+)"', answer.headers.get("HX-Trigger", ""))
        if undo and dice.random() < 0.5:
            browser.post(undo[1], headers=HTMX)
        assert sum(folder.messages for folder in folders.tree(imap)) == 40
    with_ids = {
        fetch.whole(imap, f.name, uid).message.envelope.message_id
        for f in folders.tree(imap)
        for uid in folders.all_uids(imap, f.name)
    }
    assert len(with_ids) == 40
