"""What the judgement of a letter says."""

from .finding import Words, _

_REJECTED = _("Gmail and Microsoft refuse your own mail: “550 5.7.26 … DMARC policy of the domain”.")
WORDS = {
    "letter.lost": Words("G3", _("The test letter never arrived."), _("Other mail probably does not arrive either."), _("Look into the queue and the log of the mail server.")),
    "letter.echo-unmeasured": Words("G3", _("The letter to the mailbox outside could not be sent or looked for (%(reason)s).")),
    "letter.unmeasured": Words("D12", _("The test letter could not be judged (%(reason)s).")),
    "letter.signature": Words("D12", _("The test letter’s signature is good (%(domain)s, %(selector)s)."), rfc="RFC 6376, 6.1"),
    "letter.signature-bad": Words("D12", _("The signature of the test letter is wrong."), _REJECTED, _("Publish the key of the server, or look for a filter that changes outgoing mail."), "RFC 6376, 6.1"),
    "letter.unsigned": Words("D12", _("The test letter of %(domain)s is not signed."), _REJECTED, _("Switch DKIM on for the domain."), "RFC 6376"),
    "letter.signature-limited": Words("D12", _("The signature covers only a part of the text (l=)."), _("Anybody can append something of his own."), _("Remove l= from the signing."), "RFC 6376, 8.2"),
    "letter.signature-simple": Words("D12", _("The signature breaks at the smallest change on the way (c=simple).")),
    "letter.oversigned": Words("D12", _("A second From line would break the signature: very good.")),
    "letter.aligned": Words("A10", _("SPF and DKIM both fit the sender (%(author)s)."), rfc="RFC 9989, 4.4"),
    "letter.half-aligned": Words("A10", _("Only %(by)s fits the sender (%(author)s; envelope %(envelope)s, signature %(signer)s)."), rfc="RFC 9989, 4.4"),
    "letter.unaligned": Words("A10", _("Neither SPF (%(envelope)s) nor DKIM (%(signer)s) fits the sender %(author)s, whose policy is %(policy)s."), _REJECTED, _("Sign with the sender’s own domain."), "RFC 9989, 4.4"),
    "letter.unaligned-watched": Words("A10", _("Neither SPF (%(envelope)s) nor DKIM (%(signer)s) fits the sender %(author)s."), _("With p=reject your own mail would be refused."), _("Sign with the sender’s own domain."), "RFC 9989, 4.4"),
    "letter.judged": Words("G3", _("The receiver found SPF, DKIM and DMARC good."), rfc="RFC 8601"),
    "letter.judged-partly": Words("G3", _("The receiver did not judge %(missing)s."), rfc="RFC 8601"),
    "letter.judged-bad": Words("G3", _("The receiver found %(results)s."), _REJECTED, _("Repair what is red on the DNS page."), "RFC 8601"),
    "letter.quick": Words("G3", _("The test letter was there after %(seconds)s seconds.")),
    "letter.slow": Words("G3", _("The test letter took %(seconds)s seconds."), "", _("Look into the queue of the mail server.")),
    "letter.encrypted": Words("G3", _("Every step of the way was encrypted.")),
    "letter.clear": Words("G3", _("One step of the way was not encrypted: %(hop)s")),
    "letter.spam": Words("G3", _("The test letter was taken for spam."), _("Real mail lands in the spam folder too."), _("Repair what is red on the DNS page.")),
}  # fmt: skip
