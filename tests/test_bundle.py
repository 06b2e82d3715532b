"""What collectstatic makes of our style sheets and scripts."""

import gzip
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright._impl._driver import compute_driver_executable

from postie_web.lib import bundle

NODE = compute_driver_executable()[0]  # the one that came with Playwright

STATIC = Path(__file__).resolve().parent.parent / "static"


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.js").write_text(text)


def test_the_sheet_has_its_imports_in_place() -> None:
    text = bundle.join_sheet(STATIC, "css/app.css")
    assert "@import" not in text
    assert text.startswith("@layer reset, base, components, screens, utilities;")
    assert text.count("{") == text.count("}")
    assert ".button--primary" in text


@pytest.mark.parametrize("name", bundle.SCRIPTS)
def test_the_joined_script_is_one_module_that_parses(name: str, tmp_path: Path) -> None:
    text = bundle.join_script(STATIC, name)
    assert "customElements.define" in text
    (tmp_path / "all.mjs").write_text(text)
    subprocess.run([NODE, "--check", tmp_path / "all.mjs"], check=True, timeout=20)


def test_modules_keep_their_names_apart_and_run_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        base='const secret = 1;\nconsole.log("base");\nexport function one() { return secret; }\n',
        middle='import { one } from "./base.js";\nconst secret = 2;\nexport const two = one() + secret;\n',
        entry='import "./base.js";\nimport { two } from "./middle.js";\nconsole.log(two + 3);\n',
    )
    (tmp_path / "all.mjs").write_text(bundle.join_script(tmp_path, "entry.js"))
    ran = subprocess.run([NODE, tmp_path / "all.mjs"], capture_output=True, text=True, check=True, timeout=20)
    assert ran.stdout.split() == ["base", "6"]


def test_a_circle_and_an_unknown_form_are_refused(tmp_path: Path) -> None:
    write(tmp_path, a='import "./b.js";\n', b='import "./a.js";\n', c='import all from "./d.js";\n')
    with pytest.raises(bundle.BundleError, match="imports itself"):
        bundle.join_script(tmp_path, "a.js")
    with pytest.raises(bundle.BundleError, match="cannot be joined"):
        bundle.join_script(tmp_path, "c.js")


def test_the_first_load_fits_its_budget(tmp_path: Path, settings, client) -> None:
    """UI.md: at most 120 KB over the wire and 12 requests, the page and its icons included."""
    settings.STATIC_ROOT = tmp_path
    settings.ROOT_URLCONF = "tests.styleguide.urls"
    folder = STATIC.parent / "tests" / "styleguide" / "templates"
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], folder]}]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "postie_web.lib.bundle.BundledStorage"},
    }
    call_command("collectstatic", "--no-input", verbosity=0)
    page = client.get("/webmail").content
    wanted = set(re.findall(rb'(?:href|src)="/static/([^"#]+)', page))
    sent = len(gzip.compress(page, 6))
    for name in wanted:
        path = tmp_path / name.decode()
        assert re.search(r"\.[0-9a-f]{12}\.", path.name), f"{path.name} has no hash"
        packed = path.with_name(path.name + ".gz")
        sent += min(path.stat().st_size, packed.stat().st_size if packed.exists() else sys.maxsize)
        text = path.read_text(errors="replace")
        assert not re.search(r"""@import|^import\b|\bfrom ["']\./""", text, re.MULTILINE), (
            f"{path.name} is not joined"
        )
    assert len(wanted) + 1 <= 12, wanted
    assert sent < 60_000, "half of the budget is for what comes later"


def test_a_second_time_what_changed_is_served(tmp_path: Path, settings) -> None:
    """The joined files of the first time are newer than every source: they must not be taken for it."""
    source = tmp_path / "source"
    shutil.copytree(STATIC, source)
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STATICFILES_DIRS = [source]
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": f"{bundle.__name__}.BundledStorage"}}
    call_command("collectstatic", "--no-input", verbosity=0)
    changed = {"css/components/badge.css": "@layer components { .of-the-new-version { color: red } }\n"}
    changed["js/common.js"] = (source / "js/common.js").read_text() + 'console.log("of-the-new-version");\n'
    later = time.time() + 2  # collectstatic compares whole seconds
    for name, text in changed.items():
        (source / name).write_text(text)
        os.utime(source / name, (later, later))
    call_command("collectstatic", "--no-input", verbosity=0)
    for name in ("css/app.css", "js/common.js"):
        assert (tmp_path / "collected" / name).read_text().count("of-the-new-version") == 1, name
