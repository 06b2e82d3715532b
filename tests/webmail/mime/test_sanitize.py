"""Whatever goes in, only what shows comes out; and what came out stays as it is."""

import re
from html import unescape
from html.parser import HTMLParser

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webmail.mime import css, sanitize, suspicion
from webmail.mime.sanitize import Policy

from .attacks import ALL, CANARY


class Nodes(HTMLParser):
    """Every tag and attribute of what our sanitiser wrote."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attributes}))


def harmless(html: str) -> None:
    style = re.match(r"<style>(.*?)</style>", html, re.DOTALL)
    if style:
        assert not re.search(r"[<>\\]|url|@(?!media)|expression", style[1].replace(">", ""), re.IGNORECASE)
        html = html[style.end() :]
    # html5ever reads its own writing back unchanged: a browser's parser sees what we see.
    for tag, attributes in Nodes(html).found:
        assert tag in sanitize.TAGS
        for name, value in attributes.items():
            assert not name.startswith("on")
            assert name not in (
                "srcset",
                "background",
                "srcdoc",
                "action",
                "id",
                "ping",
                "formaction",
                "xlink:href",
            )
            if name in ("src", "href"):
                assert re.match(
                    r"(https?:|mailto:|tel:)"
                    if name == "href"
                    else r"data:image/(png|jpe?g|gif|webp|avif|bmp);",
                    value,
                )
            if name == "style":
                assert not re.search(r"url|\\|expression|position|@", unescape(value), re.IGNORECASE)


def test_there_are_enough_attacks() -> None:
    assert len(ALL) >= 300


@pytest.mark.parametrize("vector", ALL, ids=range(len(ALL)))
def test_attacks_lose_their_teeth(vector: str) -> None:
    clean = sanitize.sanitize(vector)
    harmless(clean.html)
    assert sanitize.sanitize(clean.html).html == clean.html


PIECES = st.sampled_from(
    ["<b>", "</b>", "<p>", "</p>", "<table>", "<td>", "</table>", "<svg>", "</svg>", "<math>", "<style>", "</style>", "<!--", "-->",
     "<script>", "</script>", "<a href='", "'>", '">', "<img src=", "<![CDATA[", "]]>", "<title>", "</title>", "<font color=", "&lt;", "&#x3c;",
     "javascript:", "style='", "url(", ")", ";", ":", "\\", "\0", "color", "{", "}", "@media", "<select>", "<template>", "<mglyph>", "\ud800", "é", " ", "x"]
)  # fmt: skip
SOUP = st.one_of(
    st.text(max_size=300),
    st.lists(PIECES, max_size=60).map("".join),
    st.lists(st.sampled_from(ALL), max_size=4).map("".join),
)


@given(SOUP)
@settings(max_examples=300, deadline=None)
def test_cleaning_twice_changes_nothing_and_leaves_nothing(soup: str) -> None:
    clean = sanitize.sanitize(soup)
    harmless(clean.html)
    assert sanitize.sanitize(clean.html).html == clean.html
    assert len(clean.html) <= 60 * len(soup) + 1000


@given(SOUP)
@settings(max_examples=100, deadline=None)
def test_a_second_parser_agrees(soup: str) -> None:
    clean = sanitize.sanitize(soup).html
    body = re.sub(r"^<style>.*?</style>", "", clean, flags=re.DOTALL)
    attributes = {"*": {"*"}}
    again = nh3.clean(
        body,
        tags=set(sanitize.TAGS),
        attributes={**{t: {"href", "src", "style"} for t in sanitize.TAGS}, **attributes},
        link_rel=None,
    )
    assert "<script" not in again


@pytest.mark.parametrize(
    "bomb",
    [
        "<div>" * 60_000 + "<p>" * 60_000,
        "".join(f"<font a={n}>" for n in range(8000)) + "<p>x" * 8000,
        "".join(f"<font color={n}><table><td></font></table>" for n in range(4000)) + "<p>x" * 8000,
        "<a href='" * 100_000,
        "<!--" * 300_000,
        "<" * 900_000,
        "<style>" + "a{" * 90_000,
        f"<p style='{'(' * 90_000}'>",
        "<a " + "a=1 " * 200_000 + ">",
        "<b><p>" * 30_000,
        "<table>" * 30_000 + "x" * 1000,
        "<style>a{color:red}</style>" * 30_000,
        "&" * 900_000,
        "<svg><desc>" * 30_000,
    ],
    ids=range(14),
)
def test_bombs_stay_in_proportion(bomb: str) -> None:
    clean = sanitize.sanitize(bomb)
    assert len(clean.html) <= 5 * len(bomb)
    assert (
        sanitize.sanitize(clean.html).html == clean.html
        or clean.truncated
        or len(clean.html) > sanitize.LARGEST
    )


def test_what_was_blocked_is_counted() -> None:
    letter = (
        "<img src=http://a.test/pic.png width=600><img src=//b.test/x.gif width=1 height=1><table background=http://c.test/x>"
        "<a href='https://shop.test/?id=7&utm_source=mail&fbclid=1'>x</a><p style='background:url(http://d.test/y)'>x</p>"
    )
    clean = sanitize.sanitize(letter)
    assert (clean.blocked.remote, clean.blocked.trackers, clean.blocked.link_parameters) == (3, 1, 1)
    assert clean.blocked.hosts == {"a.test", "d.test"}
    assert 'href="https://shop.test/?id=7"' in clean.html


def test_allowed_pictures_go_through_our_door_only() -> None:
    policy = Policy(remote=lambda url: f"https://us.test/picture/{len(url)}/")
    clean = sanitize.sanitize(
        f"<img src={CANARY}><p style='background:url({CANARY})'>x</p><style>p{{background:url({CANARY})}}</style>",
        policy,
    )
    assert "canary" not in clean.html
    assert clean.html.count("https://us.test/picture/25/") == 3


def test_looks_survive() -> None:
    letter = (
        '<table width="600" bgcolor="#eee" style="border-collapse:collapse"><tr><td align="center" style="padding:8px 4px;'
        'font-family:\'Helvetica Neue\',Arial,sans-serif;color:#123456" class="a b">Hola</td></tr></table>'
        "<style>@media only screen and (max-width:600px){.a{width:100%!important}} .b a:hover{color:red}</style>"
    )
    html = sanitize.sanitize(letter).html
    assert (
        "font-family:'Helvetica Neue',Arial,sans-serif"
        in html.replace("&quot;", "'").replace('"Helvetica', "'Helvetica").replace('Neue"', "Neue'")
        or "Helvetica Neue" in html
    )
    assert "padding:8px 4px" in html
    assert "@media only screen and (max-width:600px){.a{width:100%!important}" in html
    assert ".b a:hover{color:red}" in html
    assert 'bgcolor="#eee"' in html


@given(st.text(alphabet=st.sampled_from("abcurl:;()'\"\\/*{}<>@!# 1px-,%\n"), max_size=120))
@settings(max_examples=300, deadline=None)
def test_declarations_settle(text: str) -> None:
    once = css.declarations(text)
    assert css.declarations(once) == once
    assert not re.search(r"[<>{}\\@]", once)


def test_lying_links_are_named() -> None:
    clean = sanitize.sanitize(
        "<a href='https://evil.test/x'>www.banco.pe</a><a href='https://www.banco.pe/a'>banco.pe</a><a href='https://x.test'>Ver</a>"
        "<a href='https://pay.co.uk.evil.test'><b>https://pay.co.uk</b></a>"
    )
    assert suspicion.lying_links(clean.html) == [
        ("www.banco.pe", "evil.test"),
        ("https://pay.co.uk", "pay.co.uk.evil.test"),
    ]
    assert suspicion.shown_host("xn--pypal-4ve.com") == "xn--pypal-4ve.com"
    assert suspicion.shown_host("xn--per-boa.pe") == "perú.pe"
