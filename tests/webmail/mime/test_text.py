"""Plain text becomes HTML token by token: whatever it holds, it stays text."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from webmail.mime import quotes, text

ALLOWED = {
    "a": {"href", "target", "rel"},
    "details": {"open", "class"},
    "div": {"class"},
    "blockquote": set[str](),
    "summary": set[str](),
    "mark": set[str](),
}
PIECES = st.sampled_from(
    ["<", ">", "&", '"', "'", "<script>", "</script>", "[<script>alert(1)</script>] http://x.test", "mailto:a@b.test<img/src=x>",
     "javascript:alert(1)", "http://x.test/", "https://a.test/?q=\"><img src=x onerror=alert(1)>", "www.a.test", "ana@b.test", "> ", ">> ",
     "\n", " ", ")", "(", "&lt;", "&#60;", "\u202e", "é", "漢", "@", ".", "http://", "www.", "a" * 70, "[1]: <http://y.test>", "\t"]
)  # fmt: skip
SOUP = st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=60).map("".join))


class Seen(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attributes}))

    def handle_data(self, data: str) -> None:
        self.words += data


@given(SOUP)
@settings(max_examples=400, deadline=None)
@example("[<script>alert(1)</script>] http://x.test/")
@example("mailto:a@b.test<img/src=x/onerror=alert(1)>")
@example("http://x.test/'onmouseover='alert(1)")
def test_only_our_own_tags_come_out(soup: str) -> None:
    marked = quotes.finding(("script", "img", "a"))
    for html in (text.to_html(soup), text.to_html(soup, mailto="/compose/?mailto=", marked=marked)):
        for tag, attributes in Seen(html).tags:
            assert tag in ALLOWED, tag
            assert set(attributes) <= ALLOWED[tag]
            if tag == "a":
                assert re.match(r"https?://|mailto:|/compose/\?mailto=|$", attributes["href"])
                assert attributes["rel"] == "noopener noreferrer"


@given(SOUP)
@settings(max_examples=300, deadline=None)
def test_no_word_is_lost(soup: str) -> None:
    def bare(value: str) -> str:
        return re.sub(r"[\s>…]+", "", value)

    assert bare(Seen(text.to_html(soup)).words) == bare(soup)
    assert unescape("&lt;") == "<"


@pytest.mark.parametrize(
    "bomb",
    ["> " * 200_000 + "x", ">" * 500_000, "http://x.test/" * 60_000, "a@b." * 200_000, "www." * 200_000, "mailto:" * 100_000,
     "(" * 300_000 + "http://x.test" + ")" * 300_000, ("> a\n>> b\n" * 60_000), "@" * 500_000, "a" * 900_000, "http://x.test/" + ")" * 400_000],
    ids=range(11),
)  # fmt: skip
def test_bombs_stay_in_proportion(bomb: str) -> None:
    assert len(text.to_html(bomb)) <= 30 * len(bomb) + 2000 * 200
