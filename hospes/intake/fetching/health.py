"""How fetching goes, in words that say what to do: seen before mail is missed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hospes.channels.fetching import told
from hospes.channels.models import IncomingServer, ServerToken
from hospes.intake.fetching.store import is_held
from hospes.intake.models import FetchedUid, FetchState

WARN_BEFORE = timedelta(days=14)  # the end of a certificate or a permission
PATIENCE = timedelta(minutes=5)  # with what may pass by itself
FIRST_LOOK = timedelta(minutes=1)
# What passes by itself more often than not.
PASSING = {"busy", "hung_up", "slow", "unreachable", "login", "answer", "too_much"}


@dataclass(frozen=True)
class Notice:
    """One thing to know of a server."""

    level: str  # "bad": no mail comes; "warn": look at it soon; "info"
    says: str


@dataclass(frozen=True)
class FetchHealth:
    """A server that mail is fetched from, and how that goes."""

    server: IncomingServer
    state: FetchState
    token: ServerToken | None
    not_had: int  # mails of the server that we do not have, and told so
    notices: tuple[Notice, ...]

    @property
    def is_bad(self) -> bool:
        return any(one.level == "bad" for one in self.notices)

    @property
    def is_well(self) -> bool:
        return all(one.level == "info" for one in self.notices)


def health_of(servers: Sequence[IncomingServer], *, at: datetime) -> list[FetchHealth]:
    """Return how fetching from each server goes, in four statements."""
    ids = [server.pk for server in servers]
    states = FetchState.objects.in_bulk(ids)
    tokens = ServerToken.objects.in_bulk(ids)
    problems = FetchedUid.objects.exclude(problem="").filter(folder__server__in=ids)
    not_had = dict(problems.values_list("folder__server").annotate(Count("pk")))
    held = is_held()
    found = []
    for server in servers:
        state, token = states.get(server.pk) or FetchState(server=server), tokens.get(server.pk)
        notices = _of_a_restored_desk() if held else _notices(server, state, token, at)
        more = _more(state, not_had.get(server.pk, 0))
        found.append(
            FetchHealth(server, state, token, not_had.get(server.pk, 0), (*notices, *more))
        )
    return found


def health_by_channel(*, at: datetime) -> dict[int, FetchHealth]:
    """Return how fetching goes for each channel that has a server which is in use."""
    servers = list(IncomingServer.objects.filter(is_active=True).select_related("channel"))
    return {one.server.channel_id: one for one in health_of(servers, at=at)}


def _of_a_restored_desk() -> Iterator[Notice]:
    yield Notice(
        "bad",
        _("This desk was restored from a backup: it fetches nothing until you let it send."),
    )


def _notices(
    server: IncomingServer, state: FetchState, token: ServerToken | None, at: datetime
) -> Iterator[Notice]:
    if not server.has_password and (token is None or token.refused):
        yield Notice(
            "bad", told("token" if token is None else _kind_of(token), _words(token), server)
        )
    elif state.failure:
        lasts = at - (state.failing_since or at)
        level = "warn" if state.failure in PASSING and lasts < PATIENCE else "bad"
        yield Notice(level, told(state.failure, state.failure_words, server))
    elif _is_left_alone(server, state, at):
        yield Notice("bad", _("Nobody fetches this mail now. `hospes doctor` says why."))
    yield from of_certificate(server.host, state.certificate_expires_at, at=at)
    ends_at = token.refresh_expires_at if token is not None and not server.has_password else None
    if ends_at is not None and ends_at - at < WARN_BEFORE:
        text = _("The permission to read this mailbox ends on %(day)s. Sign in again before.")
        yield Notice("warn", text % {"day": _day(ends_at)})


def of_certificate(host: str, ends_at: datetime | None, *, at: datetime) -> Iterator[Notice]:
    """Warn in time of the end of a server's certificate."""
    if ends_at is not None and ends_at - at < WARN_BEFORE:
        text = _("The certificate of %(host)s ends on %(day)s. Have it renewed before.")
        yield Notice("warn", text % {"host": host, "day": _day(ends_at)})


def _more(state: FetchState, not_had: int) -> Iterator[Notice]:
    if state.backlog:
        text = ngettext(
            "%(count)d mail is still to be fetched.",
            "%(count)d mails are still to be fetched.",
            state.backlog,
        )
        yield Notice("info", text % {"count": state.backlog})
    if not_had:
        text = ngettext(
            "%(count)d mail stays on the server: it is too large, or is not handed over.",
            "%(count)d mails stay on the server: they are too large, or are not handed over.",
            not_had,
        )
        yield Notice("warn", text % {"count": not_had})
    if state.has_idle is False:
        text = _(
            "This server does not tell of new mail by itself: we look every %(count)d seconds."
        )
        yield Notice("info", text % {"count": settings.IMAP_POLL_SECONDS})


def _is_left_alone(server: IncomingServer, state: FetchState, at: datetime) -> bool:
    """Whether nobody has looked into it for long, and nobody says why."""
    patience = timedelta(seconds=settings.IMAP_POLL_SECONDS * 3) + PATIENCE
    last = max(
        filter(None, (state.looked_at, state.connected_at, state.last_mail_at)), default=None
    )
    if last is None:
        return at - server.changed_at > FIRST_LOOK
    return at - max(last, server.changed_at) > patience


def _kind_of(token: ServerToken) -> str:
    from hospes.channels.email.oauth import Denied

    return "client" if Denied(token.refused.partition(": ")[0]).is_about_us else "token"


def _words(token: ServerToken | None) -> str:
    return token.refused.partition(": ")[2] if token is not None else ""


def _day(at: datetime) -> str:
    return date_format(at, "DATE_FORMAT")
