"""The look of the house, kept by a machine."""

import datetime as dt
import hashlib
import math
import re
from pathlib import Path

import polib
import pytest
from django.template import Context
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils import translation

from postie_web.templatetags import design

ROOT = Path(__file__).resolve().parent.parent
CSS = ROOT / "static" / "css"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_template_compiles(path: Path) -> None:
    get_template(str(path.relative_to(ROOT / "templates")))


def test_icons_used_are_in_the_sprite() -> None:
    sprite = (ROOT / "static/icons/sprite.svg").read_text()
    there = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    for path in TEMPLATES:
        used = set(re.findall(r'\{% icon "([^"]+)"|sign="([^"]+)"', path.read_text()))
        names = {name for pair in used for name in pair if name}
        assert names <= there, f"{path.relative_to(ROOT)} uses {names - there}"


def test_vendor_files_are_what_their_readme_says() -> None:
    folder = ROOT / "static" / "vendor"
    rows = re.findall(r"^\| (\S+) \|.*\| ([0-9a-f]{64}) \|$", (folder / "README.md").read_text(), re.M)
    assert {name for name, _ in rows} == {path.name for path in folder.glob("*.js")}
    for name, checksum in rows:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == checksum


@pytest.mark.parametrize(
    "path", [p for p in sorted(CSS.rglob("*.css")) if p.name != "tokens.css"], ids=lambda p: p.name
)
def test_components_speak_in_meanings(path: Path) -> None:
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|\b(rgb|hsl|oklch|oklab|lab)\(", path.read_text())
    known = set(re.findall(r"(--[a-z0-9-]+):", "\n".join(p.read_text() for p in CSS.rglob("*.css"))))
    assert set(re.findall(r"var\((--[a-z0-9-]+)", path.read_text())) <= known


def test_every_style_sheet_is_imported_once() -> None:
    imported = re.findall(r'@import "([^"]+)"', (CSS / "app.css").read_text())
    assert sorted(imported) == sorted(
        str(path.relative_to(CSS)) for path in CSS.rglob("*.css") if path.name != "app.css"
    )


@pytest.mark.parametrize("name", ["400", "403", "404", "500", "csrf", "away"])
def test_error_pages_are_whole_pages_with_one_heading(name: str, rf: RequestFactory) -> None:
    text = get_template(f"errors/{name}.html").render({}, rf.get("/anything/"))
    assert text.count("<h1") == 1
    assert "<title>" in text
    assert "app.css" in text


TOKENS = (CSS / "tokens.css").read_text()
RAW = dict(re.findall(r"(--[a-z0-9-]+):\s*([^;]+);", TOKENS))


def colours(meaning: str) -> tuple[str, str]:
    """What a meaning is by day and by night."""
    value = RAW[meaning]
    pair = re.fullmatch(r"light-dark\((.+\)), (.+\))\)", value)
    day, night = (pair[1], pair[2]) if pair else (value, value)
    return _raw(day), _raw(night)


def _raw(value: str) -> str:
    named = re.fullmatch(r"var\((.+)\)", value)
    return RAW[named[1]] if named else value


def luminance(colour: str) -> float:
    """WCAG's relative luminance of an oklch(); https://bottosson.github.io/posts/oklab/."""
    light, chroma, hue = (float(part) for part in colour.removeprefix("oklch(").rstrip(")").split())
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    red, green, blue = (min(1.0, max(0.0, part)) for part in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


GROUNDS = ["paper", "paper-soft", "paper-sunken", "paper-raised", "hover"]
TEXT_PAIRS = [
    *[(text, ground) for text in ("ink", "ink-soft", "accent", "danger") for ground in GROUNDS],
    *[("ink", ground) for ground in ("accent-soft", "danger-soft", "success-soft", "caution-soft", "mark")],
    ("ink-soft", "accent-soft"),
    ("accent-strong", "accent-soft"),
    ("danger", "danger-soft"),
    ("success", "success-soft"),
    ("caution", "caution-soft"),
    ("on-fill", "fill"),
    ("on-fill", "fill-strong"),
    ("on-fill", "danger-fill"),
    ("on-fill", "danger-fill-strong"),
]
SIGN_PAIRS = [
    *[
        (sign, ground)
        for sign in ("line-strong", "focus", "accent", "star")
        for ground in ("paper", "paper-soft")
    ],
    ("success", "paper"),
    ("caution", "paper"),
]


@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_can_be_read_by_day_and_by_night(text: str, ground: str) -> None:
    for one, other in zip(colours(f"--color-{text}"), colours(f"--color-{ground}"), strict=True):
        assert contrast(one, other) >= 4.5


@pytest.mark.parametrize(("sign", "ground"), SIGN_PAIRS)
def test_signs_can_be_seen_by_day_and_by_night(sign: str, ground: str) -> None:
    for one, other in zip(colours(f"--color-{sign}"), colours(f"--color-{ground}"), strict=True):
        assert contrast(one, other) >= 3


NOW = dt.datetime(2026, 5, 8, 14, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOW - dt.timedelta(hours=2), "12:05"),
        (NOW - dt.timedelta(days=5), "Sun"),
        (NOW - dt.timedelta(days=40), "29 Mar"),
        (NOW - dt.timedelta(days=400), "3 Apr 2025"),
        (NOW + dt.timedelta(days=3), "11 May"),
    ],
)
def test_times_are_as_short_as_they_can_be(moment: dt.datetime, words: str) -> None:
    assert design.short_time(moment, NOW) == words


