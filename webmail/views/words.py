"""What happened, in words: folder names, results of actions, refusals."""

import json
from collections.abc import Sequence
from urllib.parse import quote

from django.contrib import messages as notices
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from webmail.http import MailRequest
from webmail.imap import errors
from webmail.models import Action
from webmail.services.messages import Done
from webmail.types import Folder

_FOLDERS = {
    "inbox": pgettext_lazy("folder", "Inbox"),
    "drafts": pgettext_lazy("folder", "Drafts"),
    "sent": pgettext_lazy("folder", "Sent"),
    "archive": pgettext_lazy("folder", "Archive"),
    "junk": pgettext_lazy("folder", "Junk"),
    "trash": pgettext_lazy("folder", "Trash"),
    "all": pgettext_lazy("folder", "All mail"),
    "flagged": pgettext_lazy("folder", "Starred"),
}


def folder_name(folder: Folder) -> str:
    """Special folders in the reader's language, all others as they are."""
    if folder.namespace and not folder.selectable and len(folder.path) == 1:
        return _("Other people") if folder.namespace == "others" else _("Shared folders")
    word = _FOLDERS.get(folder.role)
    return str(word) if word else folder.short_name


def place(name: str) -> str:
    known = {
        "INBOX": pgettext("folder", "Inbox"),
        "Drafts": pgettext("folder", "Drafts"),
        "Archive": pgettext("folder", "Archive"),
        "Trash": pgettext("folder", "Trash"),
        "Junk": pgettext("folder", "Junk"),
        "Sent": pgettext("folder", "Sent"),
    }
    return known.get(name, name)


def done(result: Done) -> str:
    """One sentence: how many, and what."""
    values = {"count": result.count, "folder": place(result.target)}
    if result.word in ("archive", "trash", "junk", "not-junk", "move"):
        sentence = ngettext(
            "%(count)d message moved to %(folder)s.", "%(count)d messages moved to %(folder)s.", result.count
        )
    elif result.word == "copy":
        sentence = ngettext(
            "%(count)d message copied to %(folder)s.",
            "%(count)d messages copied to %(folder)s.",
            result.count,
        )
    else:
        sentence = _marked(result)
    return sentence % values


def _marked(result: Done) -> str:
    count = result.count
    sentences = {
        "read": ngettext("%(count)d message marked as read.", "%(count)d messages marked as read.", count),
        "unread": ngettext(
            "%(count)d message marked as unread.", "%(count)d messages marked as unread.", count
        ),
        "flag": ngettext("%(count)d message starred.", "%(count)d messages starred.", count),
        "unflag": ngettext(
            "Star taken from %(count)d message.", "Star taken from %(count)d messages.", count
        ),
        "label": ngettext("Label put on %(count)d message.", "Label put on %(count)d messages.", count),
        "unlabel": ngettext(
            "Label taken from %(count)d message.", "Label taken from %(count)d messages.", count
        ),
        "delete-forever": ngettext(
            "%(count)d message deleted for good.", "%(count)d messages deleted for good.", count
        ),
        "empty": ngettext("%(count)d message deleted.", "%(count)d messages deleted.", count),
    }
    return sentences[result.word]


def entry(action: Action) -> str:
    label = (action.added or action.removed or [""])[0]
    return done(Done(word=action.word, count=len(action.messages), target=action.target or label))


def undone(count: int) -> str:
    if not count:
        return _("There was nothing left to undo.")
    return ngettext("%(count)d message is as it was.", "%(count)d messages are as they were.", count) % {
        "count": count
    }


def refused(error: errors.Rejected | errors.NotFound) -> str:
    """Why the server said no, and what helps."""
    if isinstance(error, errors.NotFound):
        return _("That folder is not there any more. Nothing was moved.")
    if isinstance(error, errors.Full):
        return _(
            "The mailbox is full. Delete something or empty the trash, then try again. Nothing was lost."
        )
    sentences = {
        "NOPERM": _("This folder is read-only for you. Nothing was changed."),
        "ALREADYEXISTS": _("A folder of this name exists already."),
        "CANNOT": _("The mail server does not allow this name, or needs this folder."),
        "LIMIT": _("The mail server's limit is reached."),
    }
    return sentences.get(error.code, _("The mail server refused this. Nothing was changed."))


def go(request: MailRequest, where: str) -> HttpResponse:
    """There, by htmx or as any form does it."""
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": where})
    response: HttpResponseRedirect = redirect(where)
    response.status_code = 303
    return response


def answer(
    request: MailRequest,
    back: str,
    sentence: str,
    *,
    undo: int | None = None,
    also: Sequence[int] = (),
    failed: bool = False,
) -> HttpResponse:
    """After an act: the sentence, Undo where there is one, and the list as it is now."""
    if request.htmx and failed:
        return HttpResponse(status=409, headers={"X-Message": quote(sentence)})
    if request.htmx:
        trigger = toast(sentence, undo, also=also, changed=True)
        return HttpResponse(status=204, headers={"HX-Trigger": trigger})
    level = notices.ERROR if failed else notices.SUCCESS
    notices.add_message(request, level, sentence)
    if undo:
        request.session["undo"] = undo_url(undo, also)  # offered once, on the next page
    response: HttpResponseRedirect = redirect(back)
    response.status_code = 303
    return response


def in_background(request: MailRequest, back: str, sentence: str) -> HttpResponse:
    said = _("%(what)s. It goes on in the background.") % {"what": sentence}
    if not request.htmx:
        return answer(request, back, said)
    return HttpResponse(status=204, headers={"HX-Trigger": toast(said, changed=True, jobs=True)})


def undo_url(undo: int, also: Sequence[int] = ()) -> str:
    others = f"?also={','.join(map(str, also))}" if also else ""
    return reverse("webmail:undo", args=[undo]) + others


def event(name: str, **detail: object) -> str:
    """For one of the HX-Trigger headers."""
    return json.dumps({name: detail})


def toast(
    sentence: str,
    undo: int | None = None,
    *,
    also: Sequence[int] = (),
    changed: bool = False,
    jobs: bool = False,
) -> str:
    """For HX-Trigger: says it, offers Undo; `changed` has the list ask for itself again, `jobs` the bars."""
    detail: dict[str, object] = {"text": sentence, "seconds": 10}
    if undo:
        detail["undo"] = undo_url(undo, also)
    events = {
        "toast": detail,
        "mailbox-changed": {} if changed else None,
        "jobs-changed": {} if jobs else None,
    }
    return json.dumps({name: detail for name, detail in events.items() if detail is not None})
