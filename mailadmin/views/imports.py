"""Mailboxes as a table: in with a look first, out as CSV."""

from collections.abc import Iterator

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from mailadmin import access
from mailadmin.forms.imports import ImportForm
from mailadmin.http import AdminRequest, actor
from mailadmin.posteio.resources import Mailbox
from mailadmin.services import directory, imports, spreadsheets
from mailadmin.views.mailboxes import listed
from postie_web.accounts.http import admin_required

AT_ONCE = 20  # rows created per request: the bar moves, and closing the page stops it between two mailboxes


@admin_required
@require_safe
def mailbox_export(request: AdminRequest) -> HttpResponseBase:
    """What the list shows, all pages; the columns are those that the import reads."""
    kind = directory.Kind.ALIAS if request.GET.get("kind") == "alias" else directory.Kind.MAILBOX
    found = directory.everything(request.poste, listed(request, kind))
    answer = StreamingHttpResponse(_lines(found), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{kind}.csv"'
    return answer


def _lines(found: Iterator[Mailbox]) -> Iterator[str]:
    yield spreadsheets.line(["address", "name", "redirect_to", "suspended"])
    for box in found:
        yield spreadsheets.line(
            [box.address, box.name, ";".join(box.redirect_to), "yes" if box.suspended else "no"]
        )


@admin_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mailbox_import(request: AdminRequest) -> HttpResponse:
    """
    The table travels in the form between looking and doing, and between two requests of doing: it holds
    passwords, and is kept nowhere. Whatever was created is left out the next time.
    """
    form = ImportForm(request.POST or None, request.FILES or None, may_use=access.domain_names(request))
    if not form.is_valid():
        return render(
            request, "mailadmin/imports/upload.html", {"form": form}, status=422 if form.errors else 200
        )
    rows = imports.compare(request.poste, form.rows)
    new = [row for row in rows if row.state == imports.State.NEW]
    context = {"form": form, "rows": rows, "new": new}
    if not form.cleaned_data["confirmed"] or not new:
        return render(request, "mailadmin/imports/preview.html", context)
    now, later = new[:AT_ONCE], new[AT_ONCE:]
    results = imports.create(request.poste, actor(request), now)
    context |= {"results": results, "left": len(later), "done": len(rows) - len(later)}
    return render(request, "mailadmin/imports/results.html", context)
