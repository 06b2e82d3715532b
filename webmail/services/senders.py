"""What holds for letters of a sender: their pictures, and whether as text or as designed."""

from dataclasses import dataclass

from django.db import connection

from webmail.models import Contact, Preferences, SenderRule

_MOST_RULES = 5000
_RULES = (
    "SELECT pattern, shows_images, view FROM webmail_senderrule WHERE account = %s AND pattern IN (%s, %s)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a letter is shown when nobody says otherwise."""

    is_plain: bool = False
    shows_images: bool = False


def manner(preferences: Preferences, address: str, *, is_doubtful: bool) -> Manner:
    """`is_doubtful`: somebody else may have written in this sender's name, who is trusted with nothing."""
    rules = _rules(preferences.account, address)
    views = [rules[pattern][1] for pattern in patterns(address) if rules.get(pattern, (False, ""))[1]]
    is_plain = views[0] == SenderRule.View.PLAIN if views else preferences.reads_plain
    if is_doubtful:
        return Manner(is_plain=is_plain)
    shows = any(shown for shown, _view in rules.values()) or (
        preferences.images == Preferences.Images.CONTACTS and is_contact(preferences.account, address)
    )
    return Manner(is_plain=is_plain, shows_images=shows)


def patterns(address: str) -> list[str]:
    """From the exact one to the wide one."""
    address = address.strip().lower()[:320]
    domain = address.rpartition("@")[2]
    return [address, f"@{domain}"] if domain and "@" in address else []


def _rules(account: str, address: str) -> dict[str, tuple[bool, str]]:
    """Pattern → shows pictures, view. At every letter: a sentence that need not be built anew."""
    wanted = patterns(address)
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_RULES, [account, *wanted])
        return {str(pattern): (bool(shows), str(view)) for pattern, shows, view in cursor.fetchall()}


def allow_images(account: str, pattern: str) -> None:
    _change(account, pattern, shows_images=True)


def remember_view(account: str, address: str, view: str) -> None:
    _change(account, address, view=view)


def _change(account: str, pattern: str, **values: object) -> None:
    account, pattern = account.lower(), pattern.strip().lower()[:320]
    if "@" not in pattern or SenderRule.objects.filter(account=account).count() >= _MOST_RULES:
        return
    SenderRule.objects.update_or_create(account=account, pattern=pattern, defaults=values)


def rules(account: str) -> list[SenderRule]:
    """For the settings page, those with something to take back."""
    return list(SenderRule.objects.filter(account=account.lower()).order_by("pattern")[:500])


def forget(account: str, number: int) -> None:
    SenderRule.objects.filter(account=account.lower(), pk=number).delete()


def is_contact(account: str, address: str) -> bool:
    return Contact.objects.filter(account=account.lower(), address=address.strip().lower()).exists()
