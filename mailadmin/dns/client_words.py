"""What the checks of the clients’ set-up say."""

from .finding import Words, _

_BY_HAND = _("People have to type the settings by hand, and many give up.")
_WRONG = _("Mail programs that set themselves up connect to the wrong place.")
WORDS = {
    "autoconfig.none": Words("C4", _("Thunderbird finds no settings by itself."), _BY_HAND, _("Publish this record.")),
    "autoconfig.http": Words("C4", _("%(name)s answers only without encryption.")),
    "autoconfig.good": Words("C4", _("Thunderbird finds the right settings (%(host)s).")),
    "autoconfig.wrong": Words("C4", _("The settings for Thunderbird are wrong: %(faults)s."), _WRONG, _("They should lead to %(wanted)s.")),
    "autoconfig.invalid": Words("C4", _("The settings at %(url)s cannot be read."), _BY_HAND, _("Let Postie serve them.")),
    "autoconfig.broken": Words("C4", _("%(name)s leads here but does not answer (%(reason)s)."), _BY_HAND, _("Give the web server this name and a certificate for it.")),
    "autoconfig.unmeasured": Words("C4", _("%(name)s could not be measured (%(reason)s).")),
    "autodiscover.none": Words("C5", _("Outlook finds no settings by itself."), _BY_HAND, _("Publish this record.")),
    "autodiscover.good": Words("C5", _("Outlook finds the right settings (%(host)s).")),
    "autodiscover.elsewhere": Words(
        "C5", _("%(name)s still leads to Microsoft (%(target)s)."), _("Outlook asks the old account for its password again and again."), _("Point it to %(wanted)s.")
    ),
    "autodiscover.redirects": Words("C5", _("%(name)s redirects %(count)s times.")),
    "autodiscover.wrong": Words("C5", _("The settings for Outlook at %(name)s are wrong."), _WRONG, _("They should lead to %(wanted)s.")),
    "autodiscover.broken": Words("C5", _("%(name)s does not answer Outlook (%(reason)s)."), _BY_HAND, _("Give the web server this name and a certificate for it.")),
    "autodiscover.unmeasured": Words("C5", _("%(name)s could not be measured (%(reason)s).")),
    "clients.ua-auto-config": Words("C6", _("%(name)s exists, for the coming standard.")),
}  # fmt: skip
