"""A folder's letters in and out as files, and what the folder is for."""

from django.contrib import messages as notices
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from postie_web.accounts.http import mail_required
from webmail import http
from webmail.forms.folders import ImportForm, RoleForm
from webmail.http import MailRequest, Timings, preferences_of
from webmail.imap import errors
from webmail.mime import body
from webmail.services import folders as service
from webmail.services import transfer

from . import words


@mail_required
@require_POST
def folder_role(request: MailRequest, name: str) -> HttpResponse:
    """Where the server names the wrong folder for Sent, Trash …, or none."""
    with http.missing_is_404(name), Timings().imap(request) as imap:
        folder = service.get(imap, name)
    form = RoleForm(request.POST)
    back = reverse("webmail:folder-detail", args=[name])
    if not form.is_valid() or folder.role in ("inbox", "all", "flagged"):
        return words.answer(request, back, _("This folder cannot be that."), failed=True)
    preferences = preferences_of(request)
    kept = {role: folder for role, folder in preferences.roles.items() if folder != name}
    if form.cleaned_data["role"]:
        kept[form.cleaned_data["role"]] = name
    preferences.roles = kept
    preferences.save()
    return words.answer(request, back, _("The folder is used for that from now on."))


@mail_required
@require_POST
def folder_import(request: MailRequest, name: str) -> HttpResponse:
    """Letters out of .eml and mbox files, with their own dates, as read."""
    form = ImportForm(request.POST, request.FILES)
    back = reverse("webmail:folder-detail", args=[name])
    if not form.is_valid():
        return words.answer(request, back, str(next(iter(form.errors.values()))[0]), failed=True)
    with http.missing_is_404(name), Timings().imap(request) as imap:
        service.get(imap, name)
        try:
            files = (file.chunks() for file in form.cleaned_data["letters"])
            count = transfer.take_in(imap, name, files)
        except transfer.TooLarge:
            sentence = _("A letter in it is too large, or there are too many. What came before it is there.")
            return words.answer(request, back, sentence, failed=True)
        except (errors.Rejected, errors.NotFound) as error:
            return words.answer(request, back, words.refused(error), failed=True)
    if not count:
        notices.error(request, _("There was no letter in these files."))
    sentence = ngettext("%(count)d letter is in the folder.", "%(count)d letters are in the folder.", count)
    return words.answer(request, reverse("webmail:folder", args=[name]), sentence % {"count": count})


@mail_required
@require_GET
def folder_export(request: MailRequest, name: str) -> StreamingHttpResponse:
    """All letters of the folder in one file, made while it is sent."""
    with http.missing_is_404(name), Timings().imap(request) as imap:
        wanted = transfer.uids(imap, name)
    response = StreamingHttpResponse(transfer.as_mbox(request.credentials, name, wanted))
    response.headers["Content-Type"] = "application/mbox"
    title = body.without_turns(name).replace("/", "_").replace("\\", "_")[:80]
    response.headers["Content-Disposition"] = (
        content_disposition_header(True, f"{title}.mbox") or "attachment"
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
