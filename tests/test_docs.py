"""The documents say what is there: every variable, in both languages, and every link leads somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "deploy").rglob("*.md")),
]
PARTNERS = {
    "../CONTRIBUTING.md": "desarrollo.md",
    "dns.md": "dns.md",
    "install.md": "instalacion.md",
    "settings.md": "ajustes.md",
    "health.md": "salud.md",
    "restore.md": "restaurar.md",
    "user.md": "usuario.md",
}


def example() -> set[str]:
    return set(re.findall(r"^([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


@pytest.mark.parametrize("name", ["settings.md", "es/ajustes.md"])
def test_every_variable_of_the_example_is_explained(name: str) -> None:
    told = re.findall(
        r"^\| `([A-Z][A-Z0-9_]+)` \| [^|]+ \| [^|]+ \|$", (ROOT / "docs" / name).read_text(), re.MULTILINE
    )
    assert set(told) == example()
    assert len(told) == len(set(told))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text()):
        if not re.match(r"[a-z]+:", target):
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize(("english", "spanish"), PARTNERS.items())
def test_both_languages_have_the_same_parts(english: str, spanish: str) -> None:
    def parts(path: Path) -> list[str]:
        return re.findall(r"^(#+) ", path.read_text(), re.MULTILINE)

    assert parts(ROOT / "docs" / english) == parts(ROOT / "docs/es" / spanish)


@pytest.mark.parametrize("name", ["health.md", "es/salud.md"])
def test_commands_that_are_named_exist(name: str) -> None:
    commands = {path.stem for path in (ROOT / "mailadmin/management/commands").glob("*.py")}
    named = set(re.findall(r"manage\.py ([a-z_]+)", (ROOT / "docs" / name).read_text()))
    assert named
    assert named <= commands
