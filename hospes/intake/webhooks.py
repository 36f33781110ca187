"""The door that providers come in by: mail they took in for us, and what became of ours.

Mail is stored and committed before anybody hears 200, and goes the way of all mail from there. What a provider
itself found out about the sender counts only where its headers are those of a server that the operator trusts.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import Error as DatabaseFault
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from hospes.channels.models import OutgoingServer
from hospes.channels.routing import current_routes
from hospes.conversations.actions.hearing import Heard, hear
from hospes.intake import room
from hospes.intake.actions.storing import Delivery, store_all
from hospes.lib.crash_points import crash_here

if TYPE_CHECKING:
    from hospes.channels.email.providers import hooks
    from hospes.channels.email.providers import inbound as inbound_mail

MAX_FIELDS = 1000
MAX_STATUS_BYTES = 2 * 2**20
WRAPPING = 1.4  # a mail in base64, or as a field of a form, with what is told beside it
# What makes a provider stop: the mail is for nobody here, however often it comes.
FOR_NOBODY = {"mailgun": 406, "postmark": 403}
CHALLENGE = 'Basic realm="Hospes"'

log = structlog.get_logger(__name__)


class _Answer(Exception):
    """What is said instead of going on."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


@csrf_exempt
@require_http_methods(["HEAD", "POST"])
def inbound(request: HttpRequest, server_id: int) -> HttpResponse:
    """Mail that came in at a provider."""
    return _answered(request, server_id, is_mail=True)


@csrf_exempt
@require_http_methods(["HEAD", "POST"])
def status(request: HttpRequest, server_id: int) -> HttpResponse:
    """What became of letters of ours."""
    return _answered(request, server_id, is_mail=False)


def _answered(request: HttpRequest, server_id: int, *, is_mail: bool) -> HttpResponse:
    if request.method != "POST":  # some look first whether somebody is there
        return HttpResponse(content_type="text/plain")
    try:
        server = OutgoingServer.objects.exclude(kind="smtp").filter(pk=server_id).first()
        words = _taken(request, server, is_mail=is_mail)
    except _Answer as answer:
        log.warning("hook", server=server_id, status=answer.status, why=answer.words)
        response = HttpResponse(
            f"{answer.words}\n", status=answer.status, content_type="text/plain"
        )
        if answer.status == 401:
            response["WWW-Authenticate"] = CHALLENGE  # Amazon tells it only when asked
        return response
    except DatabaseFault as error:
        log.warning("hook: not stored", error=type(error).__name__)
        connection.close_if_unusable_or_obsolete()
        return HttpResponse("Try again later.\n", status=503, content_type="text/plain")
    return HttpResponse(f"{words}\n", content_type="text/plain")


def _taken(request: HttpRequest, server: OutgoingServer | None, *, is_mail: bool) -> str:
    from hospes.channels.email.providers import hooks  # five megabytes, for desks that use it

    if server is None or not (server.hook_secret or server.signing_key):
        raise _Answer(404, "Nobody is called here.")
    knows = hooks.knows_secret(request.headers.get("Authorization", ""), server.hook_secret)
    may_sign = bool(server.signing_key) and server.kind in hooks.SIGN_THE_BODY
    if not knows and not may_sign:  # before anything of the body is read
        raise _Answer(401, "The secret in this address is missing or wrong.")
    _refuse_size(request, is_mail=is_mail and knows)
    hook = _hook(request, server)
    has_to_sign = not knows or (server.kind == "mailgun" and bool(server.signing_key))
    if has_to_sign and not hooks.is_signed(hook, server.signing_key, now=time.time()):
        raise _Answer(401, "The signature of this call is missing or wrong.")
    if server.kind == "ses":
        _refuse_unsealed(hook, server)
    return _take_mail(hook, server) if is_mail else _take_status(hook, server)


def _refuse_unsealed(hook: hooks.Hook, server: OutgoingServer) -> None:
    """Amazon signs with a key of its own, whoever else knows the secret in the address."""
    from hospes.channels.email.providers.inbound import CannotBeHad

    try:
        is_sealed = _reader(server).is_sealed(hook)
    except CannotBeHad as error:
        raise _Answer(503, str(error)) from error
    if not is_sealed:
        raise _Answer(401, "The signature of this call is missing or wrong.")


