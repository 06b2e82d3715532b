"""What the logo checks say."""

from .finding import Words, _

_HIDDEN = _("Mailboxes show no logo.")
WORDS = {
    "bimi.none": Words("I1", _("There is no logo (BIMI). That is fine.")),
    "bimi.declined": Words("I1", _("The domain says that it has no logo.")),
    "bimi.present": Words("I1", _("A logo is announced at %(name)s.")),
    "bimi.several": Words("I1", _("There is more than one record at %(name)s."), _HIDDEN, _("Keep one.")),
    "bimi.invalid": Words("I1", _("The logo record cannot be read at “%(part)s”."), _HIDDEN, _("Write it as v=BIMI1; l=https://…; a=https://…")),
    "bimi.enforced": Words("I1", _("DMARC is strict enough for a logo.")),
    "bimi.not-enforced": Words("I1", _("DMARC of %(domain)s is not strict enough for a logo."), _HIDDEN, _("Set p=quarantine or p=reject, without t=y.")),
    "bimi.no-proof": Words("I1", _("Without a mark certificate Gmail and Apple show nothing.")),
    "bimi.logo": Words("I2", _("The logo at %(url)s is well made.")),
    "bimi.title": Words("I2", _("The title of the logo is only a placeholder: %(title)s.")),
    "bimi.logo-away": Words("I2", _("The logo at %(url)s cannot be fetched (%(reason)s)."), _HIDDEN, _("Serve it over HTTPS, without a redirect.")),
    "bimi.logo-wrong": Words("I2", _("The logo at %(url)s is not as it must be: %(faults)s."), _HIDDEN, _("Make it a square SVG Tiny PS file of at most 32 KB with a title.")),
    "bimi.unmeasured": Words("I2", _("%(url)s could not be fetched (%(reason)s).")),
    "bimi.proof": Words("I3", _("The mark certificate fits and is good for %(days)s days.")),
    "bimi.proof-ends": Words("I3", _("The mark certificate ends in %(days)s days."), _HIDDEN, _("Renew it.")),
    "bimi.proof-wrong": Words("I3", _("The mark certificate at %(url)s does not fit: %(faults)s."), _HIDDEN, _("Get one for this domain and this very picture.")),
}  # fmt: skip
