"""What came in with a message: attachments and its raw bytes. None of it can act here."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import quote

from django.conf import settings
from django.core import signing
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hospes.conversations.actions.checking import check_file
from hospes.conversations.models import Attachment, Message
from hospes.files import store
from hospes.files.checks import may_open, states_of
from hospes.files.models import FileCheck
from hospes.intake.models import Raw
from hospes.lib.clamd import NotReached
from hospes.lib.middleware import is_files_host
from hospes.lib.places import Places
from hospes.lib.refusal import Refused
from hospes.workspace import access
from hospes.workspace.access import AgentRequest, agent_required
from hospes.workspace.showing import SHOWN_INLINE

ELSEWHERE = "attachment"  # salt of the tokens below
ELSEWHERE_SECONDS = 60
PATIENCE_SECONDS = 8.0  # with the virus scanner, while somebody waits
AT_ONCE = Places(2)  # who wait for it: the other threads are for pages
NOTHING_RUNS = "default-src 'none'; sandbox"


@require_safe
@agent_required
def attachment(request: AgentRequest, attachment_id: int, name: str) -> HttpResponseBase:
    """The file itself, to be saved; pictures may be shown with `?inline`.

    Where files have a host of their own, the way there: a link good for a minute. What the virus scanner has not
    looked into is looked into now; when it cannot be, the reader decides (`?unchecked`).
    """
    found = access.attachment(request, attachment_id)
    is_inline = "inline" in request.GET and found.content_type in SHOWN_INLINE
    state = _state_of(found, is_inline=is_inline)
    is_unchecked = "unchecked" in request.GET and state != FileCheck.State.FOUND
    if not (is_unchecked or may_open(state, is_incoming=found.message.is_incoming)):
        return _not_opened(request, found, state, is_inline=is_inline)
    if settings.FILES_URL:
        token = signing.dumps([found.pk, is_inline], salt=ELSEWHERE)
        response = redirect(
            settings.FILES_URL + reverse("file_elsewhere", args=[token, found.name or "file"])
        )
        response["Cache-Control"] = "private, no-store"
        return response
    return _file_response(found, is_inline=is_inline)


def _state_of(found: Attachment, *, is_inline: bool) -> str:
    """Return what is known of the file, having asked the scanner where that is the question."""
    state = states_of([found.sha256]).get(found.sha256, "")
    is_settled = state == FileCheck.State.FOUND or may_open(
        state, is_incoming=found.message.is_incoming
    )
    if is_inline or is_settled:
        return state
    with suppress(NotReached), AT_ONCE.taken() as is_ours:
        if is_ours:
            checked = check_file(
                found.sha256,
                message_id=found.message_id,
                at=timezone.now(),
                seconds=PATIENCE_SECONDS,
            )
            return checked.state
    return state


def _not_opened(
    request: AgentRequest, found: Attachment, state: str, *, is_inline: bool
) -> HttpResponse:
    if is_inline:  # nobody reads a page where a picture should be
        raise Http404
    values = {"file": found, "is_virus": state == FileCheck.State.FOUND}
    response = render(request, "workspace/not_opened.html", values, status=409)
    response["Cache-Control"] = "no-store"
    return response


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
    if states_of([found.sha256]).get(found.sha256) == FileCheck.State.FOUND:
        raise Http404
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
def raw(request: AgentRequest, message_id: int) -> HttpResponse:
    """The mail as it came in, byte for byte. With a virus in it, for operators alone, who know what they do."""
    found = access.message(request, message_id)
    one = Raw.objects.filter(pk=found.raw_id).first() if found.raw_id else None
    if one is None:
        raise Http404
    if not request.user.is_operator and _holds_virus(found):
        raise Refused(
            _("A virus was found in this mail. Only operators may save it."), code="virus_found"
        )
    return raw_response(bytes(one.body), f"{found.conversation.reference}-{found.pk}.eml")


def _holds_virus(found: Message) -> bool:
    hashes = found.attachments.values("sha256")
    return FileCheck.objects.filter(sha256__in=hashes, state=FileCheck.State.FOUND).exists()


def raw_response(body: bytes, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["Content-Security-Policy"] = NOTHING_RUNS
    response["X-Content-Type-Options"] = "nosniff"
    return response
