"""What mail programs ask for when they set themselves up: Thunderbird's autoconfig, Outlook's autodiscover.

https://datatracker.ietf.org/doc/draft-ietf-mailmaint-autoconfig/ and Microsoft's [MS-OXDSCLI]. Pure.
"""

import json
import re
from xml.sax.saxutils import escape

_ADDRESS = re.compile(rb"<EMailAddress>\s*([^<\s]{3,254})\s*</EMailAddress>", re.IGNORECASE)
SERVERS = (("imap", 993, "incomingServer", "IMAP"), ("smtp", 465, "outgoingServer", "SMTP"))
SCHEMA = "http://schemas.microsoft.com/exchange/autodiscover"


def autoconfig(domain: str, host: str) -> str:
    servers = "".join(
        f'    <{tag} type="{kind}">\n'
        f"      <hostname>{escape(host)}</hostname>\n      <port>{port}</port>\n"
        "      <socketType>SSL</socketType>\n      <authentication>password-cleartext</authentication>\n"
        f"      <username>%EMAILADDRESS%</username>\n    </{tag}>\n"
        for kind, port, tag, _ in SERVERS
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<clientConfig version="1.1">\n'
        f'  <emailProvider id="{escape(domain)}">\n    <domain>{escape(domain)}</domain>\n'
        f"    <displayName>{escape(domain)}</displayName>\n{servers}  </emailProvider>\n</clientConfig>\n"
    )


def asked_address(body: bytes) -> str:
    """The address in an autodiscover question; read without an XML parser: nothing in it can expand."""
    found = _ADDRESS.search(body[:16384])
    return found[1].decode("utf-8", "replace").lower() if found else ""


def autodiscover(address: str, host: str) -> str:
    protocols = "".join(
        f"      <Protocol>\n        <Type>{name}</Type>\n        <Server>{escape(host)}</Server>\n"
        f"        <Port>{port}</Port>\n        <LoginName>{escape(address)}</LoginName>\n"
        "        <DomainRequired>off</DomainRequired>\n        <SPA>off</SPA>\n        <SSL>on</SSL>\n"
        "        <AuthRequired>on</AuthRequired>\n      </Protocol>\n"
        for _kind, port, _tag, name in SERVERS
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Autodiscover xmlns="{SCHEMA}/responseschema/2006">\n'
        f'  <Response xmlns="{SCHEMA}/outlook/responseschema/2006a">\n    <Account>\n'
        "      <AccountType>email</AccountType>\n      <Action>settings</Action>\n"
        f"{protocols}    </Account>\n  </Response>\n</Autodiscover>\n"
    )


def autodiscover_json(host: str) -> str:
    url = f"https://{host}/autodiscover/autodiscover.xml"
    return json.dumps({"Protocol": "AutodiscoverV1", "Url": url})
