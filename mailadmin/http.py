"""What the panel's views share: who asks, which page, which method, and where errors land."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _

from mailadmin.access import AdminRequest
from mailadmin.forms import words
from mailadmin.forms.base import PanelForm
from mailadmin.posteio.errors import Duplicate, Rejected
from mailadmin.services.audit import Actor
from mailadmin.services.errors import ChangedMeanwhile, Refused

__all__ = ["AdminRequest", "actor", "errors_beside", "method", "number", "query_string"]

LARGEST_PAGE = 1_000_000


def actor(request: AdminRequest) -> Actor:
    return Actor(
        address=request.user.address,
        request_id=getattr(request, "id", ""),
        client_address=getattr(request, "client_address", "") or "",
        form_token=request.POST.get("form_token", "")[:36],
    )


def method(request: HttpRequest) -> str:
    """The verb; a form, which only knows POST, says DELETE in a field."""
    wants_delete = request.method == "POST" and request.POST.get("_method") == "DELETE"
    return "DELETE" if wants_delete else str(request.method)


def number(request: HttpRequest, name: str = "page") -> int:
    """A page number from the address; nonsense is page one."""
    text = request.GET.get(name, "")
    return min(max(int(text), 1), LARGEST_PAGE) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def query_string(request: HttpRequest, **changes: object) -> str:
    """The address' query with some values changed; empty ones leave."""
    kept = {key: value for key, value in request.GET.items() if key not in changes}
    kept |= {key: str(value) for key, value in changes.items()}
    return urlencode({key: value for key, value in kept.items() if value})


@contextmanager
def errors_beside(form: PanelForm, fields: Mapping[str, str], key: str | None = None) -> Iterator[None]:
    """
    Inside it, what the server or our rules refuse lands in the form. `fields`: the API's names → the form's;
    `key`: the field that "already exists" belongs to.
    """
    try:
        yield
    except Duplicate:
        form.add_error(key, _("This already exists. Choose another one, or change what is there."))
    except Rejected as error:
        words.add(form, error, fields)
    except Refused as error:
        form.add_error(error.field if error.field in form.fields else None, str(error.sentence))
    except ChangedMeanwhile as error:
        form.show_again(error.now)
        form.add_error(None, words.changed_meanwhile(error))
