"""Every word a problem may carry, with what it means; the guide lists them and a test holds the list whole."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

EXPLAINED = {
    "unreadable": _("The request cannot be read."),
    "no_json": _("The body is no JSON object that can be read."),
    "no_token": _("Send Authorization: Bearer with a token."),
    "invalid_token": _(
        "The token is unknown, revoked, expired, or its agent has no seat any more."
    ),
    "missing_scope": _("The token lacks a scope; `scope` names it."),
    "forbidden": _("The token may not do that."),
    "operators_only": _("The token has to be an operator's."),
    "not_yours": _("Only the agent who wrote it, or works in that queue, may do this."),
    "not_found": _("It is not there, or the token's agent may not see it."),
    "method_not_allowed": _("The header Allow names the methods there are."),
    "length_required": _("Send Content-Length."),
    "too_large": _("The body or its files are too large."),
    "unsupported_content_type": _("Send JSON, or a form where the operation takes one."),
    "too_many_requests": _("Wait as long as Retry-After says."),
    "too_many_wrong_tokens": _(
        "Too many wrong tokens came from this address. Good ones are answered as ever."
    ),
    "internal": _("A fault of ours; the log of the server tells more."),
    "unavailable": _("The database does not answer; try again soon."),
    "invalid": _("`errors` names every field that cannot be used."),
    "filters_do_not_combine": _("`view` and `q` combine with `queue_id` alone."),
    "no_such_cursor": _("The cursor belongs to another list or other filters."),
    "no_such_key": _("The Idempotency-Key is none."),
    "in_flight": _("A request with this key is being answered; ask again soon."),
    "key_used_otherwise": _("The key was used for another request."),
    "refused": _("It cannot be done as things stand."),
    "overtaken": _("Somebody wrote meanwhile; `messages` holds what was not read."),
    "closed_already": _("The conversation is closed already."),
    "open_already": _("The conversation is open already."),
    "closed": _("The conversation is closed; reopen it first."),
    "assignee_outside_queue": _("The agent does not work in the conversation's queue."),
    "empty": _("There is nothing to say."),
    "too_long": _("The text is too long."),
    "not_an_address": _("It is no mail address."),
    "no_recipient": _("It names nobody whom it goes to."),
    "too_many": _("These are too many people for one message."),
    "no_address": _("The customer has no mail address."),
    "address_taken": _("Another customer has the address."),
    "no_subject": _("A first message needs a subject."),
    "no_name": _("A name is needed."),
    "no_such_language": _("It is no language tag as BCP 47 has it."),
    "no_such_zone": _("It is no time zone of the IANA."),
    "no_such_market": _("It is none of the markets served here."),
    "no_such_channel": _("The channel is not of the queue's brand, or is not used any more."),
    "in_the_past": _("The moment has to lie ahead."),
    "came_in": _("The message came in; only what goes out has a way to follow."),
    "too_late": _("The reply has gone."),
    "no_second_try": _("The reply is on its way or has arrived."),
    "known_already": _("What became of the reply is known."),
    "virus_found": _("A virus was found in this file. Nobody can open it here."),
    "not_checked": _("Not checked for viruses yet"),
}
