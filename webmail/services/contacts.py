"""One's own contacts: added from letters, known when a letter comes."""

from webmail.mime import addresses
from webmail.mime.vcard import Card
from webmail.models import Contact

_MOST = 10_000


def add(
    account: str, address: str, name: str = "", organization: str = "", phone: str = ""
) -> Contact | None:
    """None when it is no address, or there are too many."""
    account = account.lower()
    try:
        (found,) = addresses.typed(address)
    except (addresses.Invalid, ValueError):
        return None
    if Contact.objects.filter(account=account).count() >= _MOST:
        return None
    values = {"name": name[:200], "organization": organization[:200], "phone": phone[:100]}
    contact, _made = Contact.objects.update_or_create(
        account=account,
        address=found.address.lower()[:320],
        defaults={field: value for field, value in values.items() if value},
    )
    return contact


def add_card(account: str, card: Card) -> int:
    """Every address of a card; returns how many were taken."""
    phone = next(iter(card.phones), "")
    made = [add(account, email, card.name, card.organization, phone) for email in card.emails]
    return sum(contact is not None for contact in made)


def addresses_of(account: str, most: int = 200) -> list[str]:
    found = Contact.objects.filter(account=account.lower()).values_list("address", flat=True)
    return list(found[:most])
