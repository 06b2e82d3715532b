"""The same tests against all that claim to be poste.io; docs/contract-tests.md: how to add a real one."""

import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest

from mailadmin.posteio.client import Client
from tests.in_process import ADMIN, InProcess

REAL = os.environ.get("POSTEIO_URL", "")
SERVERS = ["in process", "running", *(["poste.io"] if REAL else [])]
PASSWORD = "Contract-tests-7-write"


@dataclass(frozen=True)
class Server:
    """One claimant, twice: raw HTTP for the exact answers, our client for what we make of them."""

    kind: str
    http: httpx.Client
    client: Client
    user: str

    @property
    def bundled(self) -> bool:
        return self.kind != "poste.io"


@pytest.fixture(params=SERVERS, scope="session")
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if request.param == "in process":
        transport = InProcess(tmp_path_factory.mktemp("api"))
        client = Client("http://in.process", *ADMIN, transport=transport)
        with transport.client() as http:
            yield Server("in process", http, client, ADMIN[0])
        transport.end()
        return
    if request.param == "running":
        stack = request.getfixturevalue("stack")
        url, auth = stack.api_url, stack.admin
    else:
        url, auth = REAL, (os.environ["POSTEIO_USER"], os.environ["POSTEIO_PASSWORD"])
    with httpx.Client(base_url=f"{url}/admin/api/v1/", auth=auth, timeout=30) as http:
        client = Client(url, *auth)
        yield Server(request.param, http, client, auth[0])
        client.close()


@pytest.fixture
def domain(server: Server) -> Iterator[str]:
    """A domain of its own for every test, gone afterwards."""
    name = f"contract-{secrets.token_hex(4)}.test"
    assert server.http.post("domains", json={"name": name}).status_code == 201
    yield name
    server.http.delete(f"domains/{name}")


@pytest.fixture
def box(server: Server, domain: str) -> Callable[..., str]:
    """Makes a box of a local part; more keys in the request's own words."""

    def make(local_part: str = "ann", **options: object) -> str:
        address = f"{local_part}@{domain}"
        body = {"name": local_part.title(), "email": address, "passwordPlaintext": PASSWORD, **options}
        answer = server.http.post(
            "boxes", json={key: value for key, value in body.items() if value is not None}
        )
        assert answer.status_code == 201, answer.text
        return address

    return make
