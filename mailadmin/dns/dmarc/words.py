"""What the DMARC checks say."""

from mailadmin.dns.finding import Words, _

_FORGED = _(
    "Forged mail in your name is delivered, and Gmail and Yahoo refuse larger mailings (“550 5.7.26”)."
)
_PUBLISH = _("Publish this TXT record.")
WORDS = {
    "dmarc.missing": Words("A1", _("There is no DMARC record."), _FORGED, _PUBLISH, "RFC 9989, 4.10"),
    "dmarc.inherited": Words("A1", _("The policy comes from %(domain)s: %(policy)s."), rfc="RFC 9989, 4.10"),
    "dmarc.present": Words("A1", _("The domain has its own DMARC record: %(found)s")),
    "dmarc.several": Words(
        "A2", _("There is more than one DMARC record."), _FORGED, _("Keep one."), "RFC 9989, 4.7"
    ),
    "dmarc.not-recognised": Words(
        "A2",
        _("This text is not read as DMARC: %(found)s"),
        _FORGED,
        _("It must begin with exactly “v=DMARC1;”."),
        "RFC 9989, 4.7",
    ),
    "dmarc.stray": Words(
        "A2", _("Other texts stand in the place of DMARC: %(found)s."), "", _("Remove them."), "RFC 9989, 4.7"
    ),
    "dmarc.at-apex": Words(
        "A3",
        _("A DMARC record stands at the domain itself, where nobody looks."),
        _FORGED,
        _("Move it to %(name)s."),
        "RFC 9989, 4.7",
    ),
    "dmarc.reports-unread": Words(
        "A11", _("No DMARC reports are read here: how much mail passes is not known.")
    ),
    "dmarc.reports-few": Words("A11", _("The reports speak of only %(count)s letters: too few to judge.")),
    "dmarc.ready": Words("A11", _("%(share)s %% of %(count)s letters pass: a strict policy loses nothing.")),
    "dmarc.not-ready": Words(
        "A11",
        _("%(share)s %% of %(count)s letters pass. Own sources that fail: %(sources)s."),
        "",
        _("Let these sources sign with DKIM before the policy becomes stricter."),
    ),
    "dmarc.losing": Words(
        "A11",
        _("Only %(share)s %% of %(count)s letters pass while the policy is %(policy)s."),
        _("You lose mail: receivers follow the policy."),
        _("Go back to p=none until every own source signs (failing: %(sources)s)."),
        "RFC 9989, 8",
    ),
    "dmarc.syntax-good": Words("A4", _("The DMARC record is written correctly.")),
    "dmarc.tags": Words("A4", _("All parts of the DMARC record are known.")),
    "dmarc.invalid": Words(
        "A4",
        _("The DMARC record cannot be read at “%(tag)s” %(value)s."),
        _FORGED,
        _PUBLISH,
        "RFC 9989, 4.7",
    ),
    "dmarc.old-tags": Words(
        "A4", _("Tags of the old standard: %(tags)s."), "", _("They may be removed."), "RFC 9989, C"
    ),
    "dmarc.no-policy": Words(
        "A4",
        _("The record names no policy (p=)."),
        _FORGED,
        _("Add p=none, quarantine or reject."),
        "RFC 9989, 4.7",
    ),
    "dmarc.order": Words("A4", _("p= does not stand second; some old readers want it there.")),
    "dmarc.policy": Words("A5", _("Forged mail is stopped: %(policy)s."), rfc="RFC 9989, 4.7"),
    "dmarc.watching": Words(
        "A5", _("The policy only watches for now (p=none). Goal: %(goal)s"), rfc="RFC 9989, 4.7"
    ),
    "dmarc.none": Words(
        "A5",
        _("The policy only watches (p=none)."),
        _FORGED,
        _("When the reports show only your own servers passing, go to p=quarantine, then to: %(goal)s"),
        "RFC 9989, 4.7",
    ),
    "dmarc.testing": Words(
        "A5",
        _("The policy is in test (t=y): receivers apply only “%(policy)s”."),
        _FORGED,
        _("Remove t=y when the reports are clean."),
        "RFC 9989, 4.7",
    ),
    "dmarc.sub-open": Words(
        "A5",
        _("Sub-domains are not protected (sp=none)."),
        _("Forgers then write from a made-up sub-domain."),
        _("Remove sp= or set it to reject."),
        "RFC 9989, 4.7",
    ),
    "dmarc.share": Words("A5", _("Old readers apply the policy to %(share)s %% of the mail only.")),
    "dmarc.parked": Words("A6", _("Nothing may be sent in the name of this parked domain.")),
    "dmarc.parked-open": Words(
        "A6",
        _("The domain carries no mail, but its DMARC policy does not refuse everything."),
        _("Forgers like forgotten domains."),
        _PUBLISH,
        "RFC 9989, 4.7",
    ),
    "dmarc.reports": Words("A7", _("Reports go to %(address)s.")),
    "dmarc.no-reports": Words(
        "A7",
        _("Nobody receives the reports (no rua=)."),
        _("You do not see who sends in your name, nor which of your own mail fails."),
        _("Add rua=mailto: with an address of yours."),
        "RFC 9990",
    ),
    "dmarc.many-reports": Words("A7", _("%(count)s report addresses; receivers may use only two.")),
    "dmarc.report-size": Words(
        "A7",
        _("%(uri)s limits the size of reports, which receivers no longer look at."),
        "",
        _("Leave out what follows the “!”."),
        "RFC 9990",
    ),
    "dmarc.report-scheme": Words(
        "A7", _("Reports are only sent by mail, not to %(uri)s."), "", _("Use a mailto: address."), "RFC 9990"
    ),
    "dmarc.report-malformed": Words(
        "A7",
        _("The report address %(uri)s is not written correctly."),
        _("No reports arrive."),
        _("Write it as mailto:name@domain."),
        "RFC 9990",
    ),
    "dmarc.report-allowed": Words("A8", _("The other domain accepts the reports (%(name)s).")),
    "dmarc.report-refused": Words(
        "A8",
        _("The reports go to another domain that has not agreed."),
        _("No reports arrive."),
        _("The owner of that domain publishes this record."),
        "RFC 9990, 4",
    ),
    "dmarc.report-mailbox": Words("A9", _("%(address)s can receive.")),
    "dmarc.report-no-mx": Words(
        "A9", _("%(domain)s takes no mail."), _("No reports arrive."), _("Use another address."), "RFC 9990"
    ),
    "dmarc.report-no-mailbox": Words(
        "A9",
        _("The mailbox %(address)s does not exist."),
        _("No reports arrive."),
        _("Create the mailbox or use another address."),
    ),
    "dmarc.fo": Words("A12", _("The choice of failure reports makes sense.")),
    "dmarc.fo-useless": Words("A12", _("fo= has no effect here."), "", _("It may be removed.")),
}
