"""The tree of folders and what is done to it."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from postie_web.accounts.http import mail_required
from webmail import http
from webmail.forms.folders import FolderForm, ImportForm, RenameForm, RoleForm
from webmail.http import MailRequest, Timings
from webmail.imap import errors, folders, quota, search
from webmail.imap.connection import Connection
from webmail.models import Action
from webmail.services import bulk, messages
from webmail.services import folders as service
from webmail.types import Folder

from . import jobs, tree, words


@mail_required
@require_http_methods(["GET", "POST"])
def folder_list(request: MailRequest) -> HttpResponse:
    """All folders, subscribed or not, and a form for a new one."""
    with Timings().imap(request) as imap:
        found = folders.tree(imap)
        form = FolderForm(request.POST or None, parents=tree.parents(found))
        if form.is_valid():
            try:
                name = service.create(imap, form.cleaned_data["name"], form.cleaned_data["parent"])
            except (errors.NotFound, errors.Rejected) as error:
                form.add_error("name", words.refused(error))
            else:
                sentence = _("The folder %(name)s is ready.") % {"name": form.cleaned_data["name"]}
                return words.answer(request, reverse("webmail:folder", args=[name]), sentence)
        sizes = quota.sizes(imap, [folder.name for folder in found if folder.selectable])
        room = quota.quota(imap)
    context = {
        "form": form,
        "tree": tree.draw(found, ""),
        "folders": [(node, sizes.get(node.folder.name)) for node in tree.flat(found)],
        "sizes": sizes,
        "quota": room,
    }
    return render(request, "webmail/folders/list.html", context)


@mail_required
@require_GET
def folder_quota(request: MailRequest) -> HttpResponse:
    """How full it is: asked for after the page, because nobody waits for it."""
    room = Timings().read(request, quota.quota)
    return render(request, "webmail/folders/_quota.html", {"quota": room})


@mail_required
@require_GET
def folder_tree(request: MailRequest) -> HttpResponse:
    """The tree with the counts of now."""
    found = Timings().read(request, folders.tree)
    current = request.GET.get("current", "")
    return HttpResponse(tree.draw(found, current))


@mail_required
@require_http_methods(["GET", "POST"])
def folder_detail(request: MailRequest, name: str) -> HttpResponse:
    """One folder: rename it, hide it, empty it, delete it."""
    with Timings().imap(request) as imap:
        folder, found = _get(imap, name)
        form = RenameForm(request.POST or None, initial={"name": folder.short_name})
        if form.is_valid():
            try:
                service.rename(imap, folder, form.cleaned_data["name"])
            except (errors.NotFound, errors.Rejected) as error:
                form.add_error("name", words.refused(error))
            else:
                return words.answer(
                    request, reverse("webmail:folder-list"), _("The folder has its new name.")
                )
        size = quota.sizes(imap, [folder.name] if folder.selectable else []).get(folder.name)
    context = {
        "folder": folder,
        "title": words.folder_name(folder),
        "size": size,
        "role_form": RoleForm(initial={"role": folder.role}),
        "import_form": ImportForm(),
        "form": form,
        "tree": tree.draw(found, name),
    }
    return render(request, "webmail/folders/detail.html", context)


@mail_required
@require_http_methods(["GET", "POST"])
def folder_delete(request: MailRequest, name: str) -> HttpResponse:
    with Timings().imap(request) as imap:
        folder, found = _get(imap, name)
        if request.method == "POST":
            try:
                service.delete(imap, folder)
            except (errors.NotFound, errors.Rejected) as error:
                return words.answer(
                    request, reverse("webmail:folder-list"), words.refused(error), failed=True
                )
            return words.answer(request, reverse("webmail:folder-list"), _("The folder is deleted."))
    context = {"folder": folder, "title": words.folder_name(folder), "tree": tree.draw(found, name)}
    return render(request, "webmail/folders/delete.html", context)


@mail_required
@require_http_methods(["GET", "POST"])
def folder_empty(request: MailRequest, name: str) -> HttpResponse:
    with Timings().imap(request) as imap:
        folder, found = _get(imap, name)
        if request.method == "POST":
            back = reverse("webmail:folder", args=[name])
            try:
                done = service.empty(imap, folder)
            except (errors.NotFound, errors.Rejected) as error:
                return words.answer(request, back, words.refused(error), failed=True)
            if done.word == "empty" and done.undo:
                entry = Action.objects.get(pk=done.undo)
                bulk.expunge_later(request.credentials, imap, entry, service.GRACE)
            return words.answer(request, back, words.done(done), undo=done.undo)
    context = {"folder": folder, "title": words.folder_name(folder), "tree": tree.draw(found, name)}
    return render(request, "webmail/folders/empty.html", context)


@mail_required
@require_POST
def folder_read(request: MailRequest, name: str) -> HttpResponse:
    with http.missing_is_404(name), Timings().imap(request, name) as imap:
        folder, _found = _get(imap, name)
        if folder.unread > bulk.MOST_AT_ONCE:
            order = messages.Order(word="read", folder=name, uids=search.uids(imap, name, search.UNREAD))
            if job := jobs.begin(request, imap, order):
                return words.in_background(request, reverse("webmail:folder", args=[name]), jobs.started(job))
        done = service.mark_all_read(imap, folder)
    return words.answer(request, reverse("webmail:folder", args=[name]), words.done(done), undo=done.undo)


@mail_required
@require_POST
def folder_subscription(request: MailRequest, name: str) -> HttpResponse:
    with http.missing_is_404(name), Timings().imap(request, name) as imap:
        folder, _found = _get(imap, name)
        service.subscribe(imap, folder, request.POST.get("wanted") == "yes")
    return redirect("webmail:folder-list")


def _get(imap: Connection, name: str) -> tuple[Folder, list[Folder]]:
    found = folders.tree(imap)
    folder = next((folder for folder in found if folder.name == name), None)
    if folder is None:
        raise Http404(name)
    return folder, found
