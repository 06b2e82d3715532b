"""What the checks that ask others say."""

from .finding import Words, _

_LOST = _("When it ends nobody can write to the domain any more, and others may buy it.")
WORDS = {
    "registration.not-asked": Words("N6", _("The end of the registration is not asked for.")),
    "registration.good": Words("N6", _("%(domain)s is registered until %(date)s."), rfc="RFC 9083, 4.5"),
    "registration.ends-soon": Words(
        "N6", _("The registration of %(domain)s ends in %(days)s days."), _LOST, _("Renew it at the registrar.")
    ),
    "registration.ends": Words(
        "N6", _("The registration of %(domain)s ends on %(date)s."), _LOST, _("Renew it now at the registrar.")
    ),
    "registration.held": Words(
        "N6",
        _("The registry holds %(domain)s back: %(states)s."),
        _("The name servers are not announced: senders get “Domain not found” (5.1.2)."),
        _("Speak with the registrar today."),
        "RFC 8056, 2",
    ),
    "registration.unmeasured": Words("N6", _("The registration of %(domain)s could not be read (%(reason)s).")),
    "network.not-asked": Words("B8", _("The age of the network is not asked for.")),
    "network.age": Words("B8", _("The network of %(address)s is announced since %(date)s.")),
    "network.young": Words("B8", _("The network of %(address)s is announced only since %(date)s (%(days)s days): it has no name yet. Send little at first.")),
    "network.unmeasured": Words("B8", _("The age of the network of %(address)s could not be looked up.")),
    "complaints.not-asked": Words("G1", _("Gmail is not asked how many readers complain (POSTMASTER_TOOLS_KEY).")),
    "complaints.few": Words("G1", _("At most %(rate)s %% of Gmail’s readers called mail of this domain spam (%(days)s days known).")),
    "complaints.some": Words("G1", _("%(rate)s %% of Gmail’s readers called mail of this domain spam on one day."), _("From 0.3 %% on Gmail refuses mail: “550 5.7.28 … unusual rate of unsolicited mail”."), _("Write only to who asked for it, and let everybody leave a list with one press (RFC 8058).")),
    "complaints.many": Words("G1", _("%(rate)s %% of Gmail’s readers called mail of this domain spam on one day."), _("Gmail refuses mail at this rate: “550 5.7.28 … unusual rate of unsolicited mail”."), _("Stop the mailing, and see who sends it: a stolen password often does.")),
    "complaints.unmeasured": Words("G1", _("Gmail did not say how many readers complain (%(reason)s).")),
    "routes.not-asked": Words("N8", _("Route origins are not asked for.")),
    "routes.valid": Words("N8", _("The route to %(address)s (%(prefix)s) is signed for AS %(origin)s.")),
    "routes.none": Words("N8", _("The route to %(address)s (%(prefix)s) is not signed (no ROA).")),
    "routes.invalid": Words(
        "N8",
        _("The route to %(address)s (%(prefix)s) contradicts its signature (AS %(origin)s)."),
        _("Large networks drop it: part of the world does not reach the server."),
        _("Ask the hosting provider to correct the ROA."),
        "RFC 6811",
    ),
    "routes.unmeasured": Words("N8", _("The route to %(address)s could not be looked up.")),
}  # fmt: skip
