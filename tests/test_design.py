"""The look of the house, kept by a machine."""

import hashlib
import re
from pathlib import Path

import pytest
from django.template.loader import get_template
from django.test import RequestFactory

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
