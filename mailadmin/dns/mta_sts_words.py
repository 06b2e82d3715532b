"""What the MTA-STS checks say."""

from .finding import Words, _

_IGNORED = _("Senders ignore the policy: mail may be read on the way.")
_STOPS = _("Senders that keep the policy stop delivering: “MTA-STS policy validation failed”.")
WORDS = {
    "sts.none": Words(
        "T1",
        _("There is no MTA-STS policy."),
        _("An attacker on the way can switch encryption off."),
        _("First the policy file, then this record; Postie serves the file."),
        "RFC 8461, 3.1",
    ),
    "sts.several": Words(
        "T1", _("There is more than one record at %(name)s."), _IGNORED, _("Keep one."), "RFC 8461, 3.1"
    ),
    "sts.bad-id": Words(
        "T1",
        _("The id “%(id)s” at %(name)s is not allowed."),
        _IGNORED,
        _("Use letters and digits only."),
        "RFC 8461, 3.1",
    ),
    "sts.present": Words("T1", _("MTA-STS is announced (id %(id)s)."), rfc="RFC 8461, 3.1"),
    "sts.fetched": Words("T2", _("The policy is served at %(url)s.")),
    "sts.unmeasured": Words("T2", _("%(url)s could not be fetched from here (%(reason)s).")),
    "sts.certificate": Words(
        "T2",
        _("The certificate at %(url)s is not valid: %(reason)s."),
        _STOPS,
        _("Renew it for this name."),
        "RFC 8461, 3.3",
    ),
    "sts.certificate-ends": Words(
        "T2",
        _("The certificate at %(url)s ends in %(days)s days."),
        _STOPS,
        _("Renew it for this name."),
        "RFC 8461, 3.3",
    ),
    "sts.unreachable": Words(
        "T2",
        _("%(url)s cannot be reached: %(reason)s."),
        _IGNORED,
        _("Point the name mta-sts to this server."),
        "RFC 8461, 3.3",
    ),
    "sts.redirect": Words(
        "T3",
        _("%(url)s redirects (%(status)s), which senders may not follow."),
        _IGNORED,
        _("Serve the file there."),
        "RFC 8461, 3.3",
    ),
    "sts.status": Words(
        "T3", _("%(url)s answers %(status)s."), _IGNORED, _("Serve the file there."), "RFC 8461, 3.3"
    ),
    "sts.too-big": Words(
        "T3", _("%(url)s is larger than 64 KiB."), _IGNORED, _("Serve a short file."), "RFC 8461, 3.3"
    ),
    "sts.type": Words("T4", _("The file is served as text/plain.")),
    "sts.wrong-type": Words(
        "T4", _("The file is served as %(type)s."), _IGNORED, _("Serve it as text/plain."), "RFC 8461, 3.2"
    ),
    "sts.valid": Words("T5", _("The policy is written correctly.")),
    "sts.invalid": Words(
        "T5",
        _("The policy cannot be read at “%(line)s”."),
        _IGNORED,
        _("Correct this line."),
        "RFC 8461, 3.2",
    ),
    "sts.unknown-keys": Words("T5", _("Unknown lines are ignored: %(keys)s.")),
    "sts.age": Words("T6", _("Senders remember the policy for %(seconds)s seconds.")),
    "sts.age-low": Words(
        "T6",
        _("Senders remember the policy for %(seconds)s seconds only."),
        "",
        _("Use 1209600 (two weeks) or more."),
        "RFC 8461, 3.2",
    ),
    "sts.age-short": Words(
        "T6",
        _("Senders forget the policy after %(seconds)s seconds."),
        _IGNORED,
        _("Use 1209600 (two weeks) or more."),
        "RFC 8461, 3.2",
    ),
    "sts.enforce": Words("T7", _("The policy is in force.")),
    "sts.trying": Words("T7", _("The policy is being tried (testing): failures are only reported.")),
    "sts.testing": Words(
        "T7",
        _("The policy is only a test."),
        _IGNORED,
        _("When TLS reports are clean, set mode: enforce."),
        "RFC 8461, 3.2",
    ),
    "sts.off": Words("T7", _("The policy is being retired (mode: none).")),
    "sts.mx": Words("T8", _("Every MX is named in the policy.")),
    "sts.mx-unused": Words("T8", _("The policy names %(patterns)s, which no MX is called.")),
    "sts.mx-missing": Words(
        "T8",
        _("The policy does not name %(hosts)s."),
        _STOPS,
        _("Add these hosts to the policy."),
        "RFC 8461, 4.1",
    ),
    "sts.mx-refused": Words(
        "T8",
        _("The policy in force does not name %(hosts)s."),
        _STOPS,
        _("Add these hosts to the policy and change its id."),
        "RFC 8461, 4.1",
    ),
    "sts.order": Words("T11", _("The policy also names the host that mail should go to.")),
    "sts.order-unmeasured": Words("T11", _("Whether %(url)s is served could not be measured.")),
    "sts.order-file": Words(
        "T11",
        _("First step: let %(url)s be served. The TXT record with the id comes after it."),
        "",
        _("Publish the mta-sts name first, then the id."),
        "RFC 8461, 8.3",
    ),
    "sts.order-id": Words(
        "T11", _("%(url)s is served. Second step: publish the TXT record with the id."), rfc="RFC 8461, 8.3"
    ),
    "sts.order-move": Words(
        "T11",
        _("The policy in force does not name %(host)s yet."),
        _("If the MX moved now, senders that remember the policy would refuse to deliver."),
        _("Add it to the policy, change the id, wait %(days)s days, and only then move the MX."),
        "RFC 8461, 8.3",
    ),
    "sts.id-fresh": Words("T10", _("The id belongs to this policy.")),
    "sts.same-id": Words(
        "T10",
        _("The policy has changed but its id %(id)s has not."),
        _("Senders keep the old one."),
        _("Publish a new id."),
        "RFC 8461, 3.3",
    ),
}
