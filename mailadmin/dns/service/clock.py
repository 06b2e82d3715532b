"""Is the server's clock right? Check V20. RFC 9110, 6.6.1: HTTP's Date is the moment of the answer."""

from collections.abc import Iterator
from email.utils import parsedate_to_datetime

from mailadmin.dns.finding import Finding, fail, ok, unknown, warn
from mailadmin.dns.network import Network
from mailadmin.dns.subject import Subject

RIGHT, WRONG = 5, 300


def check_clock(subject: Subject, net: Network) -> Iterator[Finding]:
    url = subject.server.web or f"https://{subject.server.host}/"
    page = net.fetch(url)
    try:
        told = parsedate_to_datetime(page.headers.get("date", ""))
        skew = abs((told - net.now()).total_seconds())
    except (ValueError, TypeError):
        yield unknown("clock.unmeasured", url=url, reason=page.error or "Date")
        return
    if skew > WRONG:
        yield fail("clock.wrong", seconds=round(skew))
    elif skew >= RIGHT:
        yield warn("clock.off", seconds=round(skew))
    else:
        yield ok("clock.right", seconds=round(skew))
