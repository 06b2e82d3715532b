"""Every component on a page, for eyes and for axe. Served only by tests/stories/test_look.py."""

import datetime as dt
from dataclasses import dataclass, field

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


MAILS = [
    Mail("Ana Quispe", "Contrato de servicios", "Hola, te envío la versión final para tu firma.", 0.3, unread=True, clip=True),
    Mail("Luis Mamani", "Re: Reunión del lunes", "Perfecto, nos vemos a las diez en la oficina de Barranco.", 2, star=True),
    Mail("Biblioteca Nacional del Perú", "Boletín de noviembre: nuevas adquisiciones y horarios", "Estimadas lectoras y lectores", 5, unread=True, tag="boletín"),
    Mail("Rosa Huamán", "Fotos del taller", "Aquí van las fotos que prometí. Algunas salieron movidas.", 27, clip=True),
    Mail("GitHub", "[kronos/portal] Fix the date of the invoice (#214)", "Merged #214 into main.", 30),
    Mail("Jorge Ccori", "Presupuesto 2027", "Adjunto la hoja con las tres alternativas que conversamos.", 52, clip=True, tag="trabajo"),
    Mail("Sedapal", "Tu recibo de agua está listo", "Consulta tu recibo de noviembre en línea.", 100),
    Mail("María del Carmen Villanueva-Echevarría", "Invitación", "Nos encantaría contar con tu presencia.", 400),
    Mail("Ana Quispe", "Acta de la asamblea", "Comparto el acta para su revisión.", 9000),
]  # fmt: skip
LETTER = """Hola Luis:

Perfecto, nos vemos el lunes a las diez en la oficina de Barranco. Llevaré las copias impresas del contrato y la lista de pendientes que quedó de la última reunión, para que podamos cerrar todo ese mismo día.

¿Podrías confirmar si Rosa también viene? Así reservo la sala grande.

Un abrazo,
Ana"""
FOLDERS = [
    ("inbox", "Inbox", 12), ("file-text", "Drafts", 1), ("send", "Sent", 0), ("archive", "Archive", 0),
    ("shield-alert", "Junk", 0), ("trash-2", "Trash", 0), ("folder", "Administración y finanzas", 0),
]  # fmt: skip


class MailboxForm(forms.Form):
    local_part = forms.CharField(label="Address", help_text="What stands before the @.")
    name = forms.CharField(required=False, label="Name")
    quota = forms.ChoiceField(label="Quota", choices=[("1", "1 GB"), ("2", "2 GB")])
    targets = forms.CharField(label="Targets", widget=forms.Textarea, required=False)
    suspended = forms.BooleanField(required=False, label="Suspended", help_text="Mail still arrives.")


class PasswordForm(MailboxForm):
    password = forms.CharField(label="Password", widget=forms.PasswordInput, min_length=10)


class SignInForm(forms.Form):
    address = forms.EmailField(label="Address")
    password = forms.CharField(label="Password", widget=forms.PasswordInput)


def panel(request: HttpRequest) -> HttpResponse:
    form = PasswordForm({"local_part": ""})
    form.fields.pop("password") if request.GET.get("bare") else None
    page = {"number": 3, "last_page": 97, "total": 4812}
    people = [
        {"address": f"{m.name.split()[0].lower()}@kronos.test", "name": m.name, "size": 3**n * 90000, "moment": m.moment}
        for n, m in enumerate(MAILS)
    ]
    return render(request, "styleguide/panel.html", {"form": form, "page": page, "people": people, "moment": NOW()})


def webmail(request: HttpRequest) -> HttpResponse:
    letter = Mail("Ana Quispe", "Re: Reunión del lunes", "", 2, text=LETTER)
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
