"""What the view from outside says."""

from mailadmin.dns.finding import Words, _

_FIREWALL = _(
    "Look at the firewall of the server, the router and the hosting provider: from the server itself the port may be open."
)
WORDS = {
    "witness.not-asked": Words("V1", _("Nobody outside is asked how the ports look from there (WITNESS_URL).")),
    "witness.silent": Words("V1", _("The witness outside gave no usable answer over %(family)s (%(reason)s)."), "", _("Compare WITNESS_URL, the secret and the clocks of both sides.")),
    "witness.address": Words("E8", _("Seen from outside, the server is %(address)s, as it should be.")),
    "witness.other-address": Words("E8", _("Seen from outside, Postie comes from %(address)s, which is not an address of the mail server (%(ours)s). So its ports say nothing."), "", _("Correct MAIL_ADDRESSES, or let Postie leave by the mail server’s address.")),
    "witness.open": Words("V1", _("Port %(port)s of %(address)s is open from outside."), rfc="RFC 5321, 3.1"),
    "witness.slow": Words("V1", _("From outside, %(address)s greets only after %(seconds)s seconds."), _("Impatient senders hang up and try again later: mail is late."), _("Look for slow block list or reverse name look-ups in the server’s greeting."), "RFC 5321, 4.5.3.2"),
    "witness.smtp-closed": Words("V1", _("From outside, port 25 of %(address)s is closed (%(reason)s)."), _("Nothing arrives: senders wait and give up after days with “Connection refused” or “timed out”."), _FIREWALL, "RFC 5321, 3.1"),
    "witness.closed": Words("V11", _("From outside, port %(port)s of %(address)s is closed (%(reason)s)."), _("Mail programs say “cannot connect to the server”."), _FIREWALL, "RFC 8314, 3"),
    "witness.web-closed": Words("V11", _("From outside, the webmail at port 443 of %(address)s is closed (%(reason)s)."), _("Browsers say that the page cannot be reached."), _FIREWALL),
    "witness.unmeasured": Words("V1", _("The witness could not measure port %(port)s of %(address)s (%(reason)s).")),
    "witness.same-server": Words("V11", _("It is this server that answers at port 25 of %(address)s, encrypted (%(tls)s).")),
    "witness.other-server": Words("V11", _("From outside, port 25 of %(address)s shows another certificate than from here (%(greeting)s)."), _("Somebody else may answer in between, such as a filter of the provider."), _("Compare the greeting; ask the provider whether port 25 passes through a filter.")),
    "witness.stripped": Words("V11", _("From outside, port 25 of %(address)s offers no encryption, from here it does."), _("Somebody in between takes STARTTLS away: mail travels readable, and strict senders refuse."), _("Switch off “SMTP inspection” in firewall and router, and ask the provider."), "RFC 3207, 6"),
}  # fmt: skip
