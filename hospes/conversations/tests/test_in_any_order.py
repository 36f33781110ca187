"""F-17: reports of what became of a letter come in any order, several times and late; what is known never becomes less."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from hospes.channels.contract import RecipientReport
from hospes.conversations.actions.delivering import Returned, settle_reports
from hospes.conversations.actions.replying import reply
from hospes.conversations.models import OutboxEntry
from hospes.conversations.tests.speaking import asked
from hospes.people.models import Identity
from tests.cast import NOON, Cast

State, Reason = OutboxEntry.State, OutboxEntry.Reason
SEQUENCES = int(os.environ.get("HOSPES_FAULT_SEQUENCES", "30"))  # more: `script/faults`
AIKO, PARTNER = "aiko@example.jp", "partner@example.org"
# How much is known: it may only grow.
KNOWN = [State.UNKNOWN, State.ACCEPTED, State.FAILED, State.DELIVERED, State.BOUNCED]
GOT = {
    ("complained", AIKO), ("complained", PARTNER), ("failed", PARTNER), ("rejected", PARTNER),
}  # fmt: skip
FOR_GOOD = ["", Reason.PARTLY, Reason.COMPLAINED, Reason.COPY_BOUNCED]

one_report = st.builds(
    RecipientReport,
    address=st.sampled_from([AIKO, AIKO, PARTNER]),
    action=st.sampled_from(
        ["delivered", "delayed", "failed", "rejected", "complained", "relayed", "expanded"]
    ),
    status=st.sampled_from(["2.0.0", "4.2.0", "5.1.1", "5.7.1"]),
    diagnostic=st.just("smtp; said so"),
)
begins = st.sampled_from([(State.ACCEPTED, ""), (State.UNKNOWN, Reason.NO_ANSWER), (State.ACCEPTED, Reason.PARTLY)])  # fmt: skip
pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(cast: Cast) -> OutboxEntry:
    message = reply(asked(cast), text="On Saturday.", by=cast.mina, at=NOON)
    message.cc = [["", PARTNER]]
    message.save(update_fields=["cc"])
    return message.outbox_entry


def told(entry: OutboxEntry, reports: Sequence[RecipientReport]) -> list[tuple[str, str]]:
    """Tell one after the other and return how the reply stands after each."""
    stands = []
    for one in reports:
        settle_reports([Returned(entry.pk, (one,), is_proven=True)], at=NOON)
        stands.append(OutboxEntry.objects.values_list("state", "reason").get(pk=entry.pk))
    return stands


def begin(entry: OutboxEntry, state: str, reason: str) -> None:
    OutboxEntry.objects.filter(pk=entry.pk).update(state=state, reason=reason)
    Identity.objects.update(suppressed_at=None, hard_bounces=0)


def weight(reason: str) -> int:
    return FOR_GOOD.index(reason) if reason in FOR_GOOD else 0


@given(begin_with=begins, reports=st.lists(one_report, min_size=1, max_size=7))
@settings(
    max_examples=SEQUENCES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_f17_what_is_known_of_a_letter_never_becomes_less(
    entry: OutboxEntry, begin_with: tuple[str, str], reports: list[RecipientReport]
) -> None:
    begin(entry, *begin_with)

    stands = [begin_with, *told(entry, reports)]

    for (state, reason), (then, why) in pairwise(stands):
        assert KNOWN.index(then) >= KNOWN.index(state)
        if then not in {State.BOUNCED, State.FAILED}:
            assert weight(why) >= weight(reason)


@given(reports=st.lists(one_report, min_size=2, max_size=5), data=st.data())
@settings(
    max_examples=SEQUENCES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_f17_the_end_is_the_same_in_whatever_order_it_is_told(
    entry: OutboxEntry, reports: list[RecipientReport], data: st.DataObject
) -> None:
    # Nobody gets what the provider never sent.
    said = {(one.action, one.address) for one in reports}
    assume(("rejected", AIKO) not in said or not said & GOT)
    shuffled = data.draw(st.permutations(reports))
    ends = []
    for order in (reports, shuffled):
        begin(entry, State.ACCEPTED, "")
        state, reason = told(entry, order)[-1]
        ends.append((state, reason if reason in FOR_GOOD else ""))

    assert ends[0] == ends[1] or ends[0][0] == ends[1][0] == State.BOUNCED


def test_f17_a_report_that_comes_late_does_not_undo_what_is_known(entry: OutboxEntry) -> None:
    def report(action: str, address: str = AIKO) -> RecipientReport:
        return RecipientReport(address, action, "5.1.1", "")

    begin(entry, State.ACCEPTED, "")
    stands = told(entry, [report("delivered"), report("rejected"), report("delayed")])
    assert set(stands) == {(State.DELIVERED, "")}
    begin(entry, State.ACCEPTED, "")
    stands = told(entry, [report("complained"), report("delayed"), report("delivered")])
    assert stands[-1] == (State.DELIVERED, Reason.COMPLAINED)
    begin(entry, State.ACCEPTED, Reason.PARTLY)
    stands = told(entry, [report("delayed"), report("delivered"), report("failed", PARTNER)])
    assert stands[-1] == (State.DELIVERED, Reason.COPY_BOUNCED)
