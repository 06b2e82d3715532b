"""Every finding must be sayable: a fact that is missing raises KeyError."""

from collections.abc import Iterable

from mailadmin.dns import suite
from mailadmin.dns.finding import Finding, fill


def filled(found: Iterable[Finding]) -> None:
    for finding in found:
        words = suite.WORDS[finding.code]
        for sentence in (words.says, words.why, words.fix):
            fill(sentence, finding.facts)
        assert words.says
        assert Finding.from_json(finding.to_json()) == finding
