import re

import pytest

from mailadmin.posteio.errors import Duplicate, NotFound, Rejected
from mailadmin.posteio.resources import DomainChange, NewDomain
from tests.contract.conftest import Server

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000")


def test_a_new_domain_can_be_read(server: Server, domain: str) -> None:
    answer = server.http.get(f"domains/{domain}")
    assert answer.status_code == 200
    data = answer.json()
    assert data["name"] == domain
    assert DATE.fullmatch(data["created"])
    assert data["domain_bin"] is False
    assert data["forward"] is False


def test_creating_says_201_and_deleting_204(server: Server, domain: str) -> None:
    name = f"second-{domain}"
    assert server.http.post("domains", json={"name": name}).status_code == 201
    answer = server.http.delete(f"domains/{name}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert server.http.get(f"domains/{name}").status_code == 404


def test_the_same_domain_twice_is_400(server: Server, domain: str) -> None:
    assert server.http.post("domains", json={"name": domain}).status_code == 400


@pytest.mark.parametrize("name", ["", "with space.test", "a@b.test", "..", "-a.test", "x" * 300 + ".test"])
def test_a_wrong_name_is_400(server: Server, name: str) -> None:
    assert server.http.post("domains", json={"name": name}).status_code == 400


def test_a_list_has_poste_ios_five_keys(server: Server, domain: str) -> None:
    data = server.http.get("domains").json()
    assert {"page", "paging", "last_page", "results_count", "results"} <= set(data)
    assert data["page"] == 1
    assert data["paging"] == 15
    assert len(data["results"]) <= 15


def test_pages_hold_what_paging_says_and_nothing_twice(server: Server, domain: str) -> None:
    names = [f"p{number}.{domain}" for number in range(3)]
    for name in names:
        server.client.domains.create(NewDomain(name=name))
    first = server.http.get("domains", params={"page": 1, "paging": 2}).json()
    second = server.http.get("domains", params={"page": 2, "paging": 2}).json()
    assert len(first["results"]) == 2
    assert first["last_page"] >= 2
    seen = [one["name"] for one in first["results"] + second["results"]]
    assert len(set(seen)) == len(seen)
    assert set(names) <= {one.name for one in server.client.domains.all()}
    for name in names:
        server.client.domains.delete(name)


def test_fifty_thousand_a_page_is_allowed(server: Server, domain: str) -> None:
    answer = server.http.get("domains", params={"page": 1, "paging": 50000})
    assert answer.status_code == 200
    assert domain in {one["name"] for one in answer.json()["results"]}


def test_a_catch_all_is_switched_on_and_off(server: Server, domain: str) -> None:
    server.client.domains.update(domain, DomainChange(catch_all=f"everything@{domain}"))
    assert server.client.domains.get(domain).catch_all == f"everything@{domain}"
    server.client.domains.update(domain, DomainChange(catch_all=""))
    assert not server.client.domains.get(domain).catch_all


def test_an_alias_domain_is_switched_on_and_off(server: Server, domain: str) -> None:
    alias = f"alias-{domain}"
    server.client.domains.create(NewDomain(name=alias))
    answer = server.http.patch(f"domains/{alias}", json={"forward": True, "forwardDomain": domain})
    assert (answer.status_code, answer.content) == (204, b"")
    assert server.client.domains.get(alias).forward_domain == domain
    server.client.domains.update(alias, DomainChange(forward_domain=""))
    assert not server.client.domains.get(alias).forward_domain
    server.client.domains.delete(alias)


def test_deleting_a_domain_takes_its_boxes(server: Server, domain: str) -> None:
    name = f"short-{domain}"
    server.client.domains.create(NewDomain(name=name))
    body = {"email": f"ann@{name}", "passwordPlaintext": "Contract-tests-7-write"}
    assert server.http.post("boxes", json=body).status_code == 201
    server.client.domains.delete(name)
    assert server.http.get(f"boxes/ann@{name}").status_code == 404


def test_dkim_is_made_replaced_and_removed(server: Server, domain: str) -> None:
    first = server.client.domains.create_dkim(domain)
    assert first.selector
    assert len(first.public) > 300
    second = server.client.domains.create_dkim(domain)
    assert second.public != first.public
    server.client.domains.delete_dkim(domain)
    with pytest.raises(NotFound):
        server.client.domains.dkim(domain)


def test_a_domain_without_mail_has_empty_statistics(server: Server, domain: str) -> None:
    assert server.client.domains.stats(domain) == {}


def test_the_client_names_what_went_wrong(server: Server, domain: str) -> None:
    with pytest.raises(NotFound):
        server.client.domains.get(f"nobody.{domain}")
    with pytest.raises((Duplicate, Rejected)):
        server.client.domains.create(NewDomain(name=domain))
    with pytest.raises(Rejected):
        server.client.domains.create(NewDomain(name="not a domain"))
