"""Reading what a program sends: JSON in bounded time, or a form with files; anything else is a problem."""

from __future__ import annotations

import json
from typing import Any, NoReturn, TypeVar

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _
from ninja.parser import Parser
from pydantic import BaseModel, ValidationError

from hospes.api.problems import Problem
from hospes.api.refusing import invalid
from hospes.channels.contract import OutboundFile

MAX_JSON_BYTES = 8 * 2**20  # larger files go as multipart/form-data
MAX_DEPTH = 32
MAX_NAMES = 100  # in one object
FORM = "multipart/form-data"
JSON = "application/json"
LISTS_IN_FORMS = ("to", "cc")

Said = TypeVar("Said", bound=BaseModel)


class StrictParser(Parser):
    """JSON as RFC 8259 has it and no further: no NaN, no name twice, no endless nesting."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        return read_json(request)


def read_json(request: HttpRequest) -> dict[str, Any]:
    """Return the object in the body. Raises Problem for everything that is none."""
    if request.content_type != JSON:
        raise Problem(415, _("Send JSON, with Content-Type: application/json."))
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_JSON_BYTES:
        raise Problem(413, _("Send large files as multipart/form-data."))
    try:
        found = json.loads(
            request.body.decode("utf-8"), parse_constant=_no_json, object_pairs_hook=_unique
        )
    except (ValueError, RecursionError) as error:
        raise Problem(400, _("The body is no JSON that can be read."), code="no_json") from error
    if not isinstance(found, dict):
        raise Problem(400, _("The body has to be a JSON object."), code="no_json")
    if not _is_shallow(found):
        raise Problem(400, _("The body is nested too deeply."), code="no_json")
    return found


def read_said(request: HttpRequest, kind: type[Said]) -> tuple[Said, list[OutboundFile]]:
    """Return what is to be said with the files beside it, from JSON or from a form.

    Raises Problem, for a form as for JSON.
    """
    if request.content_type == FORM:
        given, files = _from_form(request.POST), _files(request)
    else:
        given, files = read_json(request), []
    try:
        return kind.model_validate(given), files
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise invalid([{**one, "loc": ("body", "body", *one["loc"])} for one in found]) from error


def _from_form(form: QueryDict) -> dict[str, Any]:
    """A form has only texts: names that stand for lists are gathered, the last of others counts."""
    return {
        name: [{"address": one} for one in form.getlist(name)]
        if name in LISTS_IN_FORMS
        else form[name]
        for name in form
    }


def _files(request: HttpRequest) -> list[OutboundFile]:
    others = set(request.FILES) - {"files"}
    if others:
        raise invalid(
            [{"loc": ("body", "body", name), "type": "extra_forbidden"} for name in others]
        )
    return [
        OutboundFile(
            name=(file.name or "file")[:255],
            content_type=file.content_type or "application/octet-stream",
            content=file.read(),
        )
        for file in request.FILES.getlist("files")
    ]


def _no_json(word: str) -> NoReturn:
    raise ValueError(word)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    if len(found) > MAX_NAMES:
        raise ValueError("no object we read has so many")
    return found


def _is_shallow(found: Any) -> bool:
    """Whether no path in it is longer than anything we read; without recursion."""
    level = [found]
    for _depth in range(MAX_DEPTH):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return True
    return False
