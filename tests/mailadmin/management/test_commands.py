"""Every action of the panel from the command line, with the same log."""

import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from mailadmin.models import AuditEntry
from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import NotFound
from tests.mailadmin.conftest import Wire

pytestmark = pytest.mark.django_db


def run(*arguments: object) -> Any:
    out = io.StringIO()
    call_command(*map(str, arguments), "--json", stdout=out)
    return json.loads(out.getvalue())


def test_domains_from_birth_to_death(poste: Client) -> None:
    assert run("domain_create", "Perú.pe")["name"] == "xn--per-boa.pe"
    assert [one["name"] for one in run("domain_list", "--query", "xn--")] == ["xn--per-boa.pe"]
    assert (
        run("domain_routing", "perú.pe", "--forward-domain", "kronos.test")["forward_domain"] == "kronos.test"
    )
    key = run("domain_dkim", "perú.pe", "--create")
    assert key["name"].endswith("._domainkey.xn--per-boa.pe")
    assert key["value"].startswith("v=DKIM1; k=rsa; p=MII")
    assert run("domain_dkim", "perú.pe") == key
    assert run("domain_delete", "perú.pe")["deleted"] == "xn--per-boa.pe"
    assert {entry.actor for entry in AuditEntry.objects.all()} == {"command line"}


def test_a_domain_with_people_is_not_deleted_by_a_slip(poste: Client) -> None:
    with pytest.raises(SystemExit):
        run("domain_delete", "other.test")
    assert run("domain_delete", "other.test", "--yes-delete-all-mail")["mailboxes"] == 1


def test_a_mailbox_from_birth_to_death(poste: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    found = run("mailbox_create", "rosa@kronos.test", "--name", "Rosa", "--storage-mb", 100)
    assert len(found["password"]) > 20
    assert found["limits_set"]
    assert run("mailbox_quota", "rosa@kronos.test")["storage_limit"] == 100
    assert run("mailbox_quota", "rosa@kronos.test", "--messages", 5)["count_limit"] == 5
    assert run("mailbox_update", "rosa@kronos.test", "--domain-admin", "yes")["domain_admin"]
    assert run("mailbox_suspend", "rosa@kronos.test")["suspended"]
    assert [one["address"] for one in run("mailbox_list", "--state", "suspended")] == ["rosa@kronos.test"]
    assert not run("mailbox_resume", "rosa@kronos.test")["suspended"]
    monkeypatch.setattr("sys.stdin", io.StringIO("cuatro-palabras-sin-orden\n"))
    assert run("mailbox_password", "rosa@kronos.test", "--password-stdin") == {"address": "rosa@kronos.test"}
    assert run("mailbox_delete", "rosa@kronos.test", "--yes-delete-all-mail") == {
        "deleted": "rosa@kronos.test"
    }
    with pytest.raises(NotFound):
        poste.mailboxes.get("rosa@kronos.test")
    assert "cuatro" not in json.dumps(run("activity_list"))


def test_the_password_may_come_from_the_environment(poste: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTIE_PASSWORD", "cuatro-palabras-sin-orden")
    assert "password" not in run("mailbox_create", "rosa@kronos.test")
    monkeypatch.setenv("POSTIE_PASSWORD", "1234")
    with pytest.raises(CommandError, match="too short"):
        call_command("mailbox_create", "rose@kronos.test")


def test_no_command_takes_a_password_as_an_argument() -> None:
    for path in Path("mailadmin/management/commands").glob("*.py"):
        assert '"--password"' not in path.read_text()
        assert 'add_argument("password"' not in path.read_text()


def test_aliases(poste: Client, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("alias_create", "team@kronos.test", "ana@kronos.test", "luis@kronos.test")["redirect_to"] == [
        "ana@kronos.test",
        "luis@kronos.test",
    ]
    assert len(run("alias_update", "team@kronos.test", "ana@kronos.test")["redirect_to"]) == 1
    assert [hop["kind"] for hop in run("resolve", "team@kronos.test")] == ["alias", "mailbox"]
    assert [one["address"] for one in run("alias_list")] == ["info@kronos.test", "team@kronos.test"]
    assert run("alias_delete", "team@kronos.test")["deleted"] == "team@kronos.test"
    newest = run("activity_list", "--limit", 1)[0]
    assert run("activity_undo", newest["id"])["target"] == "team@kronos.test"
    assert poste.mailboxes.get("team@kronos.test")


def test_import(poste: Client, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("address,name\nrosa@kronos.test,Rosa\nana@kronos.test,\nbad,\n")
    assert [one["state"] for one in run("mailbox_import", table, "--dry-run")] == ["exists", "wrong", "new"]
    with pytest.raises(NotFound):
        poste.mailboxes.get("rosa@kronos.test")
    assert [one["state"] for one in run("mailbox_import", table)] == ["exists", "wrong", "created"]
    assert poste.mailboxes.get("rosa@kronos.test").name == "Rosa"


def test_settle(poste: Client) -> None:
    AuditEntry.objects.create(action="mailbox.delete", target="ana@kronos.test")
    assert [one["outcome"] for one in run("activity_settle")] == ["missed"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["domain_create", "other.test"],
        ["domain_create", "nonsense"],
        ["mailbox_suspend", "nobody@kronos.test"],
        ["mailbox_suspend", "admin@kronos.test"],
        ["mailbox_quota", "ana@kronos.test", "--storage-mb", "-5"],
        ["mailbox_delete", "info@kronos.test", "--yes-delete-all-mail"],
        ["alias_delete", "ana@kronos.test"],
        ["alias_create", "x@kronos.test", "x@kronos.test"],
        ["alias_create", "x@kronos.test", "a b"],
        ["domain_dkim", "other.test"],
        ["activity_undo", "999"],
    ],
)
def test_errors_are_a_sentence_and_an_exit_code(arguments: list[str], poste: Client, capsys: Any) -> None:
    with pytest.raises(SystemExit) as gone:
        call_command(*arguments, "--json")
    assert gone.value.code == 1
    assert len(json.loads(capsys.readouterr().out)["error"]) > 10
    with pytest.raises(CommandError):
        call_command(*arguments)


def test_the_server_away_is_said(poste: Client, wire: Wire) -> None:
    wire.fail = lambda request: httpx.Response(502)
    with pytest.raises(CommandError, match="does not answer"):
        call_command("domain_list")


def test_people_read_lines(poste: Client, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("alias_list")
    assert "info@kronos.test" in capsys.readouterr().out
