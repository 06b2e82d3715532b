"""Postfix' questions, asked in its own protocol."""

import asyncio
import contextlib
from collections.abc import Callable

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailserver.api.dovecot import DovecotAway
from mailserver.api.policy import RecipientPolicy, SubmissionLimits, serve
from tests.in_process import DovecotStandIn, InProcess

PASSWORD = "Contract-tests-7-write"
MB = 1024 * 1024
Ask = Callable[..., str]


@pytest.fixture
def ask(api: InProcess) -> Ask:
    policy = RecipientPolicy(api.database, api.dovecot)
    return lambda recipient, **more: asyncio.run(policy({"recipient": recipient, **more}))


@pytest.fixture
def make(http: httpx.Client) -> Callable[..., str]:
    def box(address: str, **options: object) -> str:
        body = {
            "email": address,
            **({} if options.get("redirectTo") else {"passwordPlaintext": PASSWORD}),
            **options,
        }
        assert http.post("boxes", json=body).status_code == 201
        return address

    return box


Make = Callable[..., str]


def fill(api: InProcess, address: str, size: int, count: int = 1) -> None:
    assert isinstance(api.dovecot, DovecotStandIn)
    api.dovecot.used[address] = (size, count)


def test_a_foreign_recipient_is_not_our_business(ask: Ask) -> None:
    assert ask("ann@example.org") == "DUNNO"


def test_an_open_mailbox_takes_mail_also_with_a_tag(ask: Ask, make: Make) -> None:
    make("ann@kronos.test")
    assert ask("ann@kronos.test") == "DUNNO"
    assert ask("Ann+news@KRONOS.test") == "DUNNO"


PASSES = "PREPEND X-Postie-Passes: on"


def test_what_may_go_on_to_somewhere_else_is_marked(ask: Ask, make: Make) -> None:
    make("away@kronos.test", redirectTo=["ann@example.org"])
    make("both@kronos.test", redirectTo=[make("ann@kronos.test"), "away@kronos.test"])
    assert ask("away@kronos.test") == ask("both@kronos.test") == PASSES
    assert ask("both@kronos.test", sasl_username="ann@kronos.test") == "DUNNO"
    assert ask("ann@kronos.test") == "DUNNO"


@pytest.mark.parametrize(
    ("script", "answer"),
    [
        ("keep;", "DUNNO"),
        ('fileinto "Redirected";', "DUNNO"),
        ('Redirect "ann@example.org";', PASSES),
        ('include :personal "more";', PASSES),
        ("#" * 2_000_000, PASSES),
    ],
)
def test_a_filter_that_may_send_on_is_marked(
    api: InProcess, ask: Ask, make: Make, script: str, answer: str
) -> None:
    """The script is read where Dovecot keeps it, and again when it changed."""
    ann = make("ann@kronos.test")
    row = api.database.row("SELECT home FROM boxes WHERE address = ?", ann)
    assert row is not None
    home = api.database.mail_root / row["home"]
    (home / "sieve").mkdir(parents=True)
    (home / ".dovecot.sieve").symlink_to("sieve/mine.sieve")
    assert ask(ann) == "DUNNO"  # it leads nowhere
    (home / "sieve/mine.sieve").write_text("discard;")
    assert ask(ann) == "DUNNO"
    (home / "sieve/mine.sieve").write_text(script)
    assert ask(ann) == answer


def test_nobody_there_is_refused_also_behind_an_alias(ask: Ask, make: Make) -> None:
    make("old@kronos.test", redirectTo=["gone@kronos.test"])
    assert ask("nobody@kronos.test").startswith("550 5.1.1")
    assert ask("old@kronos.test").startswith("550 5.1.1")


def test_a_suspended_mailbox_is_refused_also_behind_an_alias_and_with_a_catch_all(
    ask: Ask, make: Make, http: httpx.Client
) -> None:
    shut = make("shut@kronos.test", disabled=True)
    make("sales@kronos.test", redirectTo=[shut])
    http.patch("domains/kronos.test", json={"domainBin": True, "domainBinAddress": "admin@kronos.test"})
    assert ask(shut).startswith("550 5.2.1")
    assert ask("sales@kronos.test").startswith("550 5.2.1")
    assert ask("anything@kronos.test") == "DUNNO"


@pytest.mark.parametrize(
    "recipient", ["full@kronos.test", "sales@kronos.test", "any@kronos.test", "full@old.test"]
)
def test_a_full_mailbox_is_refused_whatever_leads_to_it(
    api: InProcess, ask: Ask, make: Make, http: httpx.Client, recipient: str
) -> None:
    full = make("full@kronos.test", storageLimit=1)
    make("sales@kronos.test", redirectTo=[full])
    http.patch("domains/kronos.test", json={"domainBin": True, "domainBinAddress": full})
    http.post("domains", json={"name": "old.test", "forward": True, "forwardDomain": "kronos.test"})
    assert ask(recipient) == "DUNNO"
    fill(api, full, MB)
    assert ask(recipient).startswith("552 5.2.2")


