"""What was written comes back whole: the mailbox is away, the session ended, the form's token is old."""

from functools import wraps
from typing import cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from postie_web import errors
from postie_web.accounts.http import View
from webmail.forms.compose import ComposeForm

from . import letters

_TITLES = {
    "": lambda: _("New message"),
    "reply": lambda: _("Reply"),
    "reply-all": lambda: _("Reply to all"),
    "forward": lambda: _("Forward"),
    "attach": lambda: _("Forward as attachment"),
}


def context(request: HttpRequest, form: ComposeForm, draft: int) -> dict[str, object]:
    """Of _form.html. `writer` goes along with the form: a draft's number is of one mailbox only."""
    shown = form.data if form.is_bound else form.initial
    address = _address(request)
    return {
        "form": form,
        "draft": draft,
        "message_id": shown.get("message_id", ""),
        "address": address,
        "writer": address or str(shown.get("writer", ""))[:320],
        "title": _TITLES.get(str(shown.get("kind", "")), _TITLES[""])(),
    }


def number(request: HttpRequest, name: str) -> int:
    value = request.POST.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 11 else 0


def _address(request: HttpRequest) -> str:
    return str(getattr(getattr(request, "credentials", None), "address", ""))


def is_others(request: HttpRequest) -> bool:
    """Was this letter begun by somebody else, who was signed in to this browser before?"""
    writer, address = request.POST.get("writer", ""), _address(request)
    return bool(writer and address and writer != address)


def redraw(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    """The page with all that was written and this sentence above; nothing is asked of any mailbox.

    An autosave gets the sentence as JSON. To whoever is signed out it shows only what they sent themselves.
    """
    if request.POST.get("action") == "autosave":
        return JsonResponse({"error": sentence}, status=status)
    form = ComposeForm(request.POST, request.FILES)
    form.add_error(None, sentence)
    if request.FILES or vars(request).get("files_left_out"):
        form.add_error(None, _("The files you chose have to be attached again."))
    nameless = letters.Enclosure(name=_("Attachment"), size=0, icon="paperclip", url="")
    shown = context(request, form, 0 if is_others(request) else number(request, "draft"))
    shown |= {"kept": [] if is_others(request) else [(section, nameless) for section in form.kept]}
    return render(request, _template(request, shown), shown | {"tree": ""}, status=status)


def _template(request: HttpRequest, shown: dict[str, object]) -> str:
    if getattr(request, "htmx", False):
        return "webmail/compose/_form.html"
    if shown["address"]:
        return "webmail/compose/compose.html"
    shown["sign_in"] = f"{reverse('login')}?{urlencode({'next': reverse('webmail:inbox')})}"
    return "webmail/compose/signed_out.html"


def signed_out(request: HttpRequest) -> HttpResponse:
    return redraw(request, 401, _("You are signed out. Sign in in another tab; your text stays here."))


def kept_when_signed_out(view: View) -> View:
    """Outside of mail_required: a letter posted without a session is not thrown away for the sign-in page."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponseBase:
        if request.method == "POST" and not _address(request):
            return signed_out(request)
        return view(request)

    return cast(View, guarded)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Signing in makes a new token: the letter in an older tab comes back with it, ready to be sent.

    Only for a form of our own page, by the browser's word (Origin): nobody else's page may lay a letter here.
    """
    refused = errors.csrf_failure(request, reason)
    ours = f"{request.scheme}://{request.get_host()}"
    if request.path != reverse("webmail:compose") or request.headers.get("Origin") != ours:
        return refused
    if not _address(request):
        return signed_out(request)
    if request.POST.get("action") == "autosave":
        return JsonResponse({"error": _("Not saved yet."), "token": get_token(request)}, status=403)
    return redraw(
        request,
        403,
        _("You signed in again since this page was opened. Your text is still here; look it over and send."),
    )