def test_a_time_carries_the_exact_moment_in_the_readers_zone(settings) -> None:
    html = design.mail_time(dt.datetime(2024, 5, 3, 19, 5, tzinfo=dt.UTC))
    assert 'datetime="2024-05-03T14:05:00-05:00"' in html
    assert 'title="Friday, 3 May 2024, 14:05"' in html
    assert design.mail_time(None) == ""


@pytest.mark.parametrize(
    ("size", "english", "spanish"),
    [
        (0, "0 B", "0 B"),
        (812, "812 B", "812 B"),
        (1536, "1.5 KB", "1,5 KB"),
        (3_250_586, "3.1 MB", "3,1 MB"),
        (1_048_575, "1.0 MB", "1,0 MB"),
        (12 << 30, "12 GB", "12 GB"),
        (5 << 60, "5120 PB", "5120 PB"),
    ],
)
def test_sizes_are_human(size: int, english: str, spanish: str) -> None:
    with translation.override("en"):
        assert design.human_size(size).replace("\xa0", " ") == english
    with translation.override("es"):
        assert design.human_size(size).replace("\xa0", " ") == spanish


def test_an_icon_is_silent_until_it_has_a_name() -> None:
    assert 'aria-hidden="true"' in design.icon("archive")
    assert 'role="img" aria-label="&lt;Archive&gt;"' in design.icon("archive", label="<Archive>")


def test_an_avatar_never_breaks_on_odd_names() -> None:
    assert 'data-initials="AQ"' in design.avatar("Ana Quispe", "ana@kronos.test")
    assert 'data-initials="a"' in design.avatar("", "ana@kronos.test")
    assert 'data-initials="?"' in design.avatar("", "")
    assert "&lt;" not in design.avatar("<script> x", "x@y")


def test_query_keeps_the_rest_of_the_address(rf: RequestFactory) -> None:
    context = Context({"request": rf.get("/x?query=a%26b&page=2&sort=name")})
    assert design.query(context, page=3, sort=None) == "?query=a%26b&page=3"


@pytest.mark.parametrize(
    "path", sorted((ROOT / "locale").glob("*/es/LC_MESSAGES/django.po")), ids=lambda p: p.parts[-4]
)
def test_spanish_says_tu_to_everybody(path: Path) -> None:
    """One voice: no usted, no imperatives of usted."""
    formal = re.compile(
        r"\b(ustede?s?|Agregue|Compruebe|Corrija|Elija|Escriba|Espere|Haga|Intente|Pida|Ponga|Publique|Quite"
        r"|Elimínel[oa]s?|Quítel[oa]s?|Sustituya|Revise|Seleccione|Use|Vuelva|Busque|Cambie|Copie|Abra|Guarde|asegúrese)\b"
    )
    for entry in polib.pofile(str(path)):
        for text in (entry.msgstr, *entry.msgstr_plural.values()):
            assert not formal.search(text), text