def test_the_announced_size_counts(api: InProcess, ask: Ask, make: Make) -> None:
    make("ann@kronos.test", storageLimit=1)
    fill(api, "ann@kronos.test", MB // 2)
    assert ask("ann@kronos.test", size=str(MB // 4)) == "DUNNO"
    assert ask("ann@kronos.test", size=str(MB)).startswith("552 5.2.2")


def test_the_number_of_messages_counts(api: InProcess, ask: Ask, make: Make) -> None:
    make("ann@kronos.test", countLimit=10)
    fill(api, "ann@kronos.test", 100, 9)
    assert ask("ann@kronos.test") == "DUNNO"
    fill(api, "ann@kronos.test", 100, 10)
    assert ask("ann@kronos.test").startswith("552 5.2.2")


def test_one_full_member_does_not_lose_the_letter_for_the_others(
    api: InProcess, ask: Ask, make: Make
) -> None:
    full, ann = make("full@kronos.test", storageLimit=1), make("ann@kronos.test")
    make("team@kronos.test", redirectTo=[full, ann])
    fill(api, full, MB)
    assert ask("team@kronos.test").startswith("452 4.2.2"), "the sender's server tries again for days"


def test_while_dovecot_is_away_mail_comes_in(api: InProcess, make: Make) -> None:
    class Away(DovecotStandIn):
        def usage(self, address: str) -> tuple[int, int]:
            raise DovecotAway

    make("ann@kronos.test", storageLimit=1)
    policy = RecipientPolicy(api.database, Away())
    assert asyncio.run(policy({"recipient": "ann@kronos.test"})) == "DUNNO"


def submit(limits: SubmissionLimits, user: str, recipients: str = "1", address: str = "192.0.2.7") -> str:
    question = {"sasl_username": user, "recipient_count": recipients, "client_address": address}
    return asyncio.run(limits(question))


def test_an_account_has_a_limit_of_recipients_an_hour(api: InProcess) -> None:
    api.database.connection.execute("INSERT INTO settings VALUES ('recipients_per_hour', '5')")
    limits = SubmissionLimits(api.database)
    assert submit(limits, "ann@kronos.test", "4") == "DUNNO"
    assert submit(limits, "ann@kronos.test", "2").startswith("450 4.7.1")
    assert submit(limits, "ann@kronos.test", "1") == "DUNNO"
    assert submit(limits, "ANN@kronos.test", "1").startswith("450 4.7.1")
    assert submit(limits, "leo@kronos.test", "5") == "DUNNO"


def test_an_address_has_a_limit_but_the_webmail_has_none(api: InProcess) -> None:
    api.database.connection.execute("INSERT INTO settings VALUES ('recipients_per_hour_and_address', '3')")
    limits = SubmissionLimits(api.database)
    assert submit(limits, "ann@kronos.test", "3") == "DUNNO"
    assert submit(limits, "leo@kronos.test", "1").startswith("450 4.7.1")
    assert submit(limits, "leo@kronos.test", "9", address="127.0.0.1") == "DUNNO"


def test_who_did_not_sign_in_is_not_counted(api: InProcess) -> None:
    assert submit(SubmissionLimits(api.database), "") == "DUNNO"


async def talk(policy: RecipientPolicy, said: bytes) -> bytes:
    server = await serve(0, policy)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(said)
        writer.write_eof()
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        try:
            return await asyncio.wait_for(reader.read(), 10)
        finally:
            writer.close()


def test_several_questions_on_one_connection(api: InProcess) -> None:
    policy = RecipientPolicy(api.database, api.dovecot)
    question = b"request=smtpd_access_policy\nrecipient=%s\n\n"
    said = asyncio.run(talk(policy, question % b"admin@kronos.test" + question % b"no@kronos.test"))
    assert said.startswith(b"action=DUNNO\n\naction=550 5.1.1")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(st.tuples(st.sampled_from(["recipient", "size", "x"]), st.text(max_size=60)), max_size=5)
)
def test_no_question_breaks_the_service(api: InProcess, lines: list[tuple[str, str]]) -> None:
    policy = RecipientPolicy(api.database, api.dovecot)
    text = "".join(f"{key}={value}\n" for key, value in lines).encode("utf-8", "surrogatepass") + b"\n"
    good = b"recipient=no@kronos.test\n\n"
    assert asyncio.run(talk(policy, text.replace(b"\n\n", b"\n") + b"\n" + good)).endswith(
        b"action=550 5.1.1 There is no such mailbox here\n\n"
    )
