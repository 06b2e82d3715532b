"""The whole tree of a record, whoever asks: every include and redirect is read. RFC 7208, 4.6.4."""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, field

from mailadmin.dns.network import Network

from .evaluate import MOST_NAMES, is_askable
from .record import COSTLY, Record, SyntaxFault, is_spf, parse

DEEPEST = 12  # one more than a legal tree can be
MOST_NODES = 60


@dataclass(slots=True)
class Node:
    """One record in the tree. `trouble` is empty, missing, several, syntax or loop."""

    domain: str
    record: Record | None = None
    trouble: str = ""
    detail: str = ""
    children: list["Node"] = field(default_factory=list)
    voids: list[str] = field(default_factory=list)
    crowded: list[str] = field(default_factory=list)  # `mx` of names with more than ten MX

    def walk(self) -> Iterator["Node"]:
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def own_cost(self) -> int:
        if self.record is None:
            return 0
        terms = sum(term.name in COSTLY for term in self.record.terms)
        return terms + bool(self.record.redirect and self.record.all_term is None)

    @property
    def cost(self) -> int:
        return self.own_cost + sum(child.cost for child in self.children)

    @property
    def width(self) -> int:
        """IPv4 addresses this record allows by itself."""
        if self.record is None:
            return 0
        networks = (
            ipaddress.ip_network(term.value)
            for term in self.record.terms
            if term.name == "ip4" and term.qualifier == "pass"
        )
        return sum(network.num_addresses for network in networks)

    def lines(self, depth: int = 0) -> list[str]:
        """The tree as text: what each branch costs."""
        own = [f"{'  ' * depth}{self.domain} ({self.cost})"]
        return own + [line for child in self.children for line in child.lines(depth + 1)]


@dataclass(slots=True)
class Survey:
    network: Network
    nodes: int = 0

    def read(self, domain: str, above: tuple[str, ...] = ()) -> Node:
        self.nodes += 1
        node = Node(domain)
        if domain in above:
            node.trouble = "loop"
            return node
        found = [text for text in self.network.texts(domain) if is_spf(text)]
        if len(found) != 1:
            node.trouble = "several" if found else "missing"
            return node
        try:
            node.record = parse(found[0])
        except SyntaxFault as fault:
            node.trouble, node.detail = "syntax", fault.term
            return node
        self._terms(node, node.record, above)
        return node

    def _terms(self, node: Node, record: Record, above: tuple[str, ...]) -> None:
        for term in record.terms:
            if "%" in term.value:
                continue  # a macro stands for something else with every mail
            name = term.value or node.domain
            if term.name == "include":
                self._child(node, name, above)
            elif term.name in ("a", "mx", "exists") and is_askable(name):
                self._void(node, "MX" if term.name == "mx" else "A", name)
        if record.redirect and record.all_term is None and "%" not in record.redirect:
            self._child(node, record.redirect, above)

    def _child(self, node: Node, name: str, above: tuple[str, ...]) -> None:
        name = name.rstrip(".").lower()
        if len(above) < DEEPEST and self.nodes < MOST_NODES and is_askable(name):
            node.children.append(self.read(name, (*above, node.domain)))

    def _void(self, node: Node, kind: str, name: str) -> None:
        found = self.network.lookup(name, kind).rdatas
        if kind == "MX" and len(found) > MOST_NAMES:
            node.crowded.append(name)
        if not found and not (kind == "A" and self.network.lookup(name, "AAAA").rdatas):
            node.voids.append(f"{name} {kind}")
