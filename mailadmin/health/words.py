"""What is said of a reading: English here, Spanish in locale/health. %(name)s are facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Words:
    """`fix`: what to do now."""

    says: str
    fix: str = ""


def _(text: str) -> str:
    """Marks a sentence for scripts/messages.py. It is translated when it is shown."""
    return text


_RENEW = _(
    "Look at the certificate page: it installs Traefik’s newest certificate and proves it on every port."
)
_START = _("Start the mail server, or that part of it; its log says why it stopped.")
_CLOCKWORK = _("Restart the services “beat” and “worker”; their logs say why they stopped.")
_QUEUE = _("Search the mail log for the addresses that wait, and read what the other side answers.")
_SPACE = _("Make room: old logs, the trash of big mailboxes, old backups; or give it a bigger disk.")

WORDS = {
    "port.answers": Words(_("Port %(port)s (%(name)s) answers.")),
    "port.closed": Words(_("Port %(port)s (%(name)s) does not accept connections (%(said)s)."), _START),
    "port.slow": Words(_("Port %(port)s (%(name)s) did not answer within %(seconds)s s."), _START),
    "port.mute": Words(_("Port %(port)s (%(name)s) answers, but not as it should: %(said)s."), _START),
    "port.tls": Words(_("Port %(port)s (%(name)s) fails at encryption: %(said)s."), _RENEW),
    "port.unset": Words(_("The ports to watch are not set rightly: %(said)s."), _("See HEALTH_PORTS.")),
    "certificate.none": Words(_("No port showed a certificate."), _START),
    "certificate.unreadable": Words(_("The certificate of %(name)s cannot be read."), _RENEW),
    "certificate.good": Words(_("The certificate of %(name)s is good for another %(days)s days.")),
    "certificate.expired": Words(
        _("The certificate of %(name)s expired on %(ends)s: mail programs refuse it."), _RENEW
    ),
    "certificate.not_yet": Words(
        _("The certificate of %(name)s is valid only from %(starts)s."),
        _("Look at the clock of this server first."),
    ),
    "certificate.wrong_name": Words(
        _("The certificate of %(name)s is for %(names)s, not for %(host)s: mail programs warn."), _RENEW
    ),
    "certificate.ends_now": Words(_("The certificate of %(name)s ends in %(days)s days (%(ends)s)."), _RENEW),
    "certificate.ends_soon": Words(
        _("The certificate of %(name)s ends in %(days)s days (%(ends)s); it should have been renewed."),
        _RENEW,
    ),
    "certificate.untrusted": Words(
        _("The certificate of %(name)s is not trusted: %(said)s."),
        _("Install one of a public authority, or name this one in IMAP_CA_FILE."),
    ),
    "certificate.same": Words(_("The same certificate is shown everywhere (%(ports)s).")),
    "certificate.differs": Words(
        _("Ports show different certificates; an older one is still on %(old)s."), _RENEW
    ),
    "disk.room": Words(_("%(path)s is %(share)s %% full, and not in sight of being full.")),
    "disk.room_for": Words(_("%(path)s is %(share)s %% full; at this pace it is full in %(days)s days.")),
    "disk.filling": Words(_("%(path)s is %(share)s %% full."), _SPACE),
    "disk.full_soon": Words(_("%(path)s will be full in %(days)s days (now %(share)s %%)."), _SPACE),
    "disk.full": Words(_("%(path)s is %(share)s %% full: mail will soon be refused."), _SPACE),
    "disk.inodes": Words(_("%(path)s has hardly any room for more files."), _SPACE),
    "disk.unreadable": Words(_("How full %(path)s is could not be seen (%(said)s).")),
    "logs.fresh": Words(_("The mail logs are written; the last line is %(minutes)s min old.")),
    "logs.stale": Words(
        _("Nothing was written to the mail logs for %(minutes)s min."),
        _("See who owns %(path)s: after an update logs may change hands. Then restart the mail server."),
    ),
    "logs.future": Words(_("The mail logs were written in the future: the clock was wrong.")),
    "logs.growing": Words(
        _("The mail logs grow by more than 1 GB a day."), _("Search them for what repeats.")
    ),
    "logs.none": Words(_("There are no mail logs in %(path)s."), _("See MAIL_LOG_DIR.")),
    "logs.unreadable": Words(
        _("The mail logs in %(path)s cannot be read (%(said)s)."), _("See MAIL_LOG_DIR.")
    ),
    "logs.unset": Words(
        _("Where the mail logs are is not set."), _("Set MAIL_LOG_DIR to see the mail log here.")
    ),
    "clock.right": Words(_("The clocks of the panel and of the mail server agree.")),
    "clock.wrong": Words(
        _("The clocks of the panel and of the mail server differ by %(seconds)s s."),
        _("Switch on time synchronisation (chrony, systemd-timesyncd) on both."),
    ),
    "clock.jumped": Words(
        _("The clock jumped back by %(seconds)s s."),
        _("Switch on time synchronisation (chrony, systemd-timesyncd)."),
    ),
    "clock.untold": Words(_("The mail server did not say what time it is.")),
    "queue.empty": Words(_("No mail waits to be sent.")),
    "queue.moving": Words(_("%(count)s messages are on their way.")),
    "queue.slow": Words(_("%(count)s messages wait, the oldest for %(hours)s h. %(reason)s"), _QUEUE),
    "queue.stuck": Words(_("%(count)s messages are stuck, the oldest for %(hours)s h. %(reason)s"), _QUEUE),
    "queue.untold": Words(_("This mail server does not tell its queue.")),
    "queue.unreadable": Words(_("The queue in %(path)s cannot be read (%(said)s).")),
    "database.answers": Words(_("The panel’s database answers.")),
    "database.silent": Words(
        _("The panel’s database does not answer (%(said)s)."), _("See DATABASE_URL and the disk.")
    ),
    "redis.answers": Words(_("Redis answers.")),
    "redis.silent": Words(_("Redis does not answer (%(said)s)."), _("Start the service “redis”.")),
    "api.answers": Words(_("The API of the mail server answers.")),
    "api.silent": Words(
        _("The API of the mail server does not answer (%(said)s)."),
        _("See POSTEIO_API_URL, POSTEIO_API_USER and POSTEIO_API_PASSWORD."),
    ),
    "beat.beats": Words(_("The clockwork of the panel runs.")),
    "beat.late": Words(_("The clockwork of the panel is %(minutes)s min late."), _CLOCKWORK),
    "beat.dead": Words(_("The clockwork of the panel has stood still for %(minutes)s min."), _CLOCKWORK),
    "beat.never": Words(_("The clockwork of the panel has not run yet."), _CLOCKWORK),
    "worker.answers": Words(_("Workers of the panel that answer: %(count)s.")),
    "worker.none": Words(_("No worker of the panel answers: nothing is checked or backed up."), _CLOCKWORK),
    "worker.unasked": Words(_("The workers of the panel could not be asked.")),
    "canary.home": Words(_("The canary mail came home in %(seconds)s s, rightly signed.")),
    "canary.home_unsigned": Words(_("The canary mail came home in %(seconds)s s. Its domain does not sign.")),
    "canary.slow": Words(_("The canary mail needed %(seconds)s s to come home."), _QUEUE),
    "canary.late": Words(
        _("The canary mail came home only after %(seconds)s s."),
        _("See the mail log for what it waited for."),
    ),
    "canary.missing": Words(
        _("The canary mail was accepted, but did not reach the inbox in time."),
        _("See its story in the mail log, and the queue."),
    ),
    "canary.junk": Words(
        _("The canary mail was put into %(folder)s."),
        _("See the spam filter: what is thrown away from your own people is lost."),
    ),
    "canary.unsigned": Words(
        _("The canary mail of %(domain)s was not signed (DKIM)."),
        _("Make the DKIM key of the domain anew, or look why the server cannot read it."),
    ),
    "canary.bad_signature": Words(
        _("The signature of the canary mail does not fit the DKIM key of %(domain)s (%(selector)s)."),
        _("Make the DKIM key of the domain anew and publish it."),
    ),
    "canary.not_believed": Words(
        _("The mail server does not believe its own canary mail (%(results)s)."),
        _("See the DNS page of the domain: SPF, DKIM, DMARC."),
    ),
    "canary.no_submission": Words(_("The canary mail could not be handed in: %(said)s."), _START),
    "canary.no_login": Words(
        _("The canary could not sign in: %(said)s."),
        _("Is its mailbox suspended? Otherwise it gets a new password by itself."),
    ),
    "canary.deferred": Words(
        _("The mail server put the canary mail off: %(said)s."),
        _("The spam filter or a service behind it is away: see what else is red here."),
    ),
    "canary.refused": Words(_("The mail server refused the canary mail: %(said)s."), _("See its log.")),
    "canary.no_imap": Words(
        _("The canary mail was sent, but IMAP does not open the mailbox: %(said)s."), _START
    ),
    "canary.no_mailbox": Words(
        _("The canary’s mailbox could not be made (%(said)s)."), _("See CANARY_MAILBOX and the API.")
    ),
    "canary.never": Words(_("No canary mail was sent yet. The first leaves within ten minutes.")),
    "canary.silent": Words(_("No canary mail was sent for %(minutes)s min."), _CLOCKWORK),
    "canary.unset": Words(
        _("There is no canary mail."), _("Set CANARY_MAILBOX to prove every ten minutes that mail works.")
    ),
    "clients.seen": Words(_("The mail server sees its clients’ own addresses (%(count)s of late).")),
    "clients.proxy": Words(
        _("For the mail server every client looks like %(address)s, the proxy."),
        _("Pass the client’s address on with the PROXY protocol: see “Real addresses” in docs/install.md."),
    ),
    "clients.few": Words(_("Too few strangers came to tell whether their addresses are seen.")),
    "acme.unset": Words(
        _("Postie does not install the certificate."),
        _("Set ACME_JSON and MAIL_TLS_DIR, and Traefik’s certificate is used for mail too."),
    ),
    "acme.unreadable": Words(
        _("Traefik’s acme.json cannot be read (%(said)s); the installed certificate stays."),
        _("See ACME_JSON and who may read it."),
    ),
    "acme.missing": Words(
        _("Traefik has no valid certificate for %(host)s."),
        _("See Traefik’s log: the router “postie” asks for it."),
    ),
    "acme.not_written": Words(
        _("The certificate could not be written to %(path)s (%(said)s)."),
        _("See MAIL_TLS_DIR and who may write there."),
    ),
    "acme.not_served": Words(
        _("The new certificate is installed, but %(old)s still shows another one."),
        _("Restart the mail server: poste.io reads its certificate only when it starts."),
    ),
    "acme.ends_soon": Words(
        _("Traefik’s certificate is served, but ends in %(days)s days: it should have been renewed."),
        _("See Traefik’s log."),
    ),
    "acme.served": Words(_("Traefik’s certificate is served on every port (%(ports)s), until %(ends)s.")),
    "backup.fresh": Words(_("The newest backup is %(hours)s h old.")),
    "backup.late": Words(_("The newest backup is %(hours)s h old."), _("See why the last one failed.")),
    "backup.old": Words(_("The newest backup is %(hours)s h old!"), _("See why the last ones failed.")),
    "backup.never": Words(_("There is no backup yet."), _("Set one up: see the page “Backups”.")),
}


def fill(sentence: str, facts: Mapping[str, Any]) -> str:
    """A fact that is missing is said as a dash: an old reading must not break a page."""
    return sentence % _Facts(facts) if sentence else ""


class _Facts(dict[str, Any]):
    def __missing__(self, _name: str) -> str:
        return "–"
