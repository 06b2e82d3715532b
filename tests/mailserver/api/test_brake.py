"""Dovecot's auth policy questions."""

import httpx
import pytest

from tests.in_process import InProcess

FAR = "198.51.100.7"


@pytest.fixture
def dovecot(api: InProcess) -> httpx.Client:
    return httpx.Client(base_url="http://in.process", transport=api)


def ask(dovecot: httpx.Client, remote: str = FAR, login: str = "ann@kronos.test") -> int:
    answer = dovecot.post("/authpolicy?command=allow", json={"remote": remote, "login": login})
    assert answer.status_code == 200
    return int(answer.json()["status"])


def fail(dovecot: httpx.Client, times: int, remote: str = FAR, login: str = "ann@kronos.test") -> None:
    for number in range(times):
        data = {"remote": remote, "login": login, "success": False, "pwhash": f"{number:02x}"}
        assert dovecot.post("/authpolicy?command=report", json=data).status_code == 200


def test_ten_different_wrong_passwords_shut_that_address_out_of_that_account(dovecot: httpx.Client) -> None:
    fail(dovecot, 9)
    assert ask(dovecot) == 0
    fail(dovecot, 10)
    assert ask(dovecot) == -1
    assert ask(dovecot, remote="203.0.113.9") == 0, "a stranger must not lock the owner out"
    assert ask(dovecot, login="leo@kronos.test") == 0


def test_an_address_that_tries_many_accounts_is_shut_out_of_all(dovecot: httpx.Client) -> None:
    for number in range(30):
        fail(dovecot, 1, login=f"person{number}@kronos.test")
    assert ask(dovecot, login="somebody-new@kronos.test") == -1


def test_a_telephone_with_an_old_password_counts_once(dovecot: httpx.Client) -> None:
    for _again in range(50):
        fail(dovecot, 1)
    assert ask(dovecot) == 0


def test_the_right_password_forgets_the_wrong_ones(dovecot: httpx.Client) -> None:
    fail(dovecot, 9)
    report = {"remote": FAR, "login": "ann@kronos.test", "success": True}
    dovecot.post("/authpolicy?command=report", json=report)
    fail(dovecot, 1)
    assert ask(dovecot) == 0


@pytest.mark.parametrize("remote", ["127.0.0.1", "::1", "", "not an address"])
def test_the_webmails_own_address_is_never_shut_out(dovecot: httpx.Client, remote: str) -> None:
    fail(dovecot, 60, remote=remote)
    assert ask(dovecot, remote=remote) == 0


def test_a_refusal_of_ours_is_not_one_more_failure(dovecot: httpx.Client) -> None:
    for number in range(20):
        data = {
            "remote": FAR,
            "login": "ann@kronos.test",
            "success": False,
            "policy_reject": True,
            "pwhash": str(number),
        }
        dovecot.post("/authpolicy?command=report", json=data)
    assert ask(dovecot) == 0


@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b'{"remote": 5, "login": {}}', b"\xff\xfe"])
def test_what_is_not_understood_lets_people_in(dovecot: httpx.Client, body: bytes) -> None:
    answer = dovecot.post("/authpolicy?command=allow", content=body)
    assert (answer.status_code, answer.json()["status"]) == (200, 0)
