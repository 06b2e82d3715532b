"""The document says what the server does, because both come from one table; answers are held against it."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from mailserver import queue
from mailserver.api.openapi import document
from mailserver.api.routes import PREFIX, ROUTES
from tests.in_process import InProcess

DOCUMENT = document()
SCHEMAS = DOCUMENT["components"]["schemas"]
PASSWORD = "Contract-tests-7-write"
KINDS: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}


def check(data: Any, schema: Mapping[str, Any], where: str = "answer") -> None:
    """The part of JSON Schema 2020-12 that the document uses. Unknown keys are an error: document them."""
    if "$ref" in schema:
        check(data, SCHEMAS[schema["$ref"].rpartition("/")[2]], where)
        return
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    assert any(isinstance(data, KINDS[kind]) for kind in kinds), f"{where}: {data!r} is not {kinds}"
    if isinstance(data, dict) and ("properties" in schema or "additionalProperties" in schema):
        assert set(schema.get("required", ())) <= set(data), where
        for key, value in data.items():
            inner = schema.get("properties", {}).get(key) or schema.get("additionalProperties")
            assert inner, f"{where}.{key} is not documented"
            check(value, inner, f"{where}.{key}")
    if isinstance(data, list):
        for one in data:
            check(one, schema["items"], f"{where}[]")


def test_the_document_is_public_and_whole(api: InProcess) -> None:
    with api.client(auth=None) as http:
        answer = http.get("openapi.json")
    assert answer.status_code == 200
    assert answer.json() == DOCUMENT
    assert DOCUMENT["openapi"] == "3.1.0"


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_is_documented(route: Any) -> None:
    operation = DOCUMENT["paths"][route.path][route.method.lower()]
    assert operation["summary"]
    assert str(route.status) in operation["responses"]
    assert {"401", "403"} <= set(operation["responses"])
    named = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
    assert named == set(re.findall(r"{(\w+)}", route.path))
    assert ("requestBody" in operation) == bool(route.body)


def test_operations_have_names_of_their_own() -> None:
    names = [one["operationId"] for path in DOCUMENT["paths"].values() for one in path.values()]
    assert len(names) == len(set(names)) == len(ROUTES)


def test_every_reference_leads_somewhere() -> None:
    references = re.findall(r"#/components/schemas/(\w+)", repr(DOCUMENT))
    assert references
    assert set(references) <= set(SCHEMAS)


def walk(http: httpx.Client) -> dict[str, httpx.Response]:
    """Every route once, in an order that works."""
    body = {"email": "ann@short.test", "passwordPlaintext": PASSWORD}
    box, domain = "boxes/ann@short.test", "domains/short.test"
    return {
        "POST /domains": http.post("domains", json={"name": "short.test"}),
        "GET /domains": http.get("domains"),
        "GET /domains/{name}": http.get(domain),
        "PATCH /domains/{name}": http.patch(domain, json={"referenceId": "crm-17"}),
        "PUT /domains/{name}/dkim": http.put(f"{domain}/dkim"),
        "GET /domains/{name}/dkim": http.get(f"{domain}/dkim"),
        "DELETE /domains/{name}/dkim": http.delete(f"{domain}/dkim"),
        "GET /domains/{name}/stats": http.get(f"{domain}/stats"),
        "POST /boxes": http.post("boxes", json=body),
        "GET /boxes": http.get("boxes"),
        "GET /boxes/{email}": http.get(box),
        "PATCH /boxes/{email}": http.patch(box, json={"name": "Ann"}),
        "PATCH /boxes/{email}/quota": http.patch(f"{box}/quota", json={"storageLimit": 5}),
        "GET /boxes/{email}/quota": http.get(f"{box}/quota"),
        "PATCH /boxes/{email}/sieve": http.patch(f"{box}/sieve", json={"script": "keep;"}),
        "GET /boxes/{email}/sieve": http.get(f"{box}/sieve"),
        "GET /boxes/{email}/stats": http.get(f"{box}/stats"),
        "DELETE /boxes/{email}": http.delete(box),
        "DELETE /domains/{name}": http.delete(domain),
        "GET /queue": http.get("queue"),
    }


def listed_queue(root: Path) -> None:
    """What mailserver.watch wrote a moment ago, from a real line of postqueue -j."""
    line = {
        "queue_name": "deferred",
        "queue_id": "4jbmsV5hwxzn4HY",
        "arrival_time": 1795815295,
        "message_size": 553,
        "forced_expire": False,
        "sender": "ana@kronos.test",
        "recipients": [{"address": "x@outside.test", "delay_reason": "connect to outside.test: timed out"}],
    }
    (root / "run").mkdir()
    (root / "run/queue.json").write_text(json.dumps(queue.summary([json.dumps(line).encode()])))


def test_a_queue_nobody_listed_is_not_there(http: httpx.Client, tmp_path: Path) -> None:
    assert http.get("queue").status_code == 404
    listed_queue(tmp_path)
    assert http.get("queue").json()["oldest"] == 1795815295
    old = json.loads((tmp_path / "run/queue.json").read_text()) | {"at": 1}
    (tmp_path / "run/queue.json").write_text(json.dumps(old))
    assert http.get("queue").status_code == 404


def test_every_answer_is_what_the_document_promises(http: httpx.Client, tmp_path: Path) -> None:
    listed_queue(tmp_path)
    answers = walk(http)
    assert set(answers) == {f"{route.method} {route.path}" for route in ROUTES}
    for route in ROUTES:
        answer = answers[f"{route.method} {route.path}"]
        assert answer.status_code == route.status, route
        if route.answer:
            check(answer.json(), SCHEMAS[route.answer], f"{route.method} {route.path}")
        else:
            assert answer.content == b""


def test_every_refusal_is_what_the_document_promises(http: httpx.Client, api: InProcess) -> None:
    with api.client(auth=None) as stranger:
        refused = [stranger.get("domains"), http.get("boxes/no@kronos.test"), http.post("boxes", json={})]
    assert [one.status_code for one in refused] == [401, 404, 400]
    for one in refused:
        check(one.json(), SCHEMAS["Error"])


def test_the_page_for_people_runs_no_script(api: InProcess) -> None:
    with httpx.Client(base_url="http://in.process", transport=api) as http:
        page = http.get("/admin/api/doc")
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    for route in ROUTES:
        assert PREFIX + route.path in page.text
