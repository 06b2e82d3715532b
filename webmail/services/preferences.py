"""What a person chose. Read at every request, so it is one query and never fails."""

from webmail.models import Preferences


def of(account: str) -> Preferences:
    """The row, or one with the defaults that is not saved yet."""
    account = account.lower()
    return Preferences.objects.filter(account=account).first() or Preferences(account=account)


def reset(account: str) -> None:
    """Back to how everybody begins."""
    Preferences.objects.filter(account=account.lower()).delete()
