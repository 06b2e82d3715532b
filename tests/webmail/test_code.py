"""What the webmail's code does not do at all, so that it cannot do it wrongly."""

import ast
import re

import pytest
from django import forms
from django.urls import get_resolver

from postie_web.accounts.forms import SignInForm
from tests.test_house import MODULES, imports

OURS = [name for name in MODULES if name.startswith(("webmail", "postie_web")) and "demo" not in name]

# Its sentence holds names of a model and "%s", nothing else; a look at the call alone cannot see that.
WRITES_SENTENCES = ("postie_web.lib.prepared",)


@pytest.mark.parametrize("name", [name for name in OURS if name not in WRITES_SENTENCES])
def test_no_sql_is_put_together_from_values(name: str) -> None:
    calls = (node for node in ast.walk(ast.parse(MODULES[name].read_text())) if isinstance(node, ast.Call))
    for call in calls:
        asked = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if asked in ("execute", "executemany", "raw", "extra"):
            assert isinstance(call.args[0], ast.Constant | ast.Name), f"{name}:{call.lineno}"


@pytest.mark.parametrize("name", OURS)
def test_no_xml_is_parsed_and_no_archive_unpacked(name: str) -> None:
    wanted = {target.partition(".")[0] for target in imports(name, MODULES[name])}
    assert not wanted & {"xml", "lxml", "xmltodict", "tarfile", "smtplib2", "ftplib"}
    text = MODULES[name].read_text()
    assert not re.search(r"\.extract(all)?\(|unpack_archive|sendmail\(.*\|", text)


def test_imapclient_only_opens_the_door_and_spells_folders() -> None:
    users = {name for name in OURS if any(t.startswith("imapclient") for t in imports(name, MODULES[name]))}
    assert users == {"webmail.imap.door", "webmail.imap.wire"}


def test_nobody_chooses_the_server_he_signs_in_to() -> None:
    assert set(SignInForm.base_fields) == {"address", "password"}
    assert not any(isinstance(field, forms.URLField) for field in SignInForm.base_fields.values())


def test_the_webmail_has_no_door_to_forwarding_filters_or_passwords() -> None:
    """The day it gets one, that door asks for the password anew and tells the person by mail."""
    routes = {str(pattern) for pattern in get_resolver("webmail.urls").url_patterns}
    assert routes
    assert not [one for one in routes if re.search(r"forward|sieve|filter|password|vacation", one)]
