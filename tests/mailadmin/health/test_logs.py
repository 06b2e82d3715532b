"""Lines of real logs become stories; strangers' lines are admitted, never guessed; gigabytes stay small."""

# ruff: noqa: E501  real lines of logs are long

import os
import random
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailadmin.health import clients
from mailadmin.health.logs import dovecot, files, haraka, postfix, rspamd, search, words
from mailadmin.health.logs.event import Foreign, Zone, stamp, visible
from mailadmin.health.logs.search import Query
from mailadmin.health.logs.story import Story
from mailadmin.health.words import fill

WRITTEN = datetime(2026, 11, 27, 21, 35, tzinfo=UTC)
TLS13 = "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)"
# As the bundled server wrote them, shortened.
POSTFIX = f"""\
Nov 27 21:34:55 mail postfix/submission/smtpd[26113]: connect from localhost[127.0.0.1]
Nov 27 21:34:55 mail postfix/submission/smtpd[26113]: Anonymous TLS connection established from localhost[127.0.0.1]: {TLS13}
Nov 27 21:34:55 mail postfix/submission/smtpd[26113]: 4jbmsW2Wk7zn47w: client=localhost[127.0.0.1], sasl_method=PLAIN, sasl_username=luis@kronos.test
Nov 27 21:34:55 mail postfix/cleanup[26984]: 4jbmsW2Wk7zn47w: message-id=<17958@kronos.test>
Nov 27 21:34:55 mail postfix/qmgr[26110]: 4jbmsW2Wk7zn47w: from=<luis@kronos.test>, size=553, nrcpt=2 (queue active)
Nov 27 21:34:55 mail postfix/lmtp[26986]: 4jbmsW2Wk7zn47w: to=<ana@kronos.test>, orig_to=<info@kronos.test>, relay=mail.kronos.test[private/dovecot-lmtp], delay=0.12, delays=0.09/0/0.01/0.02, dsn=2.0.0, status=sent (250 2.0.0 <ana@kronos.test> IoFgG3/3CWtsaQAAg+zDdQ Saved)
Nov 27 21:34:56 mail postfix/smtp[26990]: 4jbmsW2Wk7zn47w: to=<x@outside.test>, relay=mx.outside.test[192.0.2.7]:25, delay=1.2, delays=0.1/0/0.6/0.5, dsn=4.7.1, status=deferred (host mx.outside.test[192.0.2.7] said: 451 4.7.1 Greylisted (in reply to RCPT TO command))
Nov 27 21:34:57 mail postfix/smtpd[300]: NOQUEUE: reject: RCPT from evil.test[198.51.100.7]: 550 5.1.1 <nobody@kronos.test>: Recipient address rejected: User unknown in virtual mailbox table; from=<a@evil.test> to=<nobody@kronos.test> proto=ESMTP helo=<evil.test>
"""
DOVECOT = """\
Nov 27 21:34:55 lmtp(26988): Info: Connect from local
Nov 27 21:34:55 lmtp(ana@kronos.test)<26988><IoFgG3/3CWtsaQAAg+zDdQ>: Info: sieve: msgid=<17958@kronos.test>: stored mail into mailbox 'Facturas'
Nov 27 21:34:55 lmtp(26988): Info: Disconnect from local: Logged out (state=READY)
"""
RSPAMD = """\
2026-11-27 21:34:55 #26591(rspamd_proxy) <eac037>; proxy; rspamd_task_write_log: id: <17958@kronos.test>, qid: <4jbmsW2Wk7zn47w>, ip: 127.0.0.1, user: luis@kronos.test, from: <luis@kronos.test>, (default: F (no action): [1.56/15.00] [R_MIXED_CHARSET(1.66){subject;},MIME_GOOD(-0.10){text/plain;},DKIM_SIGNED(0.00){kronos.test:s=postie;}], len: 553, time: 5.1ms
"""
UUID = "F9F0D20D-C9DB-41D9-9E48-4EDE6A469612"
# In the shape of haraka/Haraka issues 2386 and 857.
HARAKA = f"""\
2026-11-27T21:34:50.000Z [NOTICE] [-] [core] Listening on 0.0.0.0:25
2026-11-27T21:34:55.000Z [NOTICE] [{UUID}] [core] connect ip=192.0.2.9 port=55885 local_ip=0.0.0.0 local_port=25
2026-11-27T21:34:55.100Z [NOTICE] [{UUID}.1] [core] sender <eva@sender.test> code=CONT msg=""
2026-11-27T21:34:55.200Z [NOTICE] [{UUID}.1] [core] recipient <ana@kronos.test> code=OK msg="" sender=eva@sender.test
2026-11-27T21:34:55.300Z [NOTICE] [{UUID}.1] [core] message mid="<h1@sender.test>" size=623 rcpts=1/0/0 delay=0 code=CONT msg=""
2026-11-27T21:34:55.400Z [NOTICE] [{UUID}.1] [core] queue code=OK msg="Message Queued"
2026-11-27T21:34:55.500Z [NOTICE] [{UUID}.1.1] [outbound] delivered file=1_2 domain=kronos.test host=127.0.0.1 ip=127.0.0.1 port=24 mode=LMTP tls=N auth=N response="250 2.0.0 Saved" delay=0.2 fails=0 rcpts=1/0/0
2026-11-27T21:34:55.600Z [NOTICE] [{UUID}.1] [core] disconnect ip=192.0.2.9 rdns="mx.sender.test" helo="mx" relay=N early=N esmtp=Y tls=Y pipe=N txns=1 rcpts=1/0/0 msgs=1/0/0 bytes=623 lr="" time=0.6
a line from a newer version that names {UUID}.1 in its own way
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path / "postfix.log", POSTFIX)
    put(tmp_path / "dovecot.log", DOVECOT)
    put(tmp_path / "rspamd.log", RSPAMD)
    put(tmp_path / "web.log", '{"message": "somebody else"}\n')
    return tmp_path


def put(path: Path, text: str, written: datetime = WRITTEN) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (written.timestamp(), written.timestamp()))


def stories(folder: Path, words: str = "", **options: object) -> list[Story]:
    query = Query(words=words, **options)  # type: ignore[arg-type]
    return search.find(files.shelf(str(folder)), query).stories


def sentences(story: Story) -> list[str]:
    return [fill(words.KINDS[words.kind(event)], event.facts) for event in story.told()]


def test_three_programs_tell_one_story(folder: Path) -> None:
    refused, story = stories(folder)
    assert sentences(story) == [
        "accepted from luis@kronos.test, signed in, encrypted (TLSv1.3)",
        "spam score 1.6 of 15 (no action), signed for its domain",
        "delivered to Facturas of ana@kronos.test, for info@kronos.test",
        "not delivered to x@outside.test yet; it is tried again: host mx.outside.test[192.0.2.7] said: "
        "451 4.7.1 Greylisted (in reply to RCPT TO command)",
    ]
    assert (story.sender, story.recipients) == ("luis@kronos.test", ["info@kronos.test", "x@outside.test"])
    assert story.state == "deferred"
    assert refused.state == "refused"
    assert refused.sender == "a@evil.test"
    assert "User unknown" in sentences(refused)[0]


@pytest.mark.parametrize(
    "asked", ["luis@kronos.test", "LUIS@", "4jbmsW2Wk7zn47w", "<17958@kronos.test>", "x@outside"]
)
def test_found_by_whatever_one_has(folder: Path, asked: str) -> None:
    assert [story.id for story in stories(folder, asked)] == ["4jbmsW2Wk7zn47w"]


def test_time_and_domain_are_fences(folder: Path) -> None:
    assert stories(folder, until=WRITTEN - timedelta(hours=1)) == []
    assert stories(folder, since=WRITTEN) == []
    assert len(stories(folder, since=WRITTEN - timedelta(minutes=5))) == 2
    assert len(stories(folder, domain="kronos.test")) == 2
    assert stories(folder, domain="other.test") == []
    assert [story.id for story in stories(folder, domain="outside.test")] == ["4jbmsW2Wk7zn47w"]


def test_another_domains_part_of_a_letter_is_not_shown(folder: Path) -> None:
    line = POSTFIX.replace("sasl_username=luis@kronos.test", "sasl_username=eve@sender.test")
    put(folder / "postfix.log", line.replace("luis@kronos.test", "eve@sender.test"))
    story = stories(folder, domain="outside.test")[0]
    told = " ".join(sentences(story))
    assert "x@outside.test" in told
    assert "ana@kronos.test" not in told


def test_an_arrived_copy_no_longer_waits(folder: Path) -> None:
    later = (
        "Nov 27 21:40:00 mail postfix/smtp[26990]: 4jbmsW2Wk7zn47w: to=<x@outside.test>, "
        "relay=mx.outside.test[192.0.2.7]:25, delay=300, delays=0.1/0/0.6/0.5, dsn=2.0.0, status=sent (250 ok)\n"
        "Nov 27 21:40:00 mail postfix/qmgr[26110]: 4jbmsW2Wk7zn47w: removed\n"
    )
    put(folder / "postfix.log", POSTFIX + later, WRITTEN + timedelta(minutes=6))
    assert stories(folder, "x@outside")[0].state == "delivered"


def test_haraka_tells_its_story_and_what_is_not_understood_is_admitted(tmp_path: Path) -> None:
    put(tmp_path / "s6/haraka-smtp/current", HARAKA)
    put(tmp_path / "mail.log", DOVECOT.replace("<17958@kronos.test>", "<h1@sender.test>"))
    put(tmp_path / "old.gz", "x")
    found = search.find(files.shelf(str(tmp_path)), Query())
    assert len(found.stories) == 1
    story = found.stories[0]
    assert (story.sender, story.recipients) == ("eva@sender.test", ["ana@kronos.test"])
    assert story.message_id == "<h1@sender.test>"
    told = sentences(story)
    assert "accepted from mx.sender.test (192.0.2.9)" in told
    assert any("Facturas" in one for one in told)
    assert found.foreign_count == 1
    assert "newer version" in story.foreign[0]
    assert files.shelf(str(tmp_path)).packed == 1


def test_rotation_is_read_through(folder: Path) -> None:
    lines = POSTFIX.splitlines(keepends=True)
    put(folder / "postfix.log.1", "".join(lines[:4]), WRITTEN - timedelta(minutes=5))
    put(folder / "postfix.log", "".join(lines[4:]))
    story = stories(folder, "luis@kronos.test")[0]
    assert sentences(story)[0] == "accepted from luis@kronos.test, signed in, encrypted (TLSv1.3)"


# Hostile and foreign lines


def test_a_helo_cannot_write_into_another_story(folder: Path) -> None:
    forged = (
        "Nov 27 21:34:58 mail postfix/smtpd[301]: NOQUEUE: reject: RCPT from evil.test[198.51.100.7]: 550 5.1.1 no; "
        "from=<a@evil.test> to=<b@kronos.test> proto=ESMTP helo=<4jbmsW2Wk7zn47w: to=<boss@kronos.test>>\n"
    )
    put(folder / "postfix.log", POSTFIX + forged)
    story = stories(folder, "luis@kronos.test")[0]
    assert not any("550" in one for one in sentences(story))
    assert "boss@kronos.test" not in story.recipients


def test_a_message_id_cannot_write_into_another_story(folder: Path) -> None:
    forged = RSPAMD.replace(
        "id: <17958@kronos.test>", "id: <x>, qid: <4jbmsW2Wk7zn47w>, ip: 1.1.1.1, from: <x>"
    )
    put(folder / "rspamd.log", forged)
    assert not any("spam" in one for one in sentences(stories(folder, "luis@kronos.test")[0]))
    stolen = DOVECOT.replace("IoFgG3/3CWtsaQAAg+zDdQ", "another/session").replace("Facturas", "Forged")
    put(folder / "dovecot.log", stolen)
    assert not any("Forged" in one for one in sentences(stories(folder, "luis@kronos.test")[0]))


def test_odd_signs_are_written_out() -> None:
    assert visible("\x1b[31mred\x07\u202egnp.exe\u2066") == "\\x1b[31mred\\x07\\x202egnp.exe\\x2066"


def test_a_log_full_of_foreign_lines_and_noise(folder: Path) -> None:
    chance = random.Random(7)
    noise = b"".join(chance.randbytes(chance.randrange(1, 300)) + b"\n" for _ in range(3000))
    path = folder / "postfix.log"
    path.write_bytes(noise + POSTFIX.encode() + noise[:2000])
    os.utime(path, (WRITTEN.timestamp(),) * 2)
    assert [story.id for story in stories(folder, "luis@kronos.test")] == ["4jbmsW2Wk7zn47w"]
    only = folder / "noise.log"
    only.write_bytes(noise)
    assert "noise.log" not in [file.path.name for file in files.shelf(str(folder)).files]


@pytest.mark.parametrize("parser", [postfix, dovecot, rspamd, haraka])
def test_parsers_say_foreign_or_nothing_and_never_break(parser: object) -> None:
    chance = random.Random(11)
    good = [*POSTFIX.splitlines(), *DOVECOT.splitlines(), *RSPAMD.splitlines(), *HARAKA.splitlines()]
    for _ in range(3000):
        line = list(chance.choice(good))
        for _ in range(chance.randrange(1, 6)):
            line[chance.randrange(len(line))] = chr(chance.randrange(1, 300))
        said = "".join(line[: chance.randrange(1, len(line) + 1)])
        found = stamp(said, Zone())
        try:
            parser.parse(None, said[found[1] :] if found else said)  # type: ignore[attr-defined]
        except Foreign:
            continue


def test_one_endless_line_is_stepped_over(folder: Path) -> None:
    path = folder / "postfix.log"
    path.write_bytes(
        POSTFIX.encode() + b"x" * (3 * files.BLOCK) + b"\n" + POSTFIX.splitlines(True)[-1].encode()
    )
    os.utime(path, (WRITTEN.timestamp(),) * 2)
    assert any(story.id == "4jbmsW2Wk7zn47w" for story in stories(folder, "luis@kronos.test"))


def test_links_out_of_the_folder_are_not_followed(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "mail.log"
    put(elsewhere, POSTFIX)
    (folder / "link.log").symlink_to(elsewhere)
    assert "link.log" not in [file.path.name for file in files.shelf(str(folder)).files]


def test_a_big_log_needs_little_memory_and_says_how_far_it_came(folder: Path) -> None:
    filler = "Nov 27 21:34:57 mail postfix/smtpd[300]: disconnect from localhost[127.0.0.1] ehlo=1 quit=1 commands=2\n"
    path = folder / "postfix.log"
    with path.open("w") as file:
        file.write(POSTFIX)
        for _ in range(40):
            file.write(filler * 10_000)  # 40 MB in all
    os.utime(path, (WRITTEN.timestamp(),) * 2)
    shelf = files.shelf(str(folder))
    tracemalloc.start()
    found = search.find(shelf, Query(words="luis@kronos.test", seconds=60))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [story.id for story in found.stories] == ["4jbmsW2Wk7zn47w"]
    assert found.whole
    assert peak < 12 * files.BLOCK
    hurried = search.find(shelf, Query(words="luis@kronos.test", seconds=0))
    assert not hurried.whole
    assert hurried.back_to


# Times


def test_the_zone_is_found_from_when_the_file_was_written() -> None:
    lima = Zone.of("Nov 27 16:34:57 mail postfix/smtpd[1]: x", WRITTEN)
    assert lima.offset == timedelta(hours=-5)
    found = stamp("Nov 27 16:34:57 mail x", lima)
    assert found
    assert found[0] == datetime(2026, 11, 27, 21, 34, 57, tzinfo=UTC)


def test_the_year_is_the_last_that_fits() -> None:
    january = Zone(timedelta(), datetime(2027, 1, 2, tzinfo=UTC))
    found = stamp("Dec 31 23:59:59 mail x", january)
    assert found
    assert found[0].year == 2026


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"@{2**62 + 1777809600 + 37:016x}2ef02e94 hello", datetime(2026, 5, 3, 12, tzinfo=UTC)),
        ("2026-05-03T12:00:00.123+02:00 hello", datetime(2026, 5, 3, 10, tzinfo=UTC)),
        ("2026-05-03 12:00:00 hello", datetime(2026, 5, 3, 12, tzinfo=UTC)),
    ],
)
def test_other_ways_to_write_a_time(line: str, expected: datetime) -> None:
    found = stamp(line, Zone())
    assert found
    assert found[0] == expected
    assert line[found[1] :] == "hello"


def test_nonsense_is_no_time() -> None:
    for line in ("Foo 99 99:99:99 x", "Feb 31 10:00:00 x", "2026-13-40 00:00:00 x", "@4zz", "", "hello"):
        assert stamp(line, Zone()) is None


# Clients behind a proxy


def test_every_client_looks_like_the_proxy() -> None:
    assert clients.judge(["172.18.0.2"] * 30).code == "clients.proxy"
    assert clients.judge(["172.18.0.2"] * 10 + [f"203.0.113.{n}" for n in range(30)]).code == "clients.seen"
    assert clients.judge(["8.8.8.8"] * 30).code == "clients.seen"  # one busy stranger is no proxy
    assert clients.judge(["172.18.0.2"] * 5).code == "clients.few"


def test_the_newest_strangers_come_from_the_log(folder: Path) -> None:
    found = search.clients(files.shelf(str(folder)))
    assert [event.facts["ip"] for event in found] == ["198.51.100.7"]
