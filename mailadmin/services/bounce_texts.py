"""Known troubles in bounces: key, how it is recognised, what happened, what to do. RFC 3463; providers' own pages.

Sources: Google "SMTP error reference", Microsoft "NDR codes", Yahoo "SMTP error codes", Postfix, Exim, qmail.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise
_DNS = _("Open the DNS page of the sending domain and repair what is red there.")
_WAIT = _("Nothing to do: the server tries again by itself. If it lasts for days, write to the receiver.")
_TYPO = _("Check the part before the @ for a typing mistake.")
_LIST = _("Find and stop what sent spam, then ask the list to remove the address.")
_THEIRS = _("Nothing is wrong on your side; reach the person another way and tell them.")

# The first that fits is taken: the particular before the general.
KNOWN: tuple[tuple[str, str, Text, Text], ...] = (
    ("spamhaus", r"spamhaus|S3140|S3150|5\.7\.51[13]|AS\(?(1430|1310)|banned sending IP", _("The address of the sending server is on a block list (Spamhaus or Microsoft’s own)."), _LIST),
    ("microsoft-junk", r"S775|S843|OU-00[12]|SC-00[1-4]|550 SC-|DY-00[12]|part of their network is on our block list", _("Microsoft (Outlook, Hotmail) has blocked the address of the sending server."), _("Register the address with Microsoft SNDS and ask for its removal on their sender support page.")),
    ("yahoo-ts", r"\[TS(S)?0[1-9]\]|\[TSS\d\d\]|4\.7\.[01] \[TS", _("Yahoo makes the server wait because of complaints or an unusual amount of mail."), _("Send less at once, remove people who complain, and wait some hours.")),
    ("yahoo-policy", r"\[(PH01|BL2[123]|GL01|IPTS04)\]|sender\.yahooinc|postmaster\.yahoo", _("Yahoo refuses mail from this server by its own rules."), _("Check the DNS page, then ask for help on Yahoo’s sender page.")),
    ("gmail-rate", r"4\.7\.28|421-4\.7\.0 .*unusual rate|rate limited|receiving mail at a rate", _("The receiver gets more mail from you than it takes at once."), _("Send more slowly; the server tries again by itself.")),
    ("gmail-ipv6", r"IPv6 sending guidelines|AAAA.*PTR", _("The receiver refused the server’s IPv6 address: no matching name, or not proven."), _("Ask the hosting provider for the reverse name of the IPv6 address, or send over IPv4 only.")),
    ("dmarc", r"5\.7\.(26|509)|unauthenticated|DMARC|not accepted due to domain's", _("The receiver refused it because the sender’s domain is not proven (SPF, DKIM, DMARC)."), _DNS),
    ("dkim", r"5\.7\.(20|21|22)\b|DKIM.*(fail|invalid|verif)|signature.*not verify", _("The receiver could not verify the signature (DKIM)."), _DNS),
    ("ptr", r"5\.7\.25|PTR record|reverse DNS|rDNS|cannot find your (reverse )?hostname|invalid rdns|5\.7\.7\b", _("The receiver refused it because the server’s address has no matching name."), _("Ask the hosting provider to set the reverse name (PTR) to the name of the mail server.")),
    ("spf", r"5\.7\.(23|24)|SPF (validation|check)? ?(failed|error|fail)|SPF fail|rejected by SPF|openspf", _("The sending server is not allowed by the SPF record of the sender’s domain."), _("Add the server to the SPF record; the DNS page shows the exact text.")),
    ("helo", r"Helo command rejected|HELO .*(invalid|refused|mismatch)|EHLO.*not resolve|5\.5\.2 .*hostname", _("The receiver does not accept the name with which the server greets."), _("Set the server’s host name to its full name and publish its address; the DNS page checks it.")),
    ("sender-domain", r"5\.1\.8|Sender address rejected|sender domain|domain of sender address .* does not resolve|5\.1\.7", _("The receiver does not accept the sender’s address or domain."), _("Check that the sender’s domain exists and has an MX record.")),
    ("spoof-own", r"5\.7\.(64|708)|TenantAttribution|AS\(?7[0-9]{2}", _("Microsoft 365 does not accept mail from this server on behalf of the account."), _("The account’s administrator must allow the server in a connector, or the account was just created and must wait.")),
    ("url", r"(URIBL|SURBL|DBL|URL) .*(block|list)|blocked.*(URL|link)|contains a URL|phishing", _("The text of the message contains a link that is on a block list."), _("Remove the link; if it is your own site, look for a break-in there and ask the list to remove it.")),
    ("virus", r"virus|malware|infected|attachment.*(not allowed|type|blocked|prohibited)|552-5\.7\.0|potential security", _("The receiver refused an attachment as dangerous."), _("Do not send programs or protected archives by mail; use a link.")),
    ("block-list", r"barracuda|spamcop|sorbs|uceprotect|mailspike|psbl|abusix|invaluement|block(ed)? (list|using)|blacklist|blocklist|DNSBL|RBL|5\.7\.606", _("The address of the sending server is on a block list."), _LIST),
    ("dane", r"DANE|TLSA", _("The sending server found that the receiver’s certificate does not fit its TLSA record."), _("If it is your domain, open its DNS page: TLSA and certificate do not fit.")),
    ("mta-sts", r"MTA-STS|STSv1|5\.7\.5 ", _("No connection as secure as the receiver’s policy (MTA-STS) demands could be made."), _("Check the certificate of the receiving server and its MTA-STS policy.")),
    ("tls", r"STARTTLS|TLS (required|negotiation|handshake|is required)|5\.7\.(10|11)\b|certificate|SSL", _("No secure connection could be made with the receiving server."), _("Check the certificate of the receiving server and its MTA-STS policy.")),
    ("restricted", r"5\.7\.(124|133|134|135|136)|5\.4\.1\b|RESOLVER\.RST|not authorized to send|restricted|only accepts (messages|mail) from|sender not allowed|5\.7\.129", _("The receiver takes mail only from certain people."), _("Ask the person to allow your address.")),
    ("sign-in", r"5\.7\.(0|9|14|8|57) .*(authenticat|log|sign|credential|password)|535|authentication (required|failed|unsuccessful)|Username and Password not accepted|530", _("The server that should send it demands signing in, or did not accept the password."), _("Check user name and password in the mail program; the outgoing server needs signing in too.")),
    ("null-mx", r"5\.1\.10|null MX|does not accept mail|5\.7\.27", _("The receiver’s domain says that it takes no mail."), _("Check the address; if it is right, reach the person another way.")),
    ("no-domain", r"5\.1\.2|5\.4\.(4|310)|Host (or domain name )?not found|Domain not found|domain does not exist|NXDOMAIN|Name service error|unrouteable address|illegal host", _("The receiver’s domain does not exist or cannot be reached."), _("Check the part after the @ for a typing mistake.")),
    ("moved", r"5\.1\.6|551|has moved|no longer (works|at|with)|user not local", _("The person has another address now."), _("Ask for the new address.")),
    ("loop", r"5\.4\.6|5\.4\.14|mail (forwarding )?loop|too many hops|hop count", _("The message goes round in a circle between forwardings."), _("Look at the redirects of the receiving address: two of them lead to each other.")),
    ("expired", r"4\.4\.7|5\.4\.7|delivery time expired|could not be delivered for|message expired|retry (time|timeout) exceeded|has been in the queue too long", _("The receiving server did not take it for days; the server gave up."), _("Check the receiver’s domain for a typing mistake, then try again or reach the person another way.")),
    ("disabled", r"5\.2\.1|account (is |has been )?(disabled|inactive|suspended|deactivated)|mailbox disabled|inactive user|5\.1\.13", _("The receiver’s mailbox is switched off."), _THEIRS),
    ("full", r"5\.2\.2|4\.2\.2|over ?quota|out of storage|mailbox (is )?full|quota exceeded|insufficient (system )?storage|storage quota|452-4\.2\.2", _("The receiver’s mailbox is full."), _("Tell the person another way, and try again later.")),
    ("many-for-one", r"4\.2\.1|5\.2\.0 .*rate|receiving mail too quickly|too many messages for this (user|recipient)", _("This person gets too much mail just now."), _WAIT),
    ("too-large", r"5\.3\.4|5\.2\.3|552 .*size|message (size|too large|length)|exceeds .*(size|limit)|too big", _("The message is too large for the receiver."), _("Send the attachment as a link, or in smaller parts.")),
    ("no-user", r"5\.1\.1|5\.1\.0|user unknown|unknown user|no such (user|mailbox|recipient|person)|does not exist|doesn't have a|mailbox (unavailable|not found)|recipient (address )?rejected|not listed|invalid (recipient|mailbox)|RecipNotFound|dd .*account|5\.5\.0 .*unavailable", _("The mailbox does not exist at the receiver."), _TYPO),
    ("bad-address", r"5\.1\.3|bad (destination )?(mailbox )?address|malformed|syntax error in (mailbox|address)|RFC[- ]?5?3?21 .*address|5\.1\.4", _("The receiver’s address is not written correctly."), _TYPO),
    ("utf8", r"5\.6\.[79]|SMTPUTF8", _("The receiving server cannot handle letters with accents in addresses."), _("Use an address with plain letters.")),
    ("header", r"5\.6\.0|5\.7\.1 .*(RFC ?5322|Message-ID|From header|multiple From)|RFC 5322|invalid (header|message format)|bare (LF|line feed)|BDAT", _("The message is not built as the standard demands."), _("It comes from a script or an old program: let it set From, Date and Message-ID, or send with another program.")),
    ("greylist", r"greylist|4\.7\.1 .*(try again|later)|come back later|deferred.*retry|4\.2\.0", _("The receiver makes unknown servers wait once (greylisting)."), _WAIT),
    ("too-many-rcpt", r"5\.5\.3|4\.5\.3|too many recipients", _("The message has too many receivers at once."), _("Send it in smaller groups, or use a mailing list.")),
    ("daily-limit", r"5\.4\.5|daily (user )?sending (quota|limit)|sending limit|hourly limit|5\.7\.232|5\.1\.90", _("The sender has used up the amount of mail for today."), _("Wait until tomorrow; if you did not send that much, change the password: somebody else may be sending.")),
    ("hijacked", r"5\.1\.8 .*outbound|5\.7\.(501|502|503|508|750)|bad outbound sender|access denied, (spam|banned)", _("The sender’s account was stopped because it sent spam."), _("Change its password, look at its redirects, then ask for it to be released.")),
    ("disk", r"4\.3\.1|insufficient (disk|system) (space|resources)|452", _("The receiving server has no room just now."), _WAIT),
    ("refused-connection", r"4\.4\.[12]|timed out|connection (refused|reset|dropped|lost)|no route|network is unreachable|lost connection", _("The receiving server does not answer."), _("The server tries again by itself for some days.")),
    ("relay", r"relay(ing)? (access )?(is )?(denied|not allowed)|not permitted to relay|unable to relay|we do not relay|5\.7\.1 .*relay|5\.7\.54", _("The server was asked to pass mail on for somebody it does not know."), _("Sign in to the mail server when sending, and check the address of the receiver.")),
    ("wait", r"4\.7\.\d|try again|rate limit|too many|4\.3\.2|4\.5\.0|\b4[25]1\b|temporar", _("The receiver asks to wait."), _WAIT),
    ("protocol", r"5\.5\.[014]|bad sequence|unrecognized command|command not implemented|503|502", _("The two servers misunderstood each other."), _("Try again; if it stays, give the text to whoever runs the server.")),
    ("spam", r"5\.7\.1|5\.7\.350|spam|content (rejected|filter)|policy|reputation|poor|junk|unsolicited|554", _("The receiver refused it by its own rules, most often as suspected spam."), _("Check the DNS page of the sending domain, then write to the receiver’s postmaster.")),
    ("server", r"5\.3\.[0235]|4\.3\.[05]|local (error|problem)|configuration (error|problem)", _("The receiving server has a trouble of its own."), _THEIRS),
)  # fmt: skip
