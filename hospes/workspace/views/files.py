"""What came in with a message: attachments, its own design, its raw bytes. None of it can act here."""

from __future__ import annotations

import html
import re
from urllib.parse import quote

from django.conf import settings
from django.core import signing
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from hospes.conversations.models import Attachment, Message
from hospes.files import store
from hospes.intake.models import Raw
from hospes.language.writing import direction
from hospes.lib.middleware import is_files_host
from hospes.workspace import access
from hospes.workspace.access import AgentRequest, agent_required
from hospes.workspace.showing import SHOWN_INLINE

ELSEWHERE = "attachment"  # salt of the tokens below
ELSEWHERE_SECONDS = 60
NOTHING_RUNS = "default-src 'none'; sandbox"
# No script can run and nothing is loaded from elsewhere; allow-same-origin only lets our page see the
# keys that are pressed in the frame, and how high it is.
IN_FRAME = (
    "default-src 'none'; img-src 'self' data:{files}; style-src 'unsafe-inline'; frame-ancestors 'self';"
    " sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)
CID = re.compile(r"""(src\s*=\s*["'])cid:([^"']{1,255})(["'])""", re.IGNORECASE)


@require_safe
@agent_required
def attachment(request: AgentRequest, attachment_id: int, name: str) -> HttpResponseBase:
    """The file itself, to be saved; pictures may be shown with `?inline`.

    Where files have a host of their own, the way there: a link good for a minute.
    """
    found = access.attachment(request, attachment_id)
    is_inline = "inline" in request.GET and found.content_type in SHOWN_INLINE
    if settings.FILES_URL:
        token = signing.dumps([found.pk, is_inline], salt=ELSEWHERE)
        response = redirect(
            settings.FILES_URL + reverse("file_elsewhere", args=[token, found.name or "file"])
        )
        response["Cache-Control"] = "private, no-store"
        return response
    return _file_response(found, is_inline=is_inline)


@require_safe
def elsewhere(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """A file on the host of files, which knows nobody: the link itself is the permission."""
    if not is_files_host(request):
        raise Http404
    try:
        attachment_id, is_inline = signing.loads(token, salt=ELSEWHERE, max_age=ELSEWHERE_SECONDS)
        found = Attachment.objects.get(pk=attachment_id)
    except (signing.BadSignature, Attachment.DoesNotExist) as error:
        raise Http404 from error
    response = _file_response(found, is_inline=is_inline)
    response["Cross-Origin-Resource-Policy"] = "same-site" if is_inline else "same-origin"
    return response


def _file_response(found: Attachment, *, is_inline: bool) -> FileResponse:
    try:
        content = store.open_stored(found.sha256)
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(
        content,
        content_type=found.content_type if is_inline else "application/octet-stream",
        as_attachment=not is_inline,
        filename=found.name or "file",
    )
    response["Content-Security-Policy"] = NOTHING_RUNS
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=3600, immutable"
    return response


@require_safe
@agent_required
@xframe_options_sameorigin
def frame(request: AgentRequest, message_id: int) -> HttpResponse:
    """The message as its sender designed it, made safe when it came in; for a sandboxed frame."""
    found = access.message(request, message_id)
    if not found.html:
        raise Http404
    language = html.escape(found.language, quote=True)
    body = (
        f'<!doctype html><html lang="{language}" dir="{direction(found.language)}"><head><meta charset="utf-8">'
        '<base target="_blank"><title></title><style>body{font:14px/1.5 system-ui,sans-serif;margin:8px;'
        "overflow-wrap:anywhere}img{max-width:100%;height:auto}</style></head><body>"
        f"{_with_pictures(found)}</body></html>"
    )
    response = HttpResponse(body)
    response["Content-Security-Policy"] = IN_FRAME.format(files=f" {settings.FILES_URL}".rstrip())
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, max-age=3600"
    return response


def _with_pictures(found: Message) -> str:
    """Let pictures that came with the mail be shown; remote ones stay where they are."""
    known = {
        one.content_id: reverse("attachment", args=[one.pk, one.name or "file"]) + "?inline"
        for one in found.attachments.exclude(content_id="")
    }

    def local(match: re.Match[str]) -> str:
        return (
            f"{match[1]}{html.escape(known.get(html.unescape(match[2]), ''), quote=True)}{match[3]}"
        )

    return CID.sub(local, found.html)


@require_safe
@agent_required
def raw(request: AgentRequest, message_id: int) -> HttpResponse:
    """The mail as it came in, byte for byte."""
    found = access.message(request, message_id)
    one = Raw.objects.filter(pk=found.raw_id).first() if found.raw_id else None
    if one is None:
        raise Http404
    return raw_response(bytes(one.body), f"{found.conversation.reference}-{found.pk}.eml")


def raw_response(body: bytes, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["Content-Security-Policy"] = NOTHING_RUNS
    response["X-Content-Type-Options"] = "nosniff"
    return response
