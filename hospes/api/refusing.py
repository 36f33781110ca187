"""What went wrong, as a problem: one line for each kind of exception a view may end with."""

from __future__ import annotations

import re
from typing import Any

import structlog
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from hospes.api.problems import Problem, not_found
from hospes.api.schemas.messages import unseen
from hospes.lib.refusal import Overtaken, Refused

log = structlog.get_logger(__name__)

# A refusal is a 409 unless what was given could never be taken, or never by this agent.
STATUS_OF = {
    "empty": 422, "too_long": 422, "not_an_address": 422, "too_many": 422, "no_recipient": 422, "in_the_past": 422, "no_name": 422,
    "no_such_language": 422, "no_such_zone": 422, "no_such_market": 422, "no_such_choice": 422, "no_time": 422, "not_a_number": 422, "no_such_place": 422,
    "no_such_channel": 422, "no_subject": 422, "too_large": 413, "not_yours": 403,
    "operators_only": 403,
    "no_such_contract": 422, "no_hours": 422, "unknown_place": 422, "no_day": 422, "no_clock": 422, "no_span": 422,
    "overlap": 422, "skipped_day": 422, "unknown_name": 422, "unknown_zone": 422, "wrong_shape": 422,
}  # fmt: skip

# The field that such a refusal speaks of; an address stands elsewhere in each body.
FIELD_OF = {
    "empty": "text", "too_long": "text", "in_the_past": "until", "no_name": "display_name",
    "no_such_language": "language", "no_such_zone": "zone", "no_such_market": "market",
    "no_such_place": "postal_address", "not_a_number": "address",
    "no_such_channel": "channel_id", "no_subject": "subject", "no_such_contract": "contract_id",
    "unknown_zone": "zone", "unknown_place": "country",
}  # fmt: skip
ADDRESS_OF = {"identities": "address", "customers": "addresses"}

MESSAGES = {
    "missing": gettext_lazy("This field is needed."),
    "extra_forbidden": gettext_lazy("There is no such field."),
    "string_type": gettext_lazy("Give a text."),
    "int_type": gettext_lazy("Give a whole number."),
    "int_parsing": gettext_lazy("Give a whole number."),
    "bool_type": gettext_lazy("Give true or false."),
    "bool_parsing": gettext_lazy("Give true or false."),
    "list_type": gettext_lazy("Give a list."),
    "model_type": gettext_lazy("Give an object."),
    "model_attributes_type": gettext_lazy("Give an object."),
    "moment": gettext_lazy(
        "Give a moment with its offset, as RFC 3339 writes it, such as 2026-11-24T09:00:00Z."
    ),
    "unwritable": gettext_lazy("This text holds a sign that cannot be kept."),
    "base64": gettext_lazy("Give the content in base64."),
}


def tell_all(api: NinjaAPI) -> None:
    """Let every exception of a view become a problem."""
    for kind, answer in ANSWERS.items():
        api.add_exception_handler(kind, answer)


def _problem(_request: HttpRequest, error: Any) -> HttpResponse:
    answer: HttpResponse = error.answer()
    return answer


def _missing(_request: HttpRequest, _error: Any) -> HttpResponse:
    return not_found().answer()


def _refused(request: HttpRequest, refused: Any) -> HttpResponse:
    status = STATUS_OF.get(refused.code, 409)
    field = FIELD_OF.get(refused.code)
    if refused.code == "no_name" and "/customers" not in request.path:
        field = "name"
    if refused.code == "not_an_address":
        field = ADDRESS_OF.get(request.path.rpartition("/")[2], "cc")
    if status != 422 or field is None:
        return Problem(status, str(refused), code=refused.code).answer()
    error = {"field": f"body/{field}", "code": refused.code, "message": str(refused)}
    return Problem(status, str(refused), code=refused.code, errors=[error]).answer()