def _refuse_size(request: HttpRequest, *, is_mail: bool) -> None:
    most = round(settings.MAIL_SIZE_LIMIT_BYTES * WRAPPING) if is_mail else MAX_STATUS_BYTES
    given = request.META.get("CONTENT_LENGTH") or ""
    if not given.isdecimal():
        raise _Answer(411, "Say how long it is.")
    if int(given) > most:
        raise _Answer(413, "This is larger than what is taken here.")


def _hook(request: HttpRequest, server: OutgoingServer) -> hooks.Hook:
    from hospes.channels.email.providers import hooks

    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        body = request.body
        form = _form(request)
    except RequestDataTooBig as error:
        raise _Answer(413, "This is larger than what is taken here.") from error
    except (SuspiciousOperation, MultiPartParserError, UnreadablePostError, ValueError) as error:
        raise _Answer(400, "This cannot be read.") from error
    return hooks.Hook(server.kind, body, headers, form)


def _form(request: HttpRequest) -> dict[str, bytes]:
    """The fields of a form, read as signs of one byte each, so that the bytes of a mail stay what they are."""
    if request.content_type == "multipart/form-data":
        request.encoding = "latin-1"
        fields = [(str(name), str(value)) for name, value in request.POST.items()]
    elif request.content_type == "application/x-www-form-urlencoded":
        fields = parse_qsl(
            request.body.decode("ascii"), encoding="latin-1", max_num_fields=MAX_FIELDS
        )
    else:
        return {}
    return {name: value.encode("latin-1") for name, value in fields}


def _reader(server: OutgoingServer) -> inbound_mail.Reader:
    from hospes.channels.email.providers.backends import Account
    from hospes.channels.email.providers.inbound import Reader

    account = Account(server.kind, server.password, server.username, server.account, server.api_url)
    return Reader(account, settings.PRIVATE_NETWORKS, settings.MAIL_SIZE_LIMIT_BYTES)


def _take_mail(hook: hooks.Hook, server: OutgoingServer) -> str:
    from hospes.channels.email.providers.hooks import NotUnderstood
    from hospes.channels.email.providers.inbound import CannotBeHad

    if room.is_short():
        raise _Answer(503, "There is no room for mail now. Try again later.")
    reader = _reader(server)
    try:
        if reader.confirm(hook):
            return "Confirmed."
        found = reader.arrived(hook)
    except NotUnderstood as error:
        raise _Answer(422, str(error)) from error
    except CannotBeHad as error:
        raise _Answer(503, str(error)) from error
    deliveries = _deliveries(found)
    if found and not deliveries:
        raise _Answer(FOR_NOBODY.get(server.kind, 422), "Nobody here goes by this address.")
    if any(len(one.body) > settings.MAIL_SIZE_LIMIT_BYTES for one in deliveries):
        raise _Answer(413, "This is larger than what is taken here.")
    crash_here("hooks.before_insert")
    with transaction.atomic():
        store_all(deliveries, at=timezone.now())
        crash_here("hooks.before_commit")
    crash_here("hooks.after_commit")
    return "Stored." if deliveries else "Nothing to store."


def _deliveries(found: list[inbound_mail.Arrived]) -> list[Delivery]:
    """Each mail once for each channel it came for, under the recipient that tells most, as at the other doors."""
    routes = current_routes()
    deliveries: list[Delivery] = []
    for one in found:
        by_channel: dict[int, Delivery] = {}
        for recipient in one.recipients:
            channel = routes.find(recipient)
            if channel is None:
                continue
            if channel.pk not in by_channel or recipient.lower() != channel.address:
                by_channel[channel.pk] = Delivery(
                    channel.pk, one.body, one.envelope_from, recipient, key=one.key
                )
        deliveries += by_channel.values()
    return deliveries


def _take_status(hook: hooks.Hook, server: OutgoingServer) -> str:
    from hospes.channels.email.providers.hooks import NotUnderstood, told

    try:
        if hook.kind == "ses" and _reader(server).confirm(hook):
            return "Confirmed."
        said = told(hook)
    except NotUnderstood as error:
        raise _Answer(400, str(error)) from error
    heard = [Heard(one.number, one.provider_id, one.report) for one in said]
    count = hear(heard, server_id=server.pk, at=timezone.now())
    return f"News: {count}."
