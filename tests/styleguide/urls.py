"""Every component on a page, for eyes and for axe. Served only by tests/stories/test_look.py."""

import datetime as dt
import json
from dataclasses import dataclass, field
from pathlib import Path

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone

NOW = timezone.now


@dataclass
class Mail:
    name: str
    subject: str
    preview: str
    hours: float
    address: str = "ana.quispe@kronos.test"
    unread: bool = False
    clip: bool = False
    star: bool = False
    tag: str = ""
    text: str = ""
    size: int = 0
    moment: dt.datetime = field(init=False)

    def __post_init__(self) -> None:
        self.moment = NOW() - dt.timedelta(hours=self.hours)


DATA = json.loads((Path(__file__).parent / "mails.json").read_text())
MAILS = [Mail(**mail) for mail in DATA["mails"]]
FOLDERS = [
    ("inbox", "Inbox", 12), ("file-text", "Drafts", 1), ("send", "Sent", 0), ("archive", "Archive", 0),
    ("shield-alert", "Junk", 0), ("trash-2", "Trash", 0), ("folder", "Administración y finanzas", 0),
]  # fmt: skip


class PanelForm(forms.Form):
    local_part = forms.CharField(label="Address", help_text="What stands before the @.")
    name = forms.CharField(required=False, label="Name")
    quota = forms.ChoiceField(label="Quota", choices=[("1", "1 GB"), ("2", "2 GB")])
    targets = forms.CharField(label="Targets", widget=forms.Textarea, required=False)
    suspended = forms.BooleanField(required=False, label="Suspended", help_text="Mail still arrives.")


class PasswordForm(forms.Form):
    password = forms.CharField(label="Password", widget=forms.PasswordInput)


class SignInForm(forms.Form):
    address = forms.EmailField(label="Address")
    password = forms.CharField(label="Password", widget=forms.PasswordInput)


def panel(request: HttpRequest) -> HttpResponse:
    context = {
        "form": PanelForm({"local_part": ""}),
        "password": PasswordForm()["password"],
        "page": {"number": 3, "last_page": 97, "total": 4812},
        "people": MAILS,
        "moment": NOW(),
    }
    return render(request, "styleguide/panel.html", context)


def webmail(request: HttpRequest) -> HttpResponse:
    letter = Mail("Ana Quispe", "Re: Reunión del lunes", "", 2, text=DATA["letter"])
    context = {"mails": MAILS, "letter": letter, "folders": FOLDERS, "pane": request.GET.get("pane", "list")}
    return render(request, "styleguide/webmail.html", context)


def login(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/login.html", {"form": SignInForm(request.POST or None), "next": "/"})


def error(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, f"errors/{name}.html")


urlpatterns = [
    path("panel", panel),
    path("webmail", webmail),
    path("login", login),
    path("error/<str:name>", error),
]
