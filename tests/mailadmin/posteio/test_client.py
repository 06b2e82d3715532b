"""The client against a transport that answers whatever a test wants."""

import json
import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import Duplicate, NotFound, PosteError, Rejected, Unauthorized, Unavailable
from mailadmin.posteio.resources import DomainChange, Mailbox, MailboxChange, NewDomain, NewMailbox, Traffic

PASSWORD = "Never-in-a-log-1"
Answer = Callable[[httpx.Request], httpx.Response]


class Said:
    """Answers in order (the last one for ever) and remembers what was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers, self.requests = list(answers), list[httpx.Request]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def client(said: Answer) -> Client:
    return Client(
        "https://mail.example.org/", "admin@example.org", PASSWORD, transport=httpx.MockTransport(said)
    )


def answers(data: Any, status: int = 200) -> Client:
    return client(lambda request: httpx.Response(status, json=data))


@pytest.mark.parametrize(
    ("status", "error"),
    [
        *((401, Unauthorized), (403, Unauthorized), (404, NotFound), (400, Rejected), (422, Rejected)),
        *((500, Unavailable), (502, Unavailable), (503, Unavailable), (429, Unavailable), (302, Unavailable)),
    ],
)
def test_every_status_has_its_error(status: int, error: type[PosteError]) -> None:
    with pytest.raises(error):
        answers({"message": "no"}, status).domains.get("example.org")


def test_the_sentence_makes_a_duplicate() -> None:
    said = {"message": "This combination of username and domain is already in database"}
    with pytest.raises(Duplicate):
        answers(said, 400).mailboxes.create(NewMailbox(address="ann@example.org", password=PASSWORD))


def test_a_rejection_brings_its_reason_and_its_field() -> None:
    children = {"name": {}, "email": [], "passwordPlaintext": {"errors": ["Too short."]}}
    said = {"code": 400, "message": "Validation Failed", "errors": {"children": children}}
    with pytest.raises(Rejected) as refused:
        answers(said, 400).mailboxes.update("ann@example.org", MailboxChange(password="x"))
    assert (refused.value.reason, refused.value.field) == ("Too short.", "passwordPlaintext")


@pytest.mark.parametrize(
    "body", ["", "<html>", "[]", "null", '{"errors": []}', '{"errors": {"children": []}}']
)
def test_a_rejection_of_any_shape_is_a_rejection(body: str) -> None:
    with pytest.raises(Rejected):
        client(lambda request: httpx.Response(400, text=body)).domains.get("example.org")


@pytest.mark.parametrize(
    "trouble", [httpx.ConnectError("no"), httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("cut")]
)
def test_a_read_is_tried_once_more_and_a_write_never(trouble: Exception) -> None:
    said = Said(trouble, httpx.Response(200, json={"name": "example.org"}))
    assert client(said).domains.get("example.org").name == "example.org"
    assert len(said.requests) == 2
    for write in (
        lambda poste: poste.domains.create(NewDomain(name="example.org")),
        lambda poste: poste.domains.delete("example.org"),
        lambda poste: poste.mailboxes.update("ann@example.org", MailboxChange(name="Ann")),
        lambda poste: poste.domains.create_dkim("example.org"),
    ):
        said = Said(trouble)
        with pytest.raises(Unavailable):
            write(client(said))
        assert len(said.requests) == 1


def test_every_call_has_a_timeout() -> None:
    said = Said(httpx.Response(200, json={"name": "example.org"}))
    client(said).domains.get("example.org")
    waits = said.requests[0].extensions["timeout"]
    assert all(0 < seconds <= 10 for seconds in waits.values())


@pytest.mark.parametrize("body", ["", "nonsense", "[]", "null", "7", '"text"', "{}", '{"name": 7}', "[[1]]"])
def test_an_answer_that_is_not_poste_io_is_no_answer(body: str) -> None:
    with pytest.raises(Unavailable):
        client(lambda request: httpx.Response(200, text=body)).domains.get("example.org")


def test_every_key_but_the_address_may_be_missing_or_null() -> None:
    keys = [
        "name",
        "disabled",
        "super_admin",
        "redirect_only",
        "redirect_to",
        "created",
        "updated",
        "discard",
    ]
    bare = answers({"address": "ann@example.org"}).mailboxes.get("ann@example.org")
    nulls = answers({"address": "ann@example.org"} | dict.fromkeys(keys)).mailboxes.get("ann@example.org")
    assert bare == nulls == Mailbox(address="ann@example.org")


def test_a_date_without_a_colon_is_read_and_nonsense_is_none() -> None:
    found = answers({"name": "example.org", "created": "2004-02-12T15:19:21+0000", "updated": "yesterday"})
    domain = found.domains.get("example.org")
    assert domain.created is not None
    assert domain.created.isoformat() == "2004-02-12T15:19:21+00:00"
    assert domain.updated is None


def test_a_list_where_an_object_is_meant_is_empty() -> None:
    assert answers([]).mailboxes.stats("ann@example.org") == {}
    assert answers({"2024-01": {"in": 3, "out": "2"}}).domains.stats("example.org") == {
        "2024-01": Traffic(incoming=3, outgoing=2)
    }


def test_numbers_may_be_text() -> None:
    quota = answers({"storage_limit": "2048", "storage_usage": 13.7, "count_limit": None}).mailboxes.quota(
        "a@b.test"
    )
    assert (quota.storage_limit, quota.storage_usage, quota.count_limit, quota.count_usage) == (
        2048,
        13.7,
        0,
        0,
    )


@pytest.mark.parametrize(
    "public", ["MIIB+/=", "-----BEGIN PUBLIC KEY-----\nMIIB\n+/=\n-----END PUBLIC KEY-----\n"]
)
def test_a_public_key_is_bare_base64_whatever_came(public: str) -> None:
    data = {"selector": "s1", "public": public, "private": "-----BEGIN RSA PRIVATE KEY-----"}
    key = answers(data).domains.dkim("example.org")
    assert key.public == "MIIB+/="
    assert "PRIVATE" not in repr(key)


def test_pages_are_walked_to_the_last() -> None:
    def said(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params["page"])
        results = [{"address": f"{page}{letter}@example.org"} for letter in "ab"]
        return httpx.Response(
            200, json={"page": page, "last_page": 3, "results_count": 6, "results": results}
        )

    assert len(list(client(said).mailboxes.all())) == 6


def test_addresses_are_encoded_and_never_climb() -> None:
    said = Said(httpx.Response(200, json={"address": "a/../b@example.org"}))
    client(said).mailboxes.get("a/../b?x#y@example.org")
    assert said.requests[0].url.raw_path == b"/admin/api/v1/boxes/a%2F..%2Fb%3Fx%23y%40example.org"
    for name in ("", ".", ".."):
        with pytest.raises(NotFound):
            client(said).mailboxes.delete(name)
    assert len(said.requests) == 1


def test_only_what_changes_is_sent() -> None:
    said = Said(httpx.Response(204))
    client(said).mailboxes.update("ann@example.org", MailboxChange(suspended=False, redirect_to=()))
    client(said).domains.update("example.org", DomainChange(catch_all=""))
    sent = [json.loads(request.content) for request in said.requests]
    assert sent == [{"disabled": False, "redirectTo": []}, {"domainBin": False, "domainBinAddress": None}]


def test_secrets_are_in_no_repr_no_error_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    new = NewMailbox(address="ann@example.org", password=PASSWORD)
    poste = client(Said(httpx.ConnectError(f"could not send {PASSWORD}")))
    with pytest.raises(Unavailable) as trouble:
        poste.mailboxes.create(new)
    said = [
        repr(poste),
        repr(new),
        repr(MailboxChange(password=PASSWORD)),
        str(MailboxChange(password=PASSWORD).facts()),
    ]
    assert PASSWORD not in "".join([*said, str(trouble.value), repr(trouble.value), caplog.text])
    assert trouble.value.__cause__ is None
