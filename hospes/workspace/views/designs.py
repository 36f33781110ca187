"""A message as its sender designed it, in a frame in which nothing acts, and its pictures from elsewhere.

Those are loaded when somebody asks for them, by us: the reader's browser asks nobody but this desk.
"""

from __future__ import annotations

import html

import structlog
from django.conf import settings
from django.core import signing
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from hospes.conversations.models import Message
from hospes.files import remote_pictures
from hospes.files.checks import may_open, states_of
from hospes.files.models import FileCheck
from hospes.files.raster import Picture
from hospes.language.writing import direction
from hospes.lib.places import Places
from hospes.workspace import access, designs
from hospes.workspace.access import AgentRequest, agent_required
from hospes.workspace.views.files import NOTHING_RUNS

# No script can run and nothing is loaded from elsewhere; allow-same-origin only lets our page see the
# keys that are pressed in the frame, and how high it is.
IN_FRAME = (
    "default-src 'none'; img-src 'self' data:{files}; style-src 'unsafe-inline'; frame-ancestors 'self';"
    " sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)
SHOWN = "picture"  # salt of the tokens below
SHOWN_SECONDS = 600
# Servers of strangers answer when they like: most threads stay with the pages.
AT_ONCE = Places(3)

log = structlog.get_logger(__name__)


@require_safe
@agent_required
@xframe_options_sameorigin
def frame(request: AgentRequest, message_id: int) -> HttpResponse:
    """The message as its sender designed it, made safe when it came in; for a sandboxed frame."""
    found = access.message(request, message_id)
    if not found.html:
        raise Http404
    language = html.escape(found.language, quote=True)
    own, is_final = _own_pictures(found)
    design = designs.made_ready(found.html, files=own)
    body = (
        f'<!doctype html><html lang="{language}" dir="{direction(found.language)}"><head><meta charset="utf-8">'
        f'<base target="_blank"><title></title><style>{designs.STYLE}</style></head><body>{design.html}</body></html>'
    )
    response = HttpResponse(body)
    response["Content-Security-Policy"] = IN_FRAME.format(files=f" {settings.FILES_URL}".rstrip())
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, max-age=3600" if is_final else "no-store"
    return response


def _own_pictures(found: Message) -> tuple[dict[str, str], bool]:
    """Return where each picture that came with the mail is shown, by its Content-ID, and whether that is all.

    What the virus scanner has not looked into yet is not shown yet.
    """
    rows = list(found.attachments.exclude(content_id=""))
    known = states_of([one.sha256 for one in rows])
    shown: dict[str, str] = {}
    is_all = True
    for one in rows:
        state = known.get(one.sha256, "")
        if may_open(state, is_incoming=found.is_incoming):
            address = reverse("attachment", args=[one.pk, one.name or "file"])
            shown[one.content_id.lower()] = f"{address}?inline"
        else:
            is_all &= state == FileCheck.State.FOUND
    return shown, is_all


@require_POST
@agent_required
def pictures(request: AgentRequest, message_id: int) -> HttpResponse:
    """Where the message's pictures from elsewhere are shown now, in the order of their numbers in the frame.

    Only who asks on our page gets these addresses, and they are good for ten minutes.
    """
    found = access.message(request, message_id)
    # Each carries its address: to read it in the mail again would take longer than all else.
    tokens = [
        signing.dumps([found.pk, address], salt=SHOWN, compress=True)
        for address in designs.pictures_named(found.html)
    ]
    response = JsonResponse(
        {"pictures": [reverse("picture", args=[found.pk, one]) for one in tokens]}
    )
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@agent_required
def picture(request: AgentRequest, message_id: int, token: str) -> HttpResponse:
    """One of them, fetched by us: bytes that are a picture, and nothing else of the answer."""
    found = access.message(request, message_id)
    url = _address(found, token)
    now = timezone.now()
    shown = remote_pictures.kept(url, at=now)
    if shown is not None:
        return _shown(shown)
    with AT_ONCE.taken() as is_ours:
        if not is_ours:
            return HttpResponse(status=503, headers={"Retry-After": "2"})
        try:
            return _shown(remote_pictures.fetch(url, at=now))
        except remote_pictures.NotToBeHad as error:
            log.info(
                "pictures: not to be had", message=found.pk, reason=type(error.__cause__).__name__
            )
            raise Http404 from error


def _address(found: Message, token: str) -> str:
    try:
        message_id, address = signing.loads(token, salt=SHOWN, max_age=SHOWN_SECONDS)
        if message_id == found.pk:
            return str(address)
    except signing.BadSignature as error:
        raise Http404 from error
    raise Http404


def _shown(picture: Picture) -> HttpResponse:
    response = HttpResponse(picture.content, content_type=picture.content_type)
    response["Content-Security-Policy"] = NOTHING_RUNS
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = f"private, max-age={SHOWN_SECONDS}"
    return response
