"""Who may come in, and what this server does beyond what is known of poste.io."""

from collections.abc import Callable

import httpx
import pytest

from mailadmin.posteio.errors import Rejected
from mailadmin.posteio.resources import MailboxChange
from tests.contract.conftest import PASSWORD, Server

Box = Callable[..., str]


@pytest.fixture
def bundled(server: Server) -> Server:
    if not server.bundled:
        pytest.skip("a promise of the bundled server only")
    return server


@pytest.mark.parametrize("auth", [None, ("nobody@kronos.test", PASSWORD), ("admin@kronos.test", "wrong")])
def test_without_the_right_key_it_is_401(server: Server, auth: tuple[str, str] | None) -> None:
    request = server.http.build_request("GET", "domains")
    request.headers.pop("authorization", None)
    if auth:
        request.headers["authorization"] = httpx.BasicAuth(*auth)._auth_header
    answer = server.http.send(request, auth=None)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")


def test_a_person_is_not_an_administrator(server: Server, box: Box) -> None:
    answer = server.http.get("domains", auth=(box(), PASSWORD))
    assert answer.status_code in (401, 403)


def test_an_administrator_loses_the_key_with_the_password(bundled: Server, box: Box) -> None:
    address = box("boss", superAdmin=True)
    assert bundled.http.get("domains", auth=(address, PASSWORD)).status_code == 200
    bundled.client.mailboxes.update(address, MailboxChange(password="Another-one-8-please"))
    assert bundled.http.get("domains", auth=(address, PASSWORD)).status_code == 401
    assert bundled.http.get("domains", auth=(address, "Another-one-8-please")).status_code == 200
    bundled.client.mailboxes.update(address, MailboxChange(suspended=True))
    assert bundled.http.get("domains", auth=(address, "Another-one-8-please")).status_code == 401


def test_nobody_locks_oneself_out(bundled: Server) -> None:
    where = f"boxes/{bundled.user}"
    assert bundled.http.patch(where, json={"disabled": True}).status_code == 400
    assert bundled.http.patch(where, json={"superAdmin": False}).status_code == 400
    assert bundled.http.delete(where).status_code == 400
    assert bundled.http.delete(f"domains/{bundled.user.partition('@')[2]}").status_code == 400
    assert bundled.http.get(where).json()["super_admin"] is True


def test_a_validation_error_has_the_shape_of_a_symfony_form(bundled: Server, domain: str) -> None:
    data = bundled.http.post("boxes", json={"email": f"a b@{domain}", "passwordPlaintext": PASSWORD}).json()
    assert data["code"] == 400
    assert data["message"] == "Validation Failed"
    assert data["errors"]["children"]["email"]["errors"]


def test_what_was_read_can_be_sent_back(bundled: Server, box: Box) -> None:
    where = f"boxes/{box()}"
    before = bundled.http.get(where).json()
    assert bundled.http.patch(where, json=before | {"name": "Sent back"}).status_code == 204
    after = bundled.http.get(where).json()
    assert after | {"name": before["name"], "updated": before["updated"]} == before


def test_a_form_may_carry_flags_numbers_and_a_trailing_slash(bundled: Server, box: Box) -> None:
    address = box()
    assert bundled.http.patch(f"boxes/{address}/", data={"disabled": "true"}).status_code == 204
    assert bundled.http.get(f"boxes/{address}/").json()["disabled"] is True
    assert bundled.http.patch(f"boxes/{address}/quota/", data={"storageLimit": "7"}).status_code == 204
    assert bundled.client.mailboxes.quota(address).storage_limit == 7


def test_a_new_box_says_where_it_is(bundled: Server, domain: str) -> None:
    answer = bundled.http.post("boxes", json={"email": f"new@{domain}", "passwordPlaintext": PASSWORD})
    assert bundled.http.get(answer.headers["location"].removeprefix("/admin/api/v1/")).json() == answer.json()


def test_everybody_of_an_own_domain_is_a_target(bundled: Server, box: Box, domain: str) -> None:
    address = box("all", passwordPlaintext=None, redirectTo=[f"*@{domain}"])
    assert bundled.client.mailboxes.get(address).redirect_to == (f"*@{domain}",)


def test_mail_cannot_be_sent_round_in_circles(bundled: Server, box: Box, domain: str) -> None:
    a = box("a", passwordPlaintext=None, redirectTo=["out@example.org"])
    b = box("b", passwordPlaintext=None, redirectTo=[a])
    with pytest.raises(Rejected) as refused:
        bundled.client.mailboxes.update(a, MailboxChange(redirect_to=(b,)))
    assert refused.value.field == "redirectTo"
    with pytest.raises(Rejected):
        bundled.client.mailboxes.update(a, MailboxChange(redirect_to=(a,)))


def test_the_private_half_of_a_key_is_only_shown_when_asked_for(bundled: Server, domain: str) -> None:
    bundled.client.domains.create_dkim(domain)
    assert bundled.http.get(f"domains/{domain}/dkim").json()["private"] == ""
    shown = bundled.http.get(f"domains/{domain}/dkim", params={"private": "1"}).json()["private"]
    assert shown.startswith("-----BEGIN")
