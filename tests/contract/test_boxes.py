from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

import pytest

from mailadmin.posteio.errors import Duplicate, NotFound, Rejected
from mailadmin.posteio.resources import MailboxChange, NewMailbox, Only
from tests.contract.conftest import PASSWORD, Server

Box = Callable[..., str]
SENTENCE = "This combination of username and domain is already in database"


def test_a_box_comes_back_in_snake_case(server: Server, box: Box) -> None:
    address = box("ann", referenceId="hr-0042")
    data = server.http.get(f"boxes/{address}").json()
    assert data["address"] == address
    assert data["user"] == "ann"
    assert data["name"] == "Ann"
    assert data["disabled"] is False
    assert data["super_admin"] is False
    assert data["redirect_only"] is False
    assert data["redirect_to"] == []
    assert data["reference_id"] == "hr-0042"
    assert "password" not in data
    assert not {key for key in data if key != key.lower()}


def test_both_ways_to_write_the_at_sign_lead_to_the_box(server: Server, box: Box) -> None:
    address = box()
    assert server.http.get(f"boxes/{address}").json()["address"] == address
    assert server.http.get(f"boxes/{quote(address, safe='')}").json()["address"] == address


def test_a_duplicate_is_400_with_the_known_sentence(server: Server, box: Box) -> None:
    address = box()
    answer = server.http.post("boxes", json={"email": address, "passwordPlaintext": PASSWORD})
    assert answer.status_code == 400
    assert SENTENCE in answer.text
    with pytest.raises(Duplicate):
        server.client.mailboxes.create(NewMailbox(address=address, password=PASSWORD))


def test_a_box_needs_its_domain_first(server: Server, domain: str) -> None:
    body = {"email": f"ann@missing-{domain}", "passwordPlaintext": PASSWORD}
    assert server.http.post("boxes", json=body).status_code == 400


@pytest.mark.parametrize("local_part", ["", "..", "a b", "a/b", "a@b", "é", "<script>", "a\x00b"])
def test_a_wrong_local_part_is_400(server: Server, domain: str, local_part: str) -> None:
    body = {"email": f"{local_part}@{domain}", "passwordPlaintext": PASSWORD}
    assert server.http.post("boxes", json=body).status_code == 400


def test_a_box_without_a_password_is_400(server: Server, domain: str) -> None:
    assert server.http.post("boxes", json={"email": f"ann@{domain}"}).status_code == 400


def test_a_patch_changes_only_what_it_names(server: Server, box: Box) -> None:
    address = box("ann", referenceId="keep")
    answer = server.http.patch(f"boxes/{address}", json={"name": "Ann Example"})
    assert (answer.status_code, answer.content) == (204, b"")
    found = server.client.mailboxes.get(address)
    assert (found.name, found.reference_id, found.suspended) == ("Ann Example", "keep", False)


def test_suspending_and_back(server: Server, box: Box) -> None:
    address = box()
    server.client.mailboxes.update(address, MailboxChange(suspended=True))
    assert server.client.mailboxes.get(address).suspended
    server.client.mailboxes.update(address, MailboxChange(suspended=False))
    assert not server.client.mailboxes.get(address).suspended


def test_a_form_body_does_for_text(server: Server, box: Box) -> None:
    address = box()
    assert server.http.patch(f"boxes/{address}", data={"name": "By form"}).status_code == 204
    assert server.client.mailboxes.get(address).name == "By form"


def test_an_unknown_box_is_404_whatever_is_asked(server: Server, domain: str) -> None:
    where = f"boxes/nobody@{domain}"
    assert server.http.get(where).status_code == 404
    assert server.http.patch(where, json={"name": "x"}).status_code == 404
    assert server.http.delete(where).status_code == 404
    assert server.http.get(f"{where}/quota").status_code == 404
    with pytest.raises(NotFound):
        server.client.mailboxes.get(f"nobody@{domain}")


def test_deleting_is_204_and_final(server: Server, box: Box) -> None:
    address = box()
    assert server.http.delete(f"boxes/{address}").status_code == 204
    assert server.http.get(f"boxes/{address}").status_code == 404


def test_a_query_finds_a_part_of_the_address(server: Server, box: Box, domain: str) -> None:
    anita, beto = box("anita"), box("beto")
    found = {one.address for one in server.client.mailboxes.all(query="nita@" + domain[:12])}
    assert anita in found
    assert beto not in found


def test_all_boxes_of_a_domain_are_found_by_its_name(server: Server, box: Box, domain: str) -> None:
    wanted = {box(name) for name in ("a", "b", "c")}
    page = server.client.mailboxes.list(page=1, paging=2, query=f"@{domain}")
    assert (page.total, page.last_page, len(page.items)) == (3, 2, 2)
    assert {one.address for one in server.client.mailboxes.all(query=f"@{domain}", paging=2)} == wanted


