"""What follows from what happened: the one list of it.

A reaction takes events of one kind, oldest first, and may run twice for the same event. What it does stays in
the database; work outside becomes a job that it defers here, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence

from hospes.conversations import events as happened
from hospes.conversations.acknowledging import tell_colleagues
from hospes.conversations.agreed import keep_lists_of_contracts
from hospes.conversations.comparing import mark_same_ids
from hospes.conversations.jobs import ask_to_check, ask_to_send, keep_copies
from hospes.conversations.screens import refresh_screens
from hospes.conversations.undelivered import mark_undelivered
from hospes.events.consuming import Reaction
from hospes.events.recording import Happening
from hospes.markets.events import (
    CalendarChanged,
    CalendarChosen,
    MarketFactChanged,
    ZoneRulesChanged,
)
from hospes.people.events import ContractChanged
from hospes.search.indexing import forget_messages, index_messages, move_in_index
from hospes.servicelevels.events import ServiceLevelsChanged
from hospes.servicelevels.expecting import answer_with_expectation, tell_before_it_slips
from hospes.servicelevels.jobs import count_all_anew, count_all_by_other_rules
from hospes.servicelevels.keeping import count_clocks, count_waiting, count_what_did_not_arrive
from hospes.servicelevels.severity import read_between_the_lines
from hospes.servicelevels.telling import tell_of_due
from hospes.texts.events import TextChanged

REACTIONS: dict[type[Happening], Sequence[Reaction]] = {
    happened.MessageReceived: [
        index_messages,
        mark_same_ids,
        read_between_the_lines,
        count_clocks,
        ask_to_check,
        answer_with_expectation,
        refresh_screens,
    ],
    happened.AcknowledgementWritten: [ask_to_send, refresh_screens],
    happened.AcknowledgementWithheld: [refresh_screens],
    happened.ColleagueTurnedAway: [tell_colleagues],
    happened.FileChecked: [refresh_screens],
    happened.ReplyWritten: [index_messages, ask_to_send, count_clocks, refresh_screens],
    happened.ReplyUnsent: [forget_messages, count_clocks, refresh_screens],
    happened.ReplyMarked: [count_clocks, refresh_screens],
    happened.DeliveryChanged: [
        keep_copies,
        mark_undelivered,
        count_what_did_not_arrive,
        refresh_screens,
    ],
    happened.NoteWritten: [refresh_screens],
    happened.ConversationAssigned: [count_waiting, refresh_screens],
    happened.ConversationMoved: [move_in_index, count_clocks, refresh_screens],
    happened.ConversationClosed: [count_clocks, refresh_screens],
    happened.ConversationReopened: [count_clocks, refresh_screens],
    happened.ConversationSnoozed: [count_clocks, refresh_screens],
    happened.ConversationAwoke: [count_clocks, refresh_screens],
    happened.CustomerDescribed: [count_clocks, refresh_screens],
    happened.ConversationClassified: [count_clocks, refresh_screens],
    happened.DueWarned: [tell_of_due, tell_before_it_slips, refresh_screens],
    happened.DueMissed: [tell_of_due, refresh_screens],
    MarketFactChanged: [count_all_anew],
    CalendarChanged: [count_all_anew],
    CalendarChosen: [count_all_anew],
    ZoneRulesChanged: [count_all_by_other_rules],
    ServiceLevelsChanged: [count_all_anew],
    TextChanged: [],
    ContractChanged: [keep_lists_of_contracts, count_all_anew],
}
