"""Tell a colleague that what they answered by mail stands in no conversation, since they may not see it any more."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from hospes.conversations.actions.acknowledging import send_by_itself
from hospes.conversations.budget import Wish, take_places
from hospes.conversations.models import Conversation, Message
from hospes.conversations.threading import make_message_id, message_hash
from hospes.lib.addresses import canonical
from hospes.people.models import Identity
from hospes.team.models import Agent


@transaction.atomic
def tell_turned_away(conversation_id: int, *, agent_id: int, at: datetime) -> Message | None:
    """Write one letter to the colleague's own address, in their language; return it.

    It says nothing of the conversation but its number. None when as much left by itself already as may: to an address
    about one conversation, one a day; and when nothing may or can leave.
    """
    rows = Conversation.objects.select_for_update(of=("self",))
    conversation = rows.select_related("channel__brand__site").filter(pk=conversation_id).first()
    agent = Agent.objects.filter(pk=agent_id, is_active=True).first()
    if conversation is None or agent is None or not conversation.channel.address:
        return None
    site = conversation.channel.brand.site
    if site.sending_held_since is not None:
        return None
    address = canonical(agent.email)
    identity = Identity.objects.filter(value=address).first()
    if identity is not None and identity.suppressed_at is not None:
        return None
    (refused,) = take_places([Wish(conversation.pk, address)], site=site, at=at)
    if refused:
        return None
    (written,) = send_by_itself([_letter(conversation, agent, identity, at)], at)
    return written


def _letter(
    conversation: Conversation, agent: Agent, identity: Identity | None, at: datetime
) -> Message:
    channel = conversation.channel
    domain = channel.reply_domain or channel.address.rpartition("@")[2]
    key = bytes(channel.brand.site.mail_key)
    message_id = make_message_id(uuid4(), key=key, domain=domain)
    subject, text = _words(conversation.reference, agent.language)
    return Message(
        conversation=conversation,
        channel=channel,
        direction=Message.Direction.OUT,
        identity=identity,
        message_id=message_id,
        message_hash=message_hash(message_id),
        from_name=channel.brand.name,
        from_address=channel.address,
        to=[[agent.name, agent.email]],
        subject=subject,
        text=text,
        reply_text=text,
        language=agent.language,
        is_automatic=True,
        extras={"to_colleague": True},
        at=at,
    )


def _words(reference: str, language: str) -> tuple[str, str]:
    """Return the subject and the text of the letter."""
    with translation.override(language):
        # Translators: the subject of an automatic letter to a colleague.
        subject = _("Your mail was not passed on: %(reference)s") % {"reference": reference}
        # Translators: in an automatic letter to a colleague who answered a conversation by mail.
        refused = _(
            "You may not see this conversation any more, so nothing was sent to the customer."
        )
        # Translators: in the same letter, after that sentence: what became of the mail, and what can be done.
        further = _(
            "Your mail is held. Ask whoever leads your team to let it in or to give you access."
        )
        return subject, f"{refused}\n{further}"
