from __future__ import annotations

from django.template import Context, Engine
from django.utils import translation

from hospes.workspace.templatetags.kept import MOST


def made(text: str) -> object:
    libraries = {"kept": "hospes.workspace.templatetags.kept", "i18n": "django.templatetags.i18n"}
    return Engine(libraries=libraries, builtins=[]).from_string("{% load i18n kept %}" + text)


def rendered(template: object, **values: object) -> str:
    return template.render(Context(values))  # type: ignore[attr-defined]


def test_what_is_kept_is_rendered_once_for_each_value_it_depends_on() -> None:
    template = made("{% kept role %}{{ role }} {{ count }}{% endkept %}")

    assert rendered(template, role="lead", count=1) == "lead 1"
    assert rendered(template, role="lead", count=2) == "lead 1"
    assert rendered(template, role="agent", count=3) == "agent 3"


def test_what_is_kept_is_kept_apart_for_each_language() -> None:
    template = made("{% kept %}{% translate 'Send' %}{% endkept %}")

    with translation.override("de"):
        german = rendered(template)
    with translation.override("en"):
        assert rendered(template) == "Send" != german


def test_what_differs_every_time_is_put_in_anew_and_escaped() -> None:
    template = made(
        '{% kept with name=person.name %}<b title="{{ name }}">{{ name }}</b>{% endkept %}'
    )

    assert rendered(template, person={"name": "Mina"}) == '<b title="Mina">Mina</b>'
    hostile = rendered(template, person={"name": '"><script>\x00name\x00'})
    assert hostile.count("&quot;&gt;&lt;script&gt;\x00name\x00") == 2
    assert "<script" not in hostile


def test_memory_holds_only_so_much_of_one_part() -> None:
    template = made("{% kept number %}{{ number }}{% endkept %}")

    for number in range(MOST * 2 + 5):
        assert rendered(template, number=number) == str(number)
    node = template.nodelist[-1]  # type: ignore[attr-defined]
    assert len(node.kept) <= MOST
