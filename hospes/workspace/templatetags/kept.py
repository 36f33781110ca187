"""Parts of a page that are the same again and again, rendered once.

    {% kept user.role with address=address %}…{{ address }}…{% endkept %}

What stands between is rendered once for each language and each combination of the values named first, then kept in
memory. It may depend on nothing else: nothing of a customer's, no moment, no token. What follows `with` differs every
time; it is put in where its name is printed, escaped as a template escapes, and may be printed only, not asked about.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token, token_kwargs
from django.template.context import Context
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

MOST = 256  # of one part: roles and languages make some twenty
GAP = re.compile("\x00([a-z_]+)\x00")  # no template of ours holds a NUL

Pieces = Sequence[str]  # in turn a piece of HTML and the name of what stands in the gap after it


class KeptNode(template.Node):
    def __init__(
        self,
        nodelist: NodeList,
        depends_on: Sequence[FilterExpression],
        gaps: Mapping[str, FilterExpression],
    ) -> None:
        self.nodelist, self.depends_on, self.gaps = nodelist, depends_on, gaps
        self.kept: dict[tuple[Any, ...], Pieces] = {}

    def render(self, context: Context) -> SafeString:
        key = (get_language(), *[one.resolve(context) for one in self.depends_on])
        pieces = self.kept.get(key)
        if pieces is None:
            if len(self.kept) >= MOST:
                self.kept.clear()
            pieces = self.kept[key] = self._pieces(context)
        if len(pieces) == 1:
            return SafeString(pieces[0])
        given = {name: conditional_escape(one.resolve(context)) for name, one in self.gaps.items()}
        return SafeString("".join([given[one] if at % 2 else one for at, one in enumerate(pieces)]))

    def _pieces(self, context: Context) -> Pieces:
        with context.push(**{name: SafeString(f"\x00{name}\x00") for name in self.gaps}):
            return GAP.split(self.nodelist.render(context))


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    words = token.split_contents()[1:]
    at = words.index("with") if "with" in words else len(words)
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    depends_on = [parser.compile_filter(word) for word in words[:at]]
    return KeptNode(nodelist, depends_on, token_kwargs(words[at + 1 :], parser))
