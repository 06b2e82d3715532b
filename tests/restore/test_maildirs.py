"""Mail put back as files, and what the real Dovecot makes of it."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from mailadmin.backup.shelf import MaildirShelf, NoMaildir, on_disk
from mailadmin.models import Restore
from mailadmin.posteio.client import Client
from mailadmin.services.errors import Refused
from mailadmin.services.restores import Wish
from tests.stack import Stack

from .conftest import ARRIVED, History, append, delete_all, letter, listed
from .test_restores import asked, done, shelf

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def nobody(postie_settings: Any, stack: Stack) -> None:
    """No master user, and an API and an IMAP server that do not answer."""
    postie_settings.IMAP_MASTER_USER = postie_settings.IMAP_MASTER_PASSWORD = ""
    postie_settings.IMAP_HOST, postie_settings.IMAP_PORT = "127.0.0.1", 9
    postie_settings.POSTEIO_API_URL = "http://127.0.0.1:9"
    postie_settings.POSTEIO_BASE_DADOS = str(stack.root / "data")


def test_dovecot_finds_what_was_put_into_its_maildir(
    stack: Stack, history: History, poste: Client, domain: str, nobody: None
) -> None:
    ana, _password = stack.create_mailbox("ana", domain)
    append(stack, ana, 1, flags="\\Seen \\Flagged Feria")
    append(stack, ana, 2, "Proyectos/A&APE-o")
    history.backup(domain)
    delete_all(stack, ana)
    append(stack, ana, 9)
    with pytest.raises(Refused):  # by IMAP nothing is possible
        asked(poste, Wish(scope="folder", target=ana, folder=""))
    job = done(poste, asked(poste, Wish(scope="mailbox", target=ana, into_maildir=True)))
    assert (job.state, job.restored, job.already, job.failed) == ("done", 2, 0, 0), (job.reason, job.problems)
    [line] = listed(stack, ana, f"{shelf(job)}/INBOX")
    for wanted in ("\\Seen", "\\Flagged", "Feria", "03-May-2026 09:01:59 -0500"):
        assert wanted in line
    assert stack.messages(ana, f"{shelf(job)}/INBOX") == [letter(1)]
    assert stack.messages(ana, f"{shelf(job)}/Proyectos/A&APE-o") == [letter(2)]
    assert stack.messages(ana) == [letter(9)]  # what lives is untouched
    # Again, after Dovecot has given them UIDs and their owner has marked one: nothing comes twice.
    with stack.imap(ana) as imap:
        imap.select(f'"{shelf(job)}/INBOX"')
        imap.store("1", "-FLAGS", "(\\Seen)")
    again = done(poste, asked(poste, Wish(scope="mailbox", target=ana, into_maildir=True)))
    assert (again.state, again.restored, again.already) == ("done", 0, 2)
    # Owners and modes are those of the mailbox.
    maildir = next((stack.root / f"data/mail/{domain}").glob("ana/Maildir"))
    wanted_owner = maildir.stat().st_uid
    made = [maildir / on_disk(shelf(job), "INBOX"), *maildir.glob(".Restored*/**/*")]
    assert {path.stat().st_uid for path in made} == {wanted_owner}
    assert {path.stat().st_mode & 0o077 for path in made} == {maildir.stat().st_mode & 0o077}


def test_the_command_says_it_and_what_is_not_there_is_told(
    stack: Stack, history: History, poste: Client, domain: str, nobody: None, capsys: Any
) -> None:
    ana, _password = stack.create_mailbox("ana", domain)
    append(stack, ana, 1)
    history.backup(domain)
    call_command("restore", ana, "--into-maildir", "--preview")
    assert Restore.objects.count() == 0
    call_command("restore", ana, "--into-maildir", "--json")
    assert '"restored": 1' in capsys.readouterr().out
    (stack.root / f"data/mail/{domain}/ana").rename(stack.root / f"data/mail/{domain}/.away")
    job = done(poste, asked(poste, Wish(scope="mailbox", target=ana, into_maildir=True)))
    assert (job.state, job.restored) == ("failed", 0)
    assert "no mailbox on this disk" in job.reason


def test_by_imap_and_by_files_is_the_same_letter(
    stack: Stack, history: History, poste: Client, domain: str, postie_settings: Any
) -> None:
    postie_settings.POSTEIO_BASE_DADOS = str(stack.root / "data")
    ana, _password = stack.create_mailbox("ana", domain)
    append(stack, ana, 1)
    history.backup(domain)
    assert done(poste, asked(poste, Wish(scope="mailbox", target=ana))).restored == 1
    job = done(poste, asked(poste, Wish(scope="mailbox", target=ana, into_maildir=True)))
    assert (job.restored, job.already) == (0, 1)


def test_names_flags_and_links(tmp_path: Path) -> None:
    maildir = tmp_path / "Maildir"
    for part in ("cur", "new", "tmp"):
        (maildir / part).mkdir(parents=True)
    folder = MaildirShelf(maildir, "Restored 2026-05-03")
    flags = frozenset({"\\Seen", "$Forwarded", "zeta", "alfa", "\\Recent"})
    assert folder.put("../..", b"a\n", flags, ARRIVED)
    assert folder.put("../..", b"b\n", frozenset({"beta", "alfa"}), ARRIVED)
    assert not folder.put("../..", b"b\r\n", frozenset(), ARRIVED)
    place = maildir / ".Restored 2026-05-03.__.__"
    names = sorted(path.name.partition(":")[2] for path in (place / "cur").iterdir())
    assert names == ["2,PSab", "2,ac"]
    assert (place / "dovecot-keywords").read_text() == "0 alfa\n1 zeta\n2 beta\n"
    assert list((place / "tmp").iterdir()) == []
    assert {int(path.stat().st_mtime) for path in (place / "cur").iterdir()} == {int(ARRIVED.timestamp())}
    long = on_disk("Restored 2026-05-03", "x" * 300)
    assert len(long) < 60
    assert long != on_disk("Restored 2026-05-03", "x" * 299)
    (maildir / ".Restored 2026-05-03.trap").symlink_to(tmp_path)
    with pytest.raises(NoMaildir):
        folder.put("trap", b"c", frozenset(), ARRIVED)
    os.rename(maildir, tmp_path / "real")
    maildir.symlink_to(tmp_path / "real")
    with pytest.raises(NoMaildir):
        MaildirShelf(maildir, "x")
