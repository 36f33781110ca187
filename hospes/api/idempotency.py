"""`Idempotency-Key`: a program may ask again after a lost answer, and it is done once.

What is done, and the row that says so, stand in one transaction: after a crash both are there or neither. An
advisory lock tells a request that is still being answered from one that never was. Only successes are kept: what was
refused changed nothing, so it may be tried again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable

from django.db import connection, transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hospes.api.actions.keeping import keep_answer
from hospes.api.bearer import ApiRequest
from hospes.api.models import IdempotencyKey, Token
from hospes.api.problems import Problem
from hospes.api.reading import FORM

HEADER = "Idempotency-Key"
KEY = re.compile(r"[\x21-\x7e]{1,255}")
REPLAYED = "Idempotency-Replayed"


def once(request: ApiRequest, do: Callable[[], HttpResponse]) -> HttpResponse:
    """Do it and keep the answer under the key, or return the answer that is kept.

    Raises Problem: 422 for a key that is none, 409 while another request with it is being answered or when it was
    used for something else.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return do()
    if not KEY.fullmatch(key):
        raise Problem(
            422, _("A key is 1 to 255 signs of ASCII without spaces."), code="no_such_key"
        )
    asked = _sha256_of(request)
    with transaction.atomic():
        _lock(request.auth, key)
        kept = _kept(request.auth, key)
        if kept is not None:
            return _again(kept, asked)
        answer = do()
        if answer.status_code < 300:
            keep_answer(
                request.auth, key=key, request_sha256=asked, answer=answer, at=timezone.now()
            )
        return answer


def _lock(token: Token, key: str) -> None:
    digest = hashlib.sha256(f"{token.pk} {key}".encode()).digest()
    number = int.from_bytes(digest[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        (is_ours,) = cursor.fetchone()
    if not is_ours:
        raise Problem(
            409,
            _("A request with this key is being answered."),
            code="in_flight",
            headers={"Retry-After": "1"},
        )


def _kept(token: Token, key: str) -> IdempotencyKey | None:
    return IdempotencyKey.objects.filter(token=token, key=key).first()


def _again(kept: IdempotencyKey, asked: str) -> HttpResponse:
    if kept.request_sha256 != asked:
        raise Problem(409, _("This key was used for another request."), code="key_used_otherwise")
    answer = HttpResponse(
        bytes(kept.body or b""), status=kept.status or 200, content_type=kept.content_type
    )
    answer[REPLAYED] = "true"
    return answer


def _sha256_of(request: ApiRequest) -> str:
    """Tell one request from another: the same JSON however it is spaced, the same form whatever divides it."""
    told = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type == FORM:
        for name in sorted(request.POST):
            told.update(json.dumps([name, request.POST.getlist(name)]).encode())
        for file in request.FILES.getlist("files"):
            content = hashlib.sha256(file.read()).hexdigest()
            file.seek(0)
            told.update(json.dumps([file.name, file.content_type, content]).encode())
    else:
        told.update(_canonical(request.body))
    return told.hexdigest()


def _canonical(body: bytes) -> bytes:
    try:
        return json.dumps(json.loads(body or b"null"), sort_keys=True).encode()
    except (ValueError, RecursionError):
        return body
