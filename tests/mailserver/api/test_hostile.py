"""Whatever is sent, the answer is a calm one and nothing is written outside the mail directory."""

import json
import string
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.in_process import ADMIN, InProcess

PASSWORD = "Contract-tests-7-write"
relaxed = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)
KEYS = [
    *("name", "email", "passwordPlaintext", "disabled", "superAdmin", "redirectTo", "referenceId", "discard"),
    *(
        "storageLimit",
        "countLimit",
        "domainBin",
        "domainBinAddress",
        "forward",
        "forwardDomain",
        "forceRoute",
    ),
    *("script", "selector", "private", "body"),
]
bodies = st.dictionaries(st.sampled_from(KEYS), anything, max_size=6)


def files(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if "data/db" not in str(path)}


PATHS = [
    *("domains", "boxes", "domains/kronos.test", "domains/kronos.test/dkim"),
    *("boxes/ann@kronos.test", "boxes/ann@kronos.test/quota", "boxes/ann@kronos.test/sieve"),
]


@relaxed
@given(body=bodies, verb=st.sampled_from(["POST", "PATCH", "PUT"]))
@pytest.mark.parametrize("path", PATHS)
def test_no_json_breaks_it(api: InProcess, path: str, verb: str, body: dict[str, Any]) -> None:
    with api.client() as http:
        http.post("boxes", json={"email": "ann@kronos.test", "passwordPlaintext": PASSWORD})
        answer = http.request(
            verb, path, content=json.dumps(body), headers={"content-type": "application/json"}
        )
    assert answer.status_code in (200, 201, 204, 400, 404, 405), answer.text


@relaxed
@given(
    raw=st.binary(max_size=200),
    kind=st.sampled_from(["application/json", "application/x-www-form-urlencoded"]),
)
def test_no_bytes_break_it(http: httpx.Client, raw: bytes, kind: str) -> None:
    assert http.post("boxes", content=raw, headers={"content-type": kind}).status_code in (201, 400)


@relaxed
@given(local_part=st.text(alphabet=st.characters(codec="utf-8"), max_size=70), domain=st.text(max_size=20))
def test_no_address_leaves_the_mail_directory(
    api: InProcess, http: httpx.Client, local_part: str, domain: str
) -> None:
    for address in (f"{local_part}@kronos.test", f"ann@{domain}", f"{local_part}@{domain}"):
        answer = http.post("boxes", json={"email": address, "passwordPlaintext": PASSWORD})
        assert answer.status_code in (201, 400)
        if answer.status_code == 201:
            home = Path(answer.json()["home"])
            assert home.parent == api.database.mail_root / "kronos.test"
            assert home.resolve() == home
            assert http.delete(f"boxes/{quote(answer.json()['address'])}").status_code == 204


@pytest.mark.parametrize(
    "name", ["..", ".", "...", "a..b", ".a", "a.", "a/../b", "%2e%2e", "-", "a\\b", "a\nb", "*"]
)
def test_a_name_made_of_dots_is_nobodys(api: InProcess, http: httpx.Client, name: str) -> None:
    before = files(api.database.root)
    for options in ({"passwordPlaintext": PASSWORD}, {"redirectTo": ["out@example.org"]}):
        answer = http.post("boxes", json={"email": f"{name}@kronos.test", **options})
        assert answer.status_code == (201 if name == "-" else 400)
        http.delete("boxes/-@kronos.test")
    assert http.post("domains", json={"name": name}).status_code == 400
    assert files(api.database.root) == before


@relaxed
@given(
    path=st.text(alphabet=string.printable, max_size=60),
    verb=st.sampled_from(["GET", "PATCH", "DELETE", "PUT"]),
)
def test_no_path_breaks_it(http: httpx.Client, path: str, verb: str) -> None:
    for where in (f"boxes/{quote(path, safe='')}", f"domains/{quote(path, safe='/')}/dkim"):
        assert http.request(verb, where).status_code in (200, 204, 400, 404, 405)


@relaxed
@given(
    page=st.text(max_size=30) | st.integers(), paging=st.text(max_size=30) | st.integers(), query=st.text()
)
def test_no_query_breaks_a_list(http: httpx.Client, page: object, paging: object, query: str) -> None:
    for what in ("boxes", "domains"):
        answer = http.get(what, params={"page": str(page), "paging": str(paging), "query": query})
        assert answer.status_code in (200, 400)


@pytest.mark.parametrize("query", ["%", "_", "\\", "'; DROP TABLE boxes; --", '"', "*", "@", "kronos'"])
def test_a_query_is_text_and_nothing_else(http: httpx.Client, query: str) -> None:
    data = http.get("boxes", params={"query": query}).json()
    assert {one["address"] for one in data["results"]} == ({"admin@kronos.test"} if query == "@" else set())


def test_a_body_without_end_is_not_read(http: httpx.Client) -> None:
    assert http.post("boxes", content=b'{"name": "' + b"x" * 3_000_000 + b'"}').status_code == 400


def test_json_as_deep_as_the_sea_is_refused(http: httpx.Client) -> None:
    assert http.post("boxes", content=b"[" * 200_000).status_code == 400


@pytest.mark.parametrize(
    "token", ["", "Basic", "Basic !!", "Bearer abc", "Basic YQ==", "Basic " + "QUFB" * 4000]
)
def test_a_strange_key_is_a_wrong_key(api: InProcess, token: str) -> None:
    with api.client(auth=None) as http:
        assert http.get("domains", headers={"authorization": token}).status_code == 401


@pytest.mark.parametrize("password", ["2short", "x" * 73, "ñ" * 37, "with\nline", "nul\0byte-more"])
def test_a_password_dovecot_would_not_understand_is_refused(http: httpx.Client, password: str) -> None:
    body = {"email": "ann@kronos.test", "passwordPlaintext": password}
    answer = http.post("boxes", json=body)
    assert answer.status_code == 400
    assert password not in answer.text


def test_wrong_keys_from_far_away_are_braked(tmp_path: Path) -> None:
    far = InProcess(tmp_path, address="198.51.100.7")
    with far.client(auth=None) as http:
        for number in range(10):
            assert http.get("domains", auth=(ADMIN[0], f"wrong-{number}")).status_code == 401
        assert http.get("domains", auth=ADMIN).status_code == 401, (
            "shut for ten minutes, even with the right one"
        )
        assert http.get("domains", auth=("other@kronos.test", "x")).status_code == 401
    far.end()


@pytest.mark.parametrize("key", ["name", "email", "referenceId", "passwordPlaintext", "redirectTo"])
def test_half_a_character_is_refused(http: httpx.Client, key: str) -> None:
    body = {"email": "ann@kronos.test", "passwordPlaintext": PASSWORD, key: "half-\ud800@kronos.test"}
    assert http.post("boxes", content=json.dumps(body)).status_code == 400
    assert http.patch("boxes/admin@kronos.test/sieve", content=r'{"script": "\ud800"}').status_code == 400
