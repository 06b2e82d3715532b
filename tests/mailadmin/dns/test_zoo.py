"""Every line of the table, asked from a real unbound and real knots."""

import pytest

from mailadmin.dns import suite
from mailadmin.dns.finding import Status, fill
from mailadmin.dns.resolver import Resolver
from mailadmin.dns.subject import Key
from tests.mailadmin.dns import cases
from tests.mailadmin.dns.partners import NOW, Paper

FAILING = dict.fromkeys(("SERVFAIL", "timeout", "REFUSED"))


@pytest.mark.parametrize("name", cases.ALL, ids=lambda n: f"{n} {cases.ALL[n].check} {cases.ALL[n].codes}")
def test_zoo(name: str, zoo_network: Resolver) -> None:
    case = cases.ALL[name]
    domain = f"{name}.zoo.test"
    with zoo_network.watching(domain):
        found = suite.judge(suite.CHECKS[case.check], case.subject(domain), zoo_network)
    codes = {finding.code for finding in found}
    wanted = case.codes.split()
    assert {code for code in wanted if not code.startswith("!")} <= codes
    assert not {code[1:] for code in wanted if code.startswith("!")} & codes
    for finding in found:
        words = suite.WORDS[finding.code]
        for sentence in (words.says, words.why, words.fix):
            fill(sentence, finding.facts)  # a fact that is missing raises KeyError
        assert words.says


class Deaf(Paper):
    """Nothing is ever answered."""

    def __init__(self, reason: str) -> None:
        super().__init__({}, now=NOW)
        self.reason = reason

    def _answer(self, name, kind, here, chain):
        self.records[here, kind] = self.reason
        return super()._answer(name, kind, here, chain)


@pytest.mark.parametrize("reason", FAILING)
@pytest.mark.parametrize("name", [*suite.CHECKS, *suite.OUTSIDE])
def test_no_answer_is_unknown_and_never_a_failure(name: str, reason: str) -> None:
    check = (suite.CHECKS | suite.OUTSIDE)[name]
    subject = cases.Case(name, "", "", key=Key("s", cases.GOOD_KEY)).subject("deaf.test")
    found = suite.judge(check, subject, Deaf(reason))
    assert all(f.status in (Status.UNKNOWN, Status.NOT_APPLICABLE, Status.PASS) for f in found), found
    asked_nobody = {f.code.partition(".")[2] for f in found} == {"not-asked"}
    by_itself = name in ("dane", "outbound", "profile")
    assert any(f.status is Status.UNKNOWN for f in found) or asked_nobody or by_itself


def test_servers_that_disagree_are_named(zoo_network: Resolver) -> None:
    subject = cases.ALL["liar-other"].subject("liar-other.zoo.test")
    report = suite.run(subject, zoo_network, checks={"spf": suite.CHECKS["spf"]})
    torn = [f for _, f in report.findings if f.code == "zone.servers-disagree"]
    assert torn
    assert torn[0].status is Status.WARN
    assert any("liar" in line for line in torn[0].facts["answers"])


def test_a_whole_run_is_quick_and_keeps_what_it_asked(zoo_network: Resolver) -> None:
    done: list[tuple[int, int]] = []
    subject = cases.ALL["signed-good"].subject("signed-good.zoo.test")
    report = suite.run(subject, zoo_network, progress=lambda n, of: done.append((n, of)))
    assert done[-1] == (len(suite.CHECKS), len(suite.CHECKS))
    assert {check for check, _ in report.findings} == set(suite.CHECKS)
    assert 0 <= report.score <= 100
    question = report.questions["mx"][0]
    assert {"name", "kind", "rcode", "flags", "server", "records", "ttl", "milliseconds"} <= set(question)


def test_a_resolver_that_does_not_validate_makes_dnssec_unknown(zoo_resolver) -> None:
    import dataclasses

    network = Resolver(dataclasses.replace(zoo_resolver, secure_name="c1.zoo.test"))
    subject = cases.ALL["signed-good"].subject("signed-good.zoo.test")
    found = suite.judge(suite.CHECKS["dnssec"], subject, network)
    assert [f.code for f in found] == ["dnssec.resolver"]


def test_a_domain_that_does_not_exist_is_critical(zoo_network: Resolver) -> None:
    subject = cases.ALL["c5"].subject("nothere.zoo.test")
    found = suite.judge(suite.CHECKS["zone"], subject, zoo_network)
    assert [(f.code, f.critical) for f in found] == [("zone.absent", True)]
