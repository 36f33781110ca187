"""What the entries of a timeline say, escaped; asked once for a page, not for each of its sixty messages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from html import escape

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Words:
    """What the entries say, escaped, in one language."""

    reported: str
    displayed: str  # %(name)s
    received: str  # %(name)s
    raw_mail: str
    not_proven: str
    not_verified: str
    may_be_forged: str
    forwarded: str  # by %(name)s
    form: str
    calls_itself: str  # %(name)s
    same_id: str
    automatic: str
    to: str
    copy: str
    answers_to: str  # %(address)s
    whole_mail: str
    design: str
    acknowledged: str  # in %(language)s
    acknowledging: str  # in %(language)s: %(state)s
    notice: str  # to %(name)s: %(state)s
    note: str
    picture: str
    file: str
    not_stored: str
    virus: str  # %(name)s
    unread: str
    unchecked: str
    holds: str
    say_holds: str
    say_answers: str


@lru_cache(maxsize=32)
def words_in(_language: str) -> Words:
    return Words(
        reported=escape(
            _("A mail server reported on a reply; what it says stands below the reply.")
        ),
        displayed=escape(_("The mail program of %(name)s says that the reply was displayed.")),
        received=escape(_("The mail program of %(name)s sent a receipt for the reply.")),
        raw_mail=escape(_("Raw mail")),
        not_proven=escape(_("No mail server we trust has proven that it comes from this address.")),
        not_verified=escape(_("Not verified")),
        may_be_forged=escape(_("May be forged (DMARC)")),
        forwarded=escape(_("Forwarded by %(name)s, address not proven")),
        form=escape(_("By a contact form, address not proven")),
        calls_itself=escape(_("Calls itself %(name)s")),
        same_id=escape(_("Same Message-ID as another mail")),
        automatic=escape(_("Automatic")),
        to=escape(_("To:")),
        copy=escape(_("Copy:")),
        answers_to=escape(_("Answers go to %(address)s")),
        whole_mail=_either(_("Show the whole mail"), _("Show only what is new")),
        design=_either(_("Show it as it was designed"), _("Show the text alone")),
        acknowledged=escape(_("Automatic acknowledgement sent (%(language)s)")),
        acknowledging=escape(_("Automatic acknowledgement (%(language)s): %(state)s")),
        notice=escape(_("Automatic letter to %(name)s: %(state)s")),
        note=escape(_("Internal note")),
        picture=escape(_("picture")),
        file=escape(_("file")),
        not_stored=escape(_("Not stored: the disk was full. We try again by ourselves.")),
        virus=escape(_("Not opened: a virus was found (%(name)s)")),
        unread=escape(_("Not checked: the virus scanner could not look into it")),
        unchecked=escape(_("Not checked for viruses yet")),
        holds=escape(_("Holding reply: the clock goes on")),
        say_holds=escape(_("This only holds")),
        say_answers=escape(_("This answers")),
    )


def _either(closed: str, opened: str) -> str:
    """The words of what can be opened, and closed again."""
    return f'<span class="if-closed">{escape(closed)}</span><span class="if-open">{escape(opened)}</span>'
