"""Templates whose constant parts are drawn once per language: translations, icons, names of static files.

A page of the webmail has some 200 of these; drawn anew they cost more than asking Dovecot for its rows.
"""

import threading
from collections.abc import Iterator
from typing import Any

from django.template import Context, Template
from django.template.base import FilterExpression, Node, NodeList, TextNode, Variable
from django.template.defaulttags import IfNode
from django.template.library import SimpleNode
from django.template.loaders import cached
from django.templatetags.i18n import TranslateNode
from django.templatetags.static import StaticNode
from django.utils.translation import get_language

CONSTANT_TAGS = ("icon",)  # simple tags whose output depends on nothing but their arguments


class Loader(cached.Loader):
    """TEMPLATES loader around others, as Django's cached one."""

    _lock = threading.Lock()

    def cache_key(self, template_name: str, skip: Any = None) -> str:
        return f"{get_language()} {super().cache_key(template_name, skip)}"

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        template: Template = super().get_template(template_name, skip)
        if not hasattr(template, "folded"):
            with self._lock:
                if not hasattr(template, "folded"):
                    fold(template.nodelist)
                    template.folded = True  # type: ignore[attr-defined]
        return template


def fold(nodes: NodeList) -> None:
    """In place, with all that lies within."""
    folded: list[Node] = []
    for node in nodes:
        if is_constant(node):
            node = _text(node, str(node.render(Context())))
        for below in _below(node):
            fold(below)
        if isinstance(node, TextNode) and folded and isinstance(folded[-1], TextNode):
            folded[-1] = _text(folded[-1], folded[-1].s + node.s)
        else:
            folded.append(node)
    nodes[:] = folded


def _text(like: Node, text: str) -> TextNode:
    node = TextNode(text)
    node.token, node.origin = like.token, like.origin
    return node


def _below(node: Node) -> Iterator[NodeList]:
    if isinstance(node, IfNode):  # its `nodelist` is a copy
        yield from (nodes for _condition, nodes in node.conditions_nodelists)
        return
    for name in node.child_nodelists:
        nodes = getattr(node, name, None)
        if isinstance(nodes, NodeList):
            yield nodes


def is_constant(node: Node) -> bool:
    if isinstance(node, TranslateNode):
        given = node.message_context
        literal = _is_literal(node.filter_expression) and (given is None or _is_literal(given))
        return literal and not node.asvar and not node.noop
    if isinstance(node, StaticNode):
        return node.varname is None and _is_literal(node.path)
    if isinstance(node, SimpleNode) and node.func.__name__ in CONSTANT_TAGS and node.target_var is None:
        return all(_is_literal(value) for value in (*node.args, *node.kwargs.values()))
    return False


def _is_literal(expression: FilterExpression) -> bool:
    """Without filters: those may look at the clock or at anything."""
    value = expression.var
    return not expression.filters and (not isinstance(value, Variable) or value.lookups is None)
