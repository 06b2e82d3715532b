"""Folded templates say what they would say unfolded, in every language."""

from pathlib import Path

import pytest
from django.template import Context, Engine, Template
from django.template.base import TextNode
from django.utils.translation import override

from postie_web.lib import folded_templates

SOURCE = (
    '<a title="{% translate "Archive" %}">{% icon "archive" label=_("Archive") %}</a>{# no word #}'
    '{% if shown %}{% translate "Delete" %}{% icon name %}{% elif other %}{% translate "Junk" %}{% endif %}'
    '{% for word in words %}{% translate "Star" %} {{ word }}{% empty %}{% translate "Search" %}{% endfor %}'
    '{% block inner %}{% with x=1 %}{% translate "Flag" context "letter" %}{{ x }}{% endwith %}{% endblock %}'
    '{% translate "Move" as act %}{{ act }}{% translate name %}{% static "icons/favicon.svg" %}'
)


def engine() -> Engine:
    return Engine(builtins=Engine.get_default().builtins)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    "values",
    [
        {"shown": True, "name": "star", "words": ["<b>", "c"]},
        {"other": True, "name": "mail"},
        {"name": "Archive"},
    ],
)
def test_a_folded_template_says_the_same(language: str, values: dict[str, object]) -> None:
    with override(language):
        plain, folded = Template(SOURCE, engine=engine()), Template(SOURCE, engine=engine())
        folded_templates.fold(folded.nodelist)
        assert folded.render(Context(values)) == plain.render(Context(values))
        assert isinstance(folded.nodelist[0], TextNode)
        assert len(folded.nodelist) < len(plain.nodelist)


def test_a_template_is_folded_for_each_language(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        '{% translate "Archive" %} {% if more %}{% translate "Delete" %}{% endif %}'
    )
    loaders = [
        (
            "postie_web.lib.folded_templates.Loader",
            [("django.template.loaders.filesystem.Loader", [tmp_path])],
        )
    ]
    both = Engine(builtins=["django.templatetags.i18n"], loaders=loaders)
    said = {}
    for language in ("en", "es", "en"):
        with override(language):
            said[language] = both.get_template("page.html").render(Context({"more": True}))
    assert said == {"en": "Archive Delete", "es": "Archivar Eliminar"}
