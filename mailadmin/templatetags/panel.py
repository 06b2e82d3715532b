"""What the panel's templates say: readable names, facts of the log."""

from django import template
from django.utils.translation import gettext_lazy as _

from mailadmin.forms import words
from mailadmin.services.activity import ACTIONS
from mailadmin.services.routing import Kind
from postie_web.lib import idn

register = template.Library()
TLS_FAILURES = {  # result types of RFC 8460, 4.3
    "starttls-not-supported": _("Encryption was not offered."),
    "certificate-host-mismatch": _("The certificate did not name the server."),
    "certificate-expired": _("The certificate had ended."),
    "certificate-not-trusted": _("The certificate was not trusted."),
    "validation-failure": _("Something else was wrong with the certificate or the connection."),
    "tlsa-invalid": _("The TLSA record did not fit."),
    "dnssec-invalid": _("DNSSEC was broken."),
    "dane-required": _("The sender wanted DANE, and it was not there."),
    "sts-policy-fetch-error": _("The MTA-STS policy could not be fetched."),
    "sts-policy-invalid": _("The MTA-STS policy was wrong."),
    "sts-webpki-invalid": _("The certificate of the policy’s web page was wrong."),
}
HOPS = {
    Kind.MAILBOX: _("is a mailbox: delivered here"),
    Kind.SUSPENDED: _("is suspended: mail is refused"),
    Kind.ALIAS: _("is an alias"),
    Kind.CATCH_ALL: _("is nobody’s name: the catch-all gets it"),
    Kind.ALIAS_DOMAIN: _("is in an alias domain"),
    Kind.EVERYBODY: _("everybody in this domain"),
    Kind.DISCARD: _("accepts mail and throws it away"),
    Kind.EXTERNAL: _("leaves this server"),
    Kind.NOBODY: _("does not exist: mail is refused"),
    Kind.LOOP: _("was on the way already: a circle"),
    Kind.TOO_MANY: _("and more: we stopped looking"),
}


@register.filter
def readable(text: str | None) -> str:
    """'ana@xn--per-boa.pe' → 'ana@perú.pe'; a domain name alone too."""
    return idn.readable_address(text or "")


@register.filter
def action_words(action: str) -> str:
    return str(ACTIONS.get(action, action))


@register.filter
def tls_failure(kind: str) -> str:
    """Why a sender could not deliver encrypted."""
    return str(TLS_FAILURES.get(kind, kind))


@register.filter
def fact(value: object) -> str:
    """A value of the activity log as a person reads it."""
    return words.shown(value)


@register.filter
def hop_words(kind: Kind) -> str:
    """What stands at a stop of a letter's way."""
    return str(HOPS[kind])
