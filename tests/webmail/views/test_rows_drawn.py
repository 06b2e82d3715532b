"""Rows of a list hold what strangers wrote, and stay rows: a browser reads all of it as text."""

from datetime import UTC, datetime
from html.parser import HTMLParser

from hypothesis import example, given, settings
from hypothesis import strategies as st

from webmail.types import Address, Conversation, Envelope, Message
from webmail.views import rows

HOSTILE = [
    '"><script>x</script>',
    "<li data-uid=1>",
    "&amp;amp;",
    "' onclick='x",
    "\x02uid\x03",
    "{{ row.uid }}",
    "%s",
]
strangers = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40).filter(str.strip),
)


class Seen(HTMLParser):
    """Elements by class with their text, and every element's name."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs
        if tag not in ("input", "use"):
            self._open.append(dict(attrs).get("class") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("input", "use"):
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[self._open[-1]] = self.texts.get(self._open[-1], "") + data


def letter(subject: str, name: str, preview: str) -> Message:
    sender = (Address(name, "a@example.org"),)
    envelope = Envelope(subject=subject, sender=sender, to=sender)
    moment = datetime(2024, 5, 3, 19, 5, tzinfo=UTC)
    return Message(uid=7, envelope=envelope, size=2048, arrived=moment, preview=preview)


PLAIN = Seen(rows.draw([letter("a", "b", "c")], "INBOX", (), outgoing=False)[0])


@given(subject=strangers, name=strangers, preview=strangers, outgoing=st.booleans())
@settings(max_examples=300, deadline=None)
@example(subject=HOSTILE[0], name=HOSTILE[0], preview=HOSTILE[0], outgoing=True)
def test_a_row_is_text(subject: str, name: str, preview: str, *, outgoing: bool) -> None:
    row = rows.draw([letter(subject, name, preview)], "INBOX", (), outgoing=outgoing)[0]
    seen = Seen(row)
    assert seen.names == PLAIN.names
    assert [key for key, _ in seen.attributes] == [key for key, _ in PLAIN.attributes]
    assert seen.texts["message-row__subject"] == subject
    assert seen.texts["message-row__preview"] == preview
    assert seen.texts["message-row__from"].endswith(name)
    labels = [value or "" for key, value in seen.attributes if key == "aria-label"]
    assert sum(value.endswith(f": {subject}") for value in labels) >= 4


@given(subject=strangers, name=strangers, word=strangers)
@settings(max_examples=150, deadline=None)
def test_marked_words_are_text(subject: str, name: str, word: str) -> None:
    style = rows.Style(words=(word,))
    row = rows.draw([letter(subject, name, "c")], "INBOX", (), outgoing=False, style=style)[0]
    assert set(Seen(row).names) <= {*PLAIN.names, "mark"}


@given(subject=strangers, name=strangers)
@settings(max_examples=150, deadline=None)
def test_a_conversation_is_text(subject: str, name: str) -> None:
    newest = letter(subject, name, "c")
    one = Conversation(newest=newest, uids=(6, 7), people=newest.envelope.sender)
    seen = Seen(rows.draw_conversations([one], "INBOX", ("hypothesis", subject, name), outgoing=False)[0])
    assert seen.texts["message-row__subject"] == subject
    assert name in seen.texts["message-row__from"]
    assert "script" not in seen.names
