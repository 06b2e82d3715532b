"""The public RFC 7208 test suite (openspf, 2014.04), complete."""

import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.TXT
import pytest
import yaml

from mailadmin.dns.network import Answer, State
from mailadmin.dns.spf.evaluate import Evaluation
from tests.mailadmin.dns.partners import Paper

SUITE = Path(__file__).parent / "data" / "rfc7208-tests.yml"


class SuiteNetwork(Paper):
    """The zone data of one scenario. TXT strings may hold any byte, so they are built, not parsed."""

    def __init__(self, zones: dict[str, list[Any]]) -> None:
        super().__init__({})
        self.timeouts: set[str] = set()
        self.texts_of: dict[str, list[list[bytes]]] = {}
        for name, entries in zones.items():
            key = name.lower().rstrip(".")
            self.names.add(key)
            spf_only = not any(isinstance(entry, dict) and "TXT" in entry for entry in entries)
            for entry in entries:
                if entry == "TIMEOUT":
                    self.timeouts.add(key)
                elif isinstance(entry, dict):
                    ((kind, value),) = entry.items()
                    self._add(key, kind, value, spf_only)

    def _add(self, name: str, kind: str, value: Any, spf_only: bool) -> None:
        if kind == "TXT" or (kind == "SPF" and spf_only):
            if value == "NONE":
                return
            if value == "TIMEOUT":
                self.records[name, "TXT"] = "timeout"
                return
            strings = (value or [""]) if isinstance(value, list) else [value]
            self.texts_of.setdefault(name, []).append([text.encode("latin-1") for text in strings])
        elif kind == "MX":
            self.records.setdefault((name, "MX"), []).append(f"{value[0]} {value[1] or '.'}")  # type: ignore[union-attr]
        elif kind != "SPF":
            self.records.setdefault((name, kind), []).append(str(value))  # type: ignore[union-attr]

    def _answer(self, name: str, kind: str, here: str, chain: tuple[str, ...]) -> Answer:
        if here in self.timeouts and (here, kind) not in self.records and here not in self.texts_of:
            return Answer(name, kind, State.FAILED, reason="timeout")
        if kind == "TXT" and here in self.texts_of and (here, kind) not in self.records:
            rdatas = tuple(
                dns.rdtypes.ANY.TXT.TXT(dns.rdataclass.IN, dns.rdatatype.TXT, strings)
                for strings in self.texts_of[here]
            )
            return Answer(name, kind, State.FOUND, rdatas)
        return super()._answer(name, kind, here, chain)


def cases() -> Iterator[Any]:
    for scenario in yaml.safe_load_all(SUITE.read_text()):
        for name, test in scenario["tests"].items():
            yield pytest.param(scenario["zonedata"], test, id=f"{scenario['description']}: {name}")


@pytest.mark.parametrize(("zones", "test"), list(cases()))
def test_rfc7208_suite(zones: dict[str, list[Any]], test: dict[str, Any]) -> None:
    ip = ipaddress.ip_address(test["host"])
    run = Evaluation(SuiteNetwork(zones), ip, test["mailfrom"] or "", test["helo"], "receiver.example")
    verdict = run.run()
    wanted = test["result"] if isinstance(test["result"], list) else [test["result"]]
    assert verdict.result in wanted, verdict
    if "explanation" in test:
        assert (verdict.explanation or "DEFAULT") == test["explanation"]
