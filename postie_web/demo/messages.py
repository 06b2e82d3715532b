"""From a conversation or a notice to the message that stands in the mailbox."""

from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from postie_web.demo import documents
from postie_web.demo.people import Person

WORD = "vnd.openxmlformats-officedocument.wordprocessingml.document"
NEWSLETTER = """<!doctype html><html lang="{language}"><body style="margin:0;background:#f3efe8">
<table role="presentation" width="100%"><tr><td align="center">
<table role="presentation" width="600" style="background:#ffffff;font-family:Georgia,serif">
<tr><td style="padding:24px"><img src="https://img.{host}/logo.png" width="120" alt="{name}"></td></tr>
<tr><td><img src="https://img.{host}/{number}/portada.jpg" width="600" alt=""></td></tr>
<tr><td style="padding:24px"><h1 style="font-size:26px;color:#7a2e1d">{title}</h1><p>{text}</p>
<p><a href="https://www.{host}/{number}" style="color:#7a2e1d">{more}</a></p></td></tr>
<tr><td style="padding:24px;font-size:12px;color:#666666">{foot}
<a href="https://www.{host}/baja">{leave}</a><img src="https://track.{host}/{number}.gif" width="1" height="1" alt=""></td></tr>
</table></td></tr></table></body></html>"""


def letter(subject: str, sender: Person, to: Sequence[Person], text: str, when: datetime) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["Date"] = format_datetime(when)
    message["From"] = formataddr((sender.name, sender.address))
    message["To"] = ", ".join(formataddr((person.name, person.address)) for person in to)
    message["Subject"] = subject
    message["Message-ID"] = f"<{int(when.timestamp())}.{sender.address.replace('@', '.')}@kronos.test>"
    charset = charset_for(text, sender)
    message.set_content(
        text + "\n", charset=charset, cte="base64" if charset == "iso-2022-jp" else "quoted-printable"
    )
    return message


def charset_for(text: str, sender: Person) -> str:
    """As real senders do: old programs still write in the charset of their region."""
    wanted = {"imprenta": "iso-8859-1", "muni": "windows-1252", "kyoto": "iso-2022-jp"}
    for host, charset in wanted.items():
        if sender.address.partition("@")[2].startswith(host) and _fits(text, charset):
            return charset
    return "utf-8"


def _fits(text: str, charset: str) -> bool:
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


def answer(message: EmailMessage, before: EmailMessage, quoted: str, writer: str) -> EmailMessage:
    """Threads the message below `before` and quotes it."""
    references = f"{before.get('References', '')} {before['Message-ID']}".strip()
    message["In-Reply-To"] = before["Message-ID"]
    message["References"] = references
    own = message.get_content().rstrip()
    quote = "\n".join(f"> {line}" if line else ">" for line in quoted.splitlines())
    text = f"{own}\n\n{writer}:\n\n{quote}\n"
    before_charset = message.get_content_charset() or "utf-8"
    charset = before_charset if before_charset != "iso-2022-jp" and _fits(text, before_charset) else "utf-8"
    message.set_content(text, charset=charset, cte="quoted-printable")
    return message


def attach(message: EmailMessage, document: str, when: datetime) -> None:
    if document == "pdf":
        lines = [str(message["Subject"]), f"Lima, {when:%d/%m/%Y}", "", "Kronos - Jr. Unión 340, Barranco"]
        message.add_attachment(
            documents.pdf(lines), maintype="application", subtype="pdf", filename="Cotización.pdf"
        )
    elif document == "picture":
        message.add_attachment(documents.picture(), maintype="image", subtype="png", filename="patio.png")
    elif document == "docx":
        file = documents.docx([str(message["Subject"]), "Asistencia: 412 personas.", "Talleres: 14."])
        message.add_attachment(file, maintype="application", subtype=WORD, filename="Informe.docx")
    elif document == "letter":
        inner = EmailMessage(policy=SMTP)
        inner["Date"], inner["Subject"] = format_datetime(when), "Confirmación de fecha"
        inner["From"] = "Mesa de Partes <mesadepartes@muni-barranco.test>"
        inner.set_content("Estimados señores:\n\nSírvanse confirmar la fecha antes de fin de mes.\n")
        message.add_attachment(inner)


def newsletter(message: EmailMessage, issue: dict[str, str]) -> EmailMessage:
    """Adds the HTML half and the headers by which one leaves a list (RFC 2369, RFC 8058)."""
    message.add_alternative(NEWSLETTER.format(**issue), subtype="html", charset="utf-8")
    message["List-Id"] = f"{issue['name']} <lista.{issue['host']}>"
    message["List-Unsubscribe"] = f"<https://www.{issue['host']}/baja>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return message


def invite(
    message: EmailMessage, organiser: Person, guests: Sequence[Person], begin: datetime
) -> EmailMessage:
    text = documents.invitation(
        str(message["Subject"]), organiser.address, [guest.address for guest in guests], begin
    )
    message.add_alternative(text, subtype="calendar", charset="utf-8", params={"method": "REQUEST"})
    return message
