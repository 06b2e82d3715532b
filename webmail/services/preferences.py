"""What a person chose. Read at every request, so it is one prepared sentence and never fails."""

from postie_web.lib.prepared import Prepared
from webmail.models import Preferences

_STORED = Prepared(Preferences, "account")


def of(account: str) -> Preferences:
    """The row, or one with the defaults that is not saved yet."""
    account = account.lower()
    return _STORED.first(account) or Preferences(account=account)


def reset(account: str) -> None:
    """Back to how everybody begins."""
    Preferences.objects.filter(account=account.lower()).delete()
