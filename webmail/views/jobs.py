"""Long acts in the background: how far they are, how they are stopped and taken back."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST
from kombu.exceptions import OperationalError

from postie_web.accounts.http import mail_required
from webmail import tasks
from webmail.http import MailRequest, Timings
from webmail.imap import folders
from webmail.imap.connection import Connection
from webmail.models import BulkJob
from webmail.services import bulk
from webmail.services.messages import Done, Order

from . import tree, words


def begin(request: MailRequest, imap: Connection, order: Order) -> BulkJob | None:
    """The job, handed to a worker; None when that cannot be, and it has to be done here and now."""
    job = bulk.start(request.credentials, imap, order)
    return job if job and _hand_over(request, job) else None


def _hand_over(request: MailRequest, job: BulkJob) -> bool:
    try:
        tasks.run_bulk_job.delay(job.pk)
    except OperationalError:
        job.delete()
        return False
    request.session["jobs"] = True  # pages show how far it is
    return True


def sentence(job: BulkJob) -> str:
    """What it does or did, in words."""
    if job.undo_of is not None:
        return _("Undo: %(what)s") % {"what": sentence(job.undo_of)}
    if job.state == BulkJob.State.DONE:
        return words.done(Done(word=job.word, count=job.changed, target=job.target or job.label))
    return started(job)


def started(job: BulkJob) -> str:
    values = {"count": job.total, "folder": words.place(job.target)}
    if job.word in ("archive", "trash", "junk", "not-junk", "move"):
        text = ngettext(
            "Moving %(count)d message to %(folder)s", "Moving %(count)d messages to %(folder)s", job.total
        )
    else:
        text = ngettext("Working on %(count)d message", "Working on %(count)d messages", job.total)
    return text % values


def _why(job: BulkJob) -> str:
    reasons = {
        "away": _("The mail server does not answer. It goes on by itself as soon as it does."),
        "key": _("Your password is needed again: sign in and start it once more. What is done stays done."),
        "gone": _("The folder is not there any more, or is another one now. What is done stays done."),
        "full": _("The mailbox is full. What is done stays done; nothing was lost."),
        "refused": _("The mail server refused to go on. What is done stays done."),
    }
    return reasons.get(job.reason, "")


@mail_required
@require_GET
def job_list(request: MailRequest) -> HttpResponse:
    """What runs and what ended lately; with htmx only that."""
    account, found = Timings().read(request, lambda imap: (imap.account, folders.tree(imap)))
    jobs = [(job, sentence(job), _why(job)) for job in bulk.latest(account)]
    if not any(not job.is_over for job, *_rest in jobs):
        request.session.pop("jobs", None)
    context = {"jobs": jobs, "is_running": any(not job.is_over for job, *_rest in jobs)}
    if request.htmx:
        return render(request, "webmail/jobs/_jobs.html", context)
    return render(request, "webmail/jobs/list.html", context | {"tree": tree.draw(found, "")})


def _job(request: MailRequest, number: int) -> BulkJob:
    account = Timings().read(request, lambda imap: imap.account)
    job = BulkJob.objects.filter(pk=number, account=account).exclude(word="expunge").first()
    if job is None:
        raise Http404
    return job


@mail_required
@require_POST
def job_cancel(request: MailRequest, number: int) -> HttpResponse:
    bulk.cancel(_job(request, number))
    return words.answer(request, reverse("webmail:job-list"), _("It stops. What is done can be undone."))


@mail_required
@require_POST
def job_undo(request: MailRequest, number: int) -> HttpResponse:
    """Takes all of it back, in the background too."""
    job = _job(request, number)
    back = reverse("webmail:job-list")
    undo = bulk.start_undo(request.credentials, job) if job.can_be_undone else None
    if undo is None:
        return words.answer(request, back, words.undone(0))
    if not _hand_over(request, undo):
        return words.answer(request, back, _("This cannot be done now. Try again in a minute."), failed=True)
    return words.answer(request, back, _("It is being undone."))