def test_a_redirect_is_a_box_without_storage(server: Server, box: Box) -> None:
    ann = box("ann")
    sales = box("sales", passwordPlaintext=None, redirectTo=[ann, "partner@example.org"])
    found = server.client.mailboxes.get(sales)
    assert found.redirect_only
    assert set(found.redirect_to) == {ann, "partner@example.org"}


def test_the_targets_of_a_redirect_can_be_replaced(server: Server, box: Box) -> None:
    ann, leo = box("ann"), box("leo")
    sales = box("sales", passwordPlaintext=None, redirectTo=[ann])
    server.client.mailboxes.update(sales, MailboxChange(redirect_to=(leo, ann)))
    assert set(server.client.mailboxes.get(sales).redirect_to) == {leo, ann}


def test_everybody_of_a_foreign_domain_is_refused(server: Server, domain: str) -> None:
    with pytest.raises(Rejected):
        server.client.mailboxes.create(NewMailbox(address=f"all@{domain}", redirect_to=("*@example.org",)))


def test_limits_are_set_one_by_one(server: Server, box: Box) -> None:
    address = box()
    assert server.http.patch(f"boxes/{address}/quota", json={"storageLimit": 512}).status_code == 204
    server.client.mailboxes.set_quota(address, count_limit=1000)
    quota = server.client.mailboxes.quota(address)
    assert (quota.storage_limit, quota.count_limit, quota.storage_usage, quota.count_usage) == (
        512,
        1000,
        0,
        0,
    )


def test_a_script_is_kept_as_it_is(server: Server, box: Box) -> None:
    address = box()
    script = 'require ["fileinto"];\r\nif header :contains "subject" "ñandú" { fileinto "INBOX"; }\r\n'
    server.client.mailboxes.set_sieve(address, script)
    assert server.client.mailboxes.sieve(address).strip() == script.strip()


def test_a_box_without_mail_has_empty_statistics(server: Server, box: Box) -> None:
    assert server.client.mailboxes.stats(box()) == {}


@pytest.fixture
def mixed(server: Server, box: Box) -> dict[str, str]:
    """One of each kind in a domain."""
    found = {name: box(name) for name in ("ann", "leo", "zoe")}
    found["sales"] = box("sales", passwordPlaintext=None, redirectTo=[found["ann"]])
    found["off"] = box("off", passwordPlaintext=None, redirectTo=[found["leo"]], disabled=True)
    server.client.mailboxes.update(found["leo"], MailboxChange(suspended=True))
    server.client.mailboxes.update(found["zoe"], MailboxChange(super_admin=True))
    return found


@pytest.mark.parametrize(
    ("only", "names"),
    [
        (Only(aliases=False), "ann leo zoe"),
        (Only(aliases=True), "off sales"),
        (Only(suspended=True), "leo off"),
        (Only(aliases=False, suspended=False), "ann zoe"),
        (Only(super_admins=True), "zoe"),
        (Only(aliases=False, super_admins=False), "ann leo"),
        (Only(administrators=True), "zoe"),
        (Only(aliases=False, sort="-address"), "zoe leo ann"),
        (Only(sort="name"), "ann leo off sales zoe"),
    ],
)
def test_our_own_filters_are_heeded_or_ignored_and_the_answer_says_which(
    server: Server, mixed: dict[str, str], domain: str, only: Only, names: str
) -> None:
    only = replace(only, domain=domain)
    page = server.client.mailboxes.list(query=f"@{domain}", only=only)
    assert page.filtered is server.bundled
    if server.bundled:
        found = [box.address.partition("@")[0] for box in page.items]
        assert page.total == len(names.split())
        assert found == names.split()
    else:
        assert page.total == len(mixed)
    fitting = {box.address.partition("@")[0] for box in page.items if only.fits(box)}
    assert fitting == set(names.split())


def test_filters_and_words_together_and_pages_of_them(
    server: Server, mixed: dict[str, str], domain: str
) -> None:
    only = Only(domain=domain, aliases=False)
    pages = list(server.client.mailboxes.pages(query=f"@{domain}", paging=2, only=only))
    found = [box.address for page in pages for box in page.items if only.fits(box)]
    assert sorted(found) == sorted(mixed[name] for name in ("ann", "leo", "zoe"))


def test_without_our_filters_the_envelope_is_poste_ios(server: Server, box: Box) -> None:
    box()
    wanted = {"page", "paging", "last_page", "results_count", "results"}
    assert set(server.http.get("boxes").json()) == wanted
    if server.bundled:
        assert server.http.get("boxes", params={"redirectOnly": "perhaps"}).status_code == 400
        assert server.http.get("boxes", params={"sort": "address; DROP TABLE boxes"}).status_code == 400
