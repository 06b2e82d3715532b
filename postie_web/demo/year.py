"""A year of mail for three people: which message stands in whose folder, with which flags, since when."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from postie_web.demo import messages, notices
from postie_web.demo.letters import CONVERSATIONS, Conversation
from postie_web.demo.people import ANA, EVERYBODY, LUIS, ROSA, STAFF, Person

FOLDERS = ("Proyectos", "Proyectos/Talleres", "Proyectos/Feria", "Facturas")
ROUNDS = 3  # every conversation comes back with the next season
HOST, ENGLISH_HOST = "hojas-sueltas.test", "openlibraries.test"


@dataclass(frozen=True, slots=True)
class Item:
    owner: str
    folder: str
    message: bytes
    when: datetime
    flags: tuple[str, ...] = ()


def year(now: datetime) -> list[Item]:
    """The same for the same `now`, oldest first."""
    chance = random.Random(340)  # noqa: S311  not a secret: the demonstration should look alike everywhere
    items = [
        *_conversations(now, chance),
        *_newsletters(now, chance),
        *_bills(now, chance),
        *_junk(now, chance),
        *_special(now),
    ]
    return sorted(items, key=lambda item: item.when)


def _seen(when: datetime, now: datetime, *more: str) -> tuple[str, ...]:
    return ("\\Seen", *more) if now - when > timedelta(days=4) else more


def _conversations(now: datetime, chance: random.Random) -> Iterator[Item]:
    for season in range(ROUNDS):
        for number, conversation in enumerate(CONVERSATIONS):
            days = season * 118 + number * 9 + chance.random() * 4 + 0.3
            yield from _conversation(conversation, now - timedelta(days=days), now, season)


def _conversation(conversation: Conversation, begin: datetime, now: datetime, season: int) -> Iterator[Item]:
    before, quoted, writer, when = None, "", "", begin
    subject = conversation.subject if not season else f"{conversation.subject} ({begin:%m/%Y})"
    for number, (who, text) in enumerate(conversation.letters):
        sender = EVERYBODY[who]
        to = [EVERYBODY[name] for name in conversation.people if name != who]
        title = subject if before is None else f"Re: {subject}"
        message = messages.letter(title, sender, to, text, when)
        if before is None:
            messages.attach(message, conversation.document, when)
        else:
            messages.answer(message, before, quoted, writer)
        last = number == len(conversation.letters) - 1
        for person in STAFF:
            if person is sender:
                yield Item(person.address, "Sent", message.as_bytes(), when, ("\\Seen",))
            elif person in to:
                answered = (
                    ()
                    if last
                    else ("\\Answered",)
                    if conversation.letters[number + 1][0] == _key(person)
                    else ()
                )
                flagged = ("\\Flagged",) if last and season == 0 and number > 2 else ()
                folder = (conversation.folder if season else "") or "INBOX"
                yield Item(
                    person.address, folder, message.as_bytes(), when, _seen(when, now, *answered, *flagged)
                )
        before, quoted, writer = message, text, sender.name
        when = min(when + timedelta(hours=5.3 + number * 3), now - timedelta(minutes=20 - number))


def _key(person: Person) -> str:
    return person.first_name.lower()


def _newsletters(now: datetime, chance: random.Random) -> Iterator[Item]:
    for week in range(50):
        english = week % 3 == 2
        title, text = (notices.ENGLISH_NEWS if english else notices.NEWS)[week % (4 if english else 8)]
        host = ENGLISH_HOST if english else HOST
        name = "Open Libraries" if english else "Hojas Sueltas"
        owner = (ANA, ROSA, LUIS)[week % 3] if week % 4 else ANA
        when = now - timedelta(days=week * 7 + 1, hours=chance.random() * 6)
        message = messages.letter(title, Person(name, f"boletin@{host}"), [owner], f"{title}\n\n{text}", when)
        words = ("Read on", "You get this letter because you asked for it.", "Unsubscribe")
        if not english:
            words = ("Seguir leyendo", "Recibes este boletín porque te suscribiste.", "Darse de baja")
        issue = {"language": "en" if english else "es", "host": host, "name": name, "number": str(60 - week)}
        issue |= {"title": title, "text": text, "more": words[0], "foot": words[1], "leave": words[2]}
        folder = "INBOX" if week < 14 else "Archive"
        yield Item(
            owner.address, folder, messages.newsletter(message, issue).as_bytes(), when, _seen(when, now)
        )


def _bills(now: datetime, chance: random.Random) -> Iterator[Item]:
    for month in range(12):
        for number, bill in enumerate(notices.BILLS):
            when = now - timedelta(days=month * 30 + 3 + number * 2)
            figures = {
                "month": notices.MONTHS[when.month - 1],
                "number": chance.randint(120, 480),
                "amount": f"{chance.uniform(60, 390):.2f}",
            }
            sender = Person(bill.sender, bill.address)
            text = bill.text.format(**figures)
            message = messages.letter(bill.subject.format(**figures), sender, [LUIS], text, when)
            if number == 2:
                messages.attach(message, "pdf", when)
            folder = "INBOX" if month < 2 else "Facturas"
            yield Item(LUIS.address, folder, message.as_bytes(), when, _seen(when, now))


def _junk(now: datetime, chance: random.Random) -> Iterator[Item]:
    for number in range(15):
        subject, address, text = notices.JUNK[number % len(notices.JUNK)]
        owner = STAFF[number % 3]
        when = now - timedelta(days=number * 1.7, hours=chance.random() * 9)
        message = messages.letter(subject, Person(address.partition("@")[0], address), [owner], text, when)
        yield Item(owner.address, "Junk", message.as_bytes(), when, ("Junk",))


def _special(now: datetime) -> Iterator[Item]:
    """An invitation for each guest, and a letter nobody has finished."""
    when, begin = now - timedelta(hours=26), now + timedelta(days=4)
    guests = [ANA, ROSA]
    text = "Hola:\n\nLes dejo la invitación para planificar el festival. ¿Confirman?\n\nLuis"
    message = messages.letter("Planificación del festival", LUIS, guests, text, when)
    octets = messages.invite(message, LUIS, guests, begin).as_bytes()
    yield Item(LUIS.address, "Sent", octets, when, ("\\Seen",))
    for guest in guests:
        yield Item(guest.address, "INBOX", octets, when, ())
    when = now - timedelta(hours=3)
    draft = messages.letter(
        "Agradecimiento a la imprenta", ANA, [EVERYBODY["jorge"]], "Estimado Jorge:\n\n", when
    )
    yield Item(ANA.address, "Drafts", draft.as_bytes(), when, ("\\Draft", "\\Seen"))