def _overtaken(_request: HttpRequest, refused: Any) -> HttpResponse:
    newer = unseen(refused.message_ids)
    return Problem(409, str(refused), code=refused.code, messages=newer).answer()


def _no_token(_request: HttpRequest, _error: Any) -> HttpResponse:
    return Problem(401, headers={"WWW-Authenticate": 'Bearer realm="Hospes"'}).answer()


def _http(_request: HttpRequest, error: Any) -> HttpResponse:
    if isinstance(error.__cause__, Problem):  # raised while the body was read
        return error.__cause__.answer()
    return Problem(error.status_code).answer()


def _invalid(_request: HttpRequest, error: Any) -> HttpResponse:
    return invalid(error.errors).answer()


def invalid(found: list[dict[str, Any]]) -> Problem:
    """Return the problem that names every field that cannot be used, as pydantic found them."""
    errors = [_one(one) for one in found[:100]]
    detail = ngettext(
        "%(count)d field cannot be used.", "%(count)d fields cannot be used.", len(found)
    ) % {"count": len(found)}
    return Problem(422, detail, errors=errors)


def _one(found: dict[str, Any]) -> dict[str, str]:
    kind = found["type"]
    context = found.get("ctx") or {}
    return {
        "field": _field(found["loc"]),
        "code": kind,
        "message": str(MESSAGES[kind]) if kind in MESSAGES else _in_words(kind, context),
    }


def _field(place: tuple[Any, ...]) -> str:
    """Name the place: `body/cc/0/address`, `query/limit`; a name is cut, it may be anything.

    A place in a body begins with `body` twice: where it is, and the argument of the view.
    """
    source, *rest = place
    names = [str(part)[:80] for part in rest]
    if source == "body":
        names = names[1:]
    return "/".join([str(source), *names])


def _in_words(kind: str, context: dict[str, Any]) -> str:
    if kind == "string_too_long":
        return _("Keep it under %(limit)d characters.") % {"limit": context["max_length"] + 1}
    if kind == "too_long":
        return _("Give at most %(limit)d of them.") % {"limit": context["max_length"]}
    if kind == "string_too_short":
        least = context["min_length"]
        if least > 1:
            return _("Give at least %(limit)d characters.") % {"limit": least}
        return _("This may not be empty.")
    if kind in {"less_than_equal", "greater_than_equal"}:
        limit = context.get("le", context.get("ge"))
        if kind == "less_than_equal":
            return _("Give at most %(limit)s.") % {"limit": limit}
        return _("Give at least %(limit)s.") % {"limit": limit}
    if kind in {"literal_error", "enum"}:
        choices = ", ".join(re.findall(r"'([^']*)'", context["expected"]))
        return _("Give one of %(choices)s.") % {"choices": choices}
    return _("This cannot be used here.")


def _too_large(_request: HttpRequest, _error: Any) -> HttpResponse:
    return Problem(413).answer()


def _unreadable(_request: HttpRequest, _error: Any) -> HttpResponse:
    return Problem(400).answer()


def _away(_request: HttpRequest, error: Any) -> HttpResponse:
    log.warning("api: the database does not answer", error=type(error).__name__)
    return Problem(503, headers={"Retry-After": "2"}).answer()


def _unexpected(request: HttpRequest, error: Any) -> HttpResponse:
    """Say nothing of what happened: the text of an exception is for the log alone."""
    log.error("api: unexpected", method=request.method, exc_info=error)
    return Problem(500).answer()


ANSWERS: dict[type[Exception], Any] = {
    Problem: _problem,
    Http404: _missing,
    Overtaken: _overtaken,
    Refused: _refused,
    AuthenticationError: _no_token,
    HttpError: _http,
    ValidationError: _invalid,
    RequestDataTooBig: _too_large,
    SuspiciousOperation: _unreadable,
    BadRequest: _unreadable,
    MultiPartParserError: _unreadable,
    OperationalError: _away,
    InterfaceError: _away,
    Exception: _unexpected,
}
