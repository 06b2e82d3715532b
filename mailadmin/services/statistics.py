"""Mail in and out, for a small chart. Drawn on the server: numbers in, bars out."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import NotFound, PosteError
from mailadmin.posteio.resources import Traffic

MOST_PERIODS = 24
HEIGHT, WIDTH, GAP = 80, 18, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One period; `x`, `…_y` and `…_height` are SVG units."""

    period: str
    incoming: int
    outgoing: int
    x: int
    in_height: int
    out_height: int

    @property
    def in_y(self) -> int:
        return HEIGHT - self.in_height

    @property
    def out_y(self) -> int:
        return HEIGHT - self.out_height

    @property
    def out_x(self) -> int:
        return self.x + WIDTH // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    bars: tuple[Bar, ...]
    width: int
    height: int = HEIGHT
    bar_width: int = WIDTH // 2 - 1


def of_domain(poste: Client, name: str) -> Chart | None:
    """None when the server does not tell; an empty chart when there was no mail."""
    try:
        return chart(without_canary(poste, name, poste.domains.stats(name)))
    except PosteError:
        return None


def without_canary(poste: Client, name: str, told: Mapping[str, Traffic]) -> Mapping[str, Traffic]:
    """Our own letters every ten minutes are nobody's mail."""
    address = settings.CANARY_MAILBOX
    if address.rpartition("@")[2].lower() != name.lower():
        return told
    try:
        ours = poste.mailboxes.stats(address)
    except NotFound:
        return told
    return {
        period: Traffic(
            incoming=max(0, one.incoming - (ours[period].incoming if period in ours else 0)),
            outgoing=max(0, one.outgoing - (ours[period].outgoing if period in ours else 0)),
        )
        for period, one in told.items()
    }


def of_mailbox(poste: Client, address: str) -> Chart | None:
    try:
        return chart(poste.mailboxes.stats(address))
    except PosteError:
        return None


def chart(traffic: Mapping[str, Traffic]) -> Chart:
    """The last periods, oldest first; the tallest bar fills the height, and one letter is never invisible."""
    last = list(traffic.items())[-MOST_PERIODS:]
    most = max((max(one.incoming, one.outgoing) for _period, one in last), default=0) or 1
    bars = tuple(
        Bar(
            period=period,
            incoming=one.incoming,
            outgoing=one.outgoing,
            x=number * (WIDTH + GAP),
            in_height=_height(one.incoming, most),
            out_height=_height(one.outgoing, most),
        )
        for number, (period, one) in enumerate(last)
    )
    return Chart(bars=bars, width=max(len(bars) * (WIDTH + GAP) - GAP, WIDTH))


def _height(count: int, most: int) -> int:
    return max(1, round(count * HEIGHT / most)) if count else 0
