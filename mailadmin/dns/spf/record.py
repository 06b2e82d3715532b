"""The grammar of an SPF record. RFC 7208, 4.6.1, 5, 6, 7.1 and 12. Pure: text in, terms out."""

import ipaddress
import re
from dataclasses import dataclass

QUALIFIERS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
MECHANISMS = ("all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists")
COSTLY = ("include", "a", "mx", "ptr", "exists")  # each asks the DNS, and so does redirect (4.6.4)

_MACRO = r"%\{[slodiphvcrtSLODIPHVCRT](?:[1-9][0-9]{0,2})?[rR]?[.\-+,/_=]*\}"
_MACRO_STRING = re.compile(rf"(?:{_MACRO}|%%|%_|%-|[\x21-\x24\x26-\x7e])*\Z")
_LAST_MACRO = re.compile(rf"{_MACRO}\Z")
_LETTER = re.compile(r"[A-Za-z]")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\Z")
_EXPLANATION_ONLY = re.compile(r"%\{[crt]", re.IGNORECASE)
_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9\-_.]*)=(.*)\Z", re.DOTALL)
_MECHANISM = re.compile(r"([+\-?~]?)([A-Za-z0-9]+)(?=[:/]|\Z)(.*)\Z", re.DOTALL)
_DUAL_CIDR = re.compile(r"(?:/(0|[1-9][0-9]?))?(?://(0|[1-9][0-9]{0,2}))?\Z")
_LONGEST = 4096  # characters of one term; far beyond what DNS can sensibly carry


class SyntaxFault(ValueError):
    """`position` is where in the record the reader stumbled, counted from 0."""

    def __init__(self, term: str, position: int) -> None:
        super().__init__(f"{term!r} at {position}")
        self.term, self.position = term, position


@dataclass(frozen=True, slots=True)
class Term:
    """A mechanism. `value` is a domain-spec or an IP network; the CIDR lengths are −1 when not written."""

    text: str
    name: str
    qualifier: str = "pass"
    value: str = ""
    cidr4: int = 32
    cidr6: int = 128


@dataclass(frozen=True, slots=True)
class Record:
    text: str
    terms: tuple[Term, ...]
    redirect: str = ""
    explanation: str = ""
    unknown: tuple[str, ...] = ()  # modifiers nobody knows are ignored (6)

    @property
    def all_term(self) -> Term | None:
        return next((term for term in self.terms if term.name == "all"), None)

    @property
    def after_all(self) -> tuple[Term, ...]:
        names = [term.name for term in self.terms]
        return self.terms[names.index("all") + 1 :] if "all" in names else ()


def is_spf(text: str) -> bool:
    """4.5: the version is matched without case and ends at a space or at the end."""
    return re.match(r"v=spf1(?: |\Z)", text, re.IGNORECASE) is not None


def parse(text: str) -> Record:
    terms: list[Term] = []
    modifiers: dict[str, str] = {}
    unknown: list[str] = []
    if not text.isascii():
        position = next(n for n, character in enumerate(text) if not character.isascii())
        raise SyntaxFault(text[position : position + 10], position)
    for match in re.finditer(r"[^ ]+", text[6:]):
        word, position = match.group(), match.start() + 6
        if len(word) > _LONGEST:
            raise SyntaxFault(word[:40], position)
        modifier = _MODIFIER.match(word)
        if modifier is None:
            terms.append(_mechanism(word, position))
        elif modifier[1].lower() not in ("redirect", "exp"):
            _expect(_MACRO_STRING.match(modifier[2]) is not None, word, position)
            unknown.append(word)
        else:
            name = modifier[1].lower()
            _expect(name not in modifiers and is_domain_spec(modifier[2]), word, position)
            modifiers[name] = modifier[2]
    return Record(text, tuple(terms), modifiers.get("redirect", ""), modifiers.get("exp", ""), tuple(unknown))


def is_domain_spec(text: str) -> bool:
    return _MACRO_STRING.match(text) is not None and _ends_well(text) and not _EXPLANATION_ONLY.search(text)


def _ends_well(text: str) -> bool:
    """7.1: a domain ends in a macro or in a label that is not all digits."""
    if text.endswith("}"):
        return _LAST_MACRO.match(text, max(text.rfind("%{"), 0)) is not None
    _before, dot, label = text.removesuffix(".").rpartition(".")
    good = _LABEL.match(label) is not None and (_LETTER.search(label) is not None or "-" in label)
    return bool(dot) and good


def is_macro_string(text: str) -> bool:
    return all(_MACRO_STRING.match(word) is not None for word in text.split(" "))


def _expect(good: bool, word: str, position: int) -> None:
    if not good:
        raise SyntaxFault(word, position)


def _mechanism(word: str, position: int) -> Term:
    match = _MECHANISM.match(word)
    if match is None or match[2].lower() not in MECHANISMS:
        raise SyntaxFault(word, position)
    qualifier, name, rest = QUALIFIERS[match[1] or "+"], match[2].lower(), match[3]
    if name == "all":
        _expect(not rest, word, position)
        return Term(word, name, qualifier)
    if name in ("ip4", "ip6"):
        _expect(rest.startswith(":"), word, position)
        return Term(word, name, qualifier, _network(name, rest[1:], word, position))
    return _with_domain(Term(word, name, qualifier), rest, position)


def _with_domain(term: Term, rest: str, position: int) -> Term:
    domain, cidr4, cidr6 = rest, 32, 128
    if term.name in ("a", "mx"):
        cut = _cidr_start(rest)
        found = _DUAL_CIDR.match(rest[cut:])
        if found is None:
            raise SyntaxFault(term.text, position)
        cidr4, cidr6 = int(found[1] or 32), int(found[2] or 128)
        if (found[1] or "") == "0":
            cidr4 = 0
        _expect(cidr4 <= 32 and cidr6 <= 128, term.text, position)
        domain = rest[:cut]
    if domain:
        _expect(domain.startswith(":") and is_domain_spec(domain[1:]), term.text, position)
    else:
        _expect(term.name in ("a", "mx", "ptr"), term.text, position)
    return Term(term.text, term.name, term.qualifier, domain[1:], cidr4, cidr6)


def _cidr_start(rest: str) -> int:
    """Where `/24//64` begins: a slash may also stand in a macro or in the domain itself."""
    found = re.search(r"(?:/[0-9]*)?(?://[0-9]*)?\Z", rest)
    return found.start() if found and "}" not in rest[found.start() :] else len(rest)


def _network(name: str, text: str, word: str, position: int) -> str:
    address, slash, length = text.partition("/")
    try:
        ip = ipaddress.ip_address(address)
        bits = int(length) if slash else ip.max_prefixlen
    except ValueError:
        raise SyntaxFault(word, position) from None
    good_length = not slash or re.fullmatch(r"0|[1-9][0-9]{0,2}", length) is not None
    _expect(good_length and bits <= ip.max_prefixlen and f"ip{ip.version}" == name, word, position)
    _expect("%" not in address, word, position)
    return str(ipaddress.ip_network((ip, bits), strict=False))
