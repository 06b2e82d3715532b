"""Does the server work? Four things really done, each with a verdict: send, receive, webmail, panel."""

import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import httpx
from django.conf import settings
from django.utils import timezone

from mailadmin.health import canary
from mailadmin.health.canary import Account, Failed
from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import PosteError
from mailadmin.posteio.resources import NewMailbox
from mailadmin.services import canary as doors
from mailadmin.services import passwords

SEND, RECEIVE, WEBMAIL, PANEL = "send", "receive", "webmail", "panel"
STEPS = (SEND, RECEIVE, WEBMAIL, PANEL)
PATIENCE = 60.0
TIMEOUT = 30.0
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    step: str
    works: bool
    seconds: float
    why: str = ""


class NotRight(Exception):
    """What was not as it should be, in a sentence."""


def run(poste: Client, url: str, domain: str = "") -> list[Verdict]:
    """In a mailbox made for it and taken away again. Never raises for what does not work."""
    with _mailbox(poste, domain) as account:
        if isinstance(account, str):
            return [Verdict(step=step, works=False, seconds=0.0, why=account) for step in STEPS]
        token = secrets.token_hex(16)
        message = canary.letter(account, token, timezone.now())
        acts: dict[str, Callable[[], object]] = {
            SEND: lambda: canary.submit(doors.smtp_door(), account, message),
            RECEIVE: lambda: canary.wait(doors.imap_door(), account, token, PATIENCE),
            WEBMAIL: lambda: _webmail(url, account),
            PANEL: lambda: _panel(url),
        }
        return [_judged(step, act) for step, act in acts.items()]


def _judged(step: str, act: Callable[[], object]) -> Verdict:
    started, why = time.monotonic(), ""
    try:
        act()
    except Failed as error:
        why = f"{error.code}: {error.said}" if error.said else error.code
    except NotRight as error:
        why = str(error)
    except (httpx.HTTPError, OSError) as error:
        why = f"{type(error).__name__}: {error}"[:300]
    return Verdict(step=step, works=not why, seconds=round(time.monotonic() - started, 2), why=why)


@contextmanager
def _mailbox(poste: Client, domain: str) -> Iterator[Account | str]:
    """A mailbox of our own, or the sentence why there is none."""
    name = domain or settings.POSTEIO_API_USER.rpartition("@")[2]
    account = Account(address=f"postie-check-{secrets.token_hex(4)}@{name}", password=passwords.generate())
    try:
        poste.mailboxes.create(NewMailbox(address=account.address, password=account.password, name="Postie"))
    except PosteError as error:
        yield f"A mailbox for the check could not be made: {type(error).__name__} {error}"[:300]
        return
    try:
        yield account
    finally:
        with suppress(PosteError):
            poste.mailboxes.delete(account.address)


def _webmail(url: str, account: Account) -> None:
    with _signed_in(url, account.address, account.password) as browser:
        page = browser.get("/")
        if page.status_code != 200 or "Postie canary" not in page.text:
            raise NotRight(f"the inbox does not show the letter ({page.status_code})")


def _panel(url: str) -> None:
    with _signed_in(url, settings.POSTEIO_API_USER, settings.POSTEIO_API_PASSWORD) as browser:
        page = browser.get("/admin/domains/")
        if page.status_code != 200:
            raise NotRight(f"the list of domains answers {page.status_code}")


@contextmanager
def _signed_in(url: str, address: str, password: str) -> Iterator[httpx.Client]:
    """Through the front door, as a browser does it."""
    headers = {"Referer": f"{url}/login", "Accept-Language": "en"}
    with httpx.Client(base_url=url, timeout=TIMEOUT, follow_redirects=True, headers=headers) as browser:
        token = _TOKEN.search(browser.get("/login").text)
        if token is None:
            raise NotRight("there is no sign-in page")
        form = {"address": address, "password": password, "csrfmiddlewaretoken": token[1]}
        answer = browser.post("/login", data=form)
        if answer.status_code != 200 or answer.url.path.startswith("/login"):
            raise NotRight(f"the sign-in was refused ({answer.status_code})")
        yield browser
