"""docs/dns-rules.md is what the code and the tests say."""

from mailadmin.dns import suite
from tests.mailadmin.dns import rules


def test_the_table_of_rules_is_true() -> None:
    assert (rules.ROOT / "docs/dns-rules.md").read_text() == rules.page(), (
        "python -m tests.mailadmin.dns.rules"
    )


def test_every_rule_has_a_file_a_sentence_and_a_verdict() -> None:
    known = {words.check for words in suite.WORDS.values()}
    assert set(rules.RULES) <= known
    for rule, (files, kinds) in rules.table().items():
        assert files, rule
        assert any(kinds.values()), rule
