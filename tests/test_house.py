"""The plan of the house, kept by a machine: arrows, sizes, no inline script or style."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("postie_web", "mailadmin", "webmail", "mailserver")
ROOMS = [  # lowest first; a module may import from rooms of a lower level, or from its own
    (0, r"postie_web\.lib(\.|$)"),
    (0, r"webmail\.types$"),
    (1, r"mailadmin\.(posteio|dns|backup|health)(\.|$)|webmail\.(imap|mime|sieve|smtp)(\.|$)"),
    (2, r"(mailadmin|webmail|postie_web\.accounts)\.(models|connections)(\.|$)"),
    (3, r"(mailadmin|webmail|postie_web\.accounts)\.(services|access)(\.|$)"),
    (4, r"(mailadmin|webmail|postie_web\.accounts)\.(forms|http)(\.|$)|.*\.templatetags(\.|$)"),
    (5, r"(mailadmin|webmail|postie_web\.accounts)\.(views|tasks|management)(\.|$)"),
    (6, r"(mailadmin|webmail|postie_web\.accounts)\.(urls|apps)$"),
    (7, r"postie_web\.(settings|urls|asgi|wsgi|middleware|celery)$"),
]
BRIDGES = [  # (from, to): the only ways between the two halves, with the reason in HOUSE.md
    (r"webmail\.services", r"mailadmin\.posteio"),
    # The time machine: a person's own mail as the backups have it. The core knows nobody; the service asks
    # only for the address that is signed in.
    (r"webmail\.(services|connections)", r"mailadmin\.backup"),
    # A restore speaks IMAP to the mailbox: one IMAP client in the house, and one place for its server.
    (r"mailadmin\.(connections|services)", r"webmail\.(imap|connections)"),
    (
        r"postie_web\.accounts",
        r"mailadmin\.posteio|webmail\.imap|mailadmin\.connections|webmail\.connections",
    ),
]
MOST_LINES = 300
MOST_FUNCTION_LINES = 40
MOST_ARGUMENTS = 6


def modules() -> Iterator[tuple[str, Path]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path


MODULES = dict(modules())


def imports(name: str, path: Path) -> Iterator[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*up, base] if base else up)
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield full if full in MODULES else base


def level(name: str) -> int | None:
    return next((n for n, pattern in ROOMS if re.match(pattern, name)), None)


def room(name: str) -> str:
    return ".".join(name.split(".")[: 3 if name.startswith("postie_web.accounts") else 2])


@pytest.mark.parametrize("name", MODULES)
def test_arrows_point_down(name: str) -> None:
    for target in imports(name, MODULES[name]):
        if target.split(".")[0] not in APPS:
            continue
        mine, theirs = name.split(".")[0], target.split(".")[0]
        assert (mine == "mailserver") == (theirs == "mailserver"), (
            f"{name} → {target}: mailserver stands alone"
        )
        bridge = any(re.match(a, name) and re.match(b, target) for a, b in BRIDGES)
        if {mine, theirs} == {"mailadmin", "webmail"}:
            assert bridge, f"{name} → {target}: the panel and the webmail do not know each other"
        here, there = level(name), level(target)
        if here is None or there is None or room(name) == room(target) or bridge:
            continue
        same_core_room = here == there == 1
        assert there < here or (here == there and here != 1 and not same_core_room), (
            f"{name} → {target} points up"
        )


@pytest.mark.parametrize("name", MODULES)
def test_modules_and_functions_stay_small(name: str) -> None:
    text = MODULES[name].read_text()
    assert text.count("\n") <= MOST_LINES, f"{name} has {text.count(chr(10))} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            assert lines <= MOST_FUNCTION_LINES, f"{name}.{node.name} has {lines} lines"
            arguments = [
                a
                for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
                if a.arg not in ("self", "cls")
            ]
            assert len(arguments) <= MOST_ARGUMENTS, f"{name}.{node.name} takes {len(arguments)} arguments"


@pytest.mark.parametrize(
    "name", [n for n in MODULES if n.split(".")[0] in ("webmail", "postie_web", "mailadmin")]
)
def test_no_pickle_and_no_shell_in_the_web(name: str) -> None:
    wanted = set(imports(name, MODULES[name]))
    assert not wanted & {"pickle", "shelve", "marshal", "dill"}
    # restic, the code of ninety DNS providers, Outlook's packages: a process of its own and a deadline.
    if not name.startswith(("mailadmin.backup", "mailadmin.dns.provider", "webmail.mime.winmail")):
        assert "subprocess" not in wanted
        assert "os.system" not in MODULES[name].read_text()


TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_inline_script_or_style(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", text)
    assert not re.search(r"<style\b|\sstyle=|\son[a-z]+=|hx-on|javascript:|js:", text)
    assert text.count("\n") <= 200


@pytest.mark.parametrize("path", sorted((ROOT / "static/js").rglob("*.js")), ids=lambda p: p.name)
def test_scripts_never_build_html_from_text(path: Path) -> None:
    text = path.read_text()
    assert not re.search(
        r"\.(innerHTML|outerHTML)\s*\+?=|insertAdjacentHTML|document\.write|\beval\(|new Function", text
    )
    assert text.count("\n") <= 150


@pytest.mark.parametrize("path", sorted((ROOT / "static/css").rglob("*.css")), ids=lambda p: p.name)
def test_style_sheets_stay_small(path: Path) -> None:
    assert path.read_text().count("\n") <= 300
