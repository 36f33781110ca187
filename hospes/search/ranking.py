"""How well a message answers a question: the nearer the words stand to how they were asked, the better; pure.

Every message that is weighed holds all the words. What tells them apart: where they stand (a subject says more than a
long letter), whether as they were asked or in another form, whether together, and how long ago it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from hospes.search.tokens import plain, tokens

SUBJECT, SENDER, TEXT = "subject", "sender", "text"
AS_ASKED, IN_OTHER_FORM, TOGETHER = 1.0, 0.5, 1.0
WORTH = {SUBJECT: 2.0, SENDER: 1.5, TEXT: 1.0}
NEW = 1.0  # at most; half of it after HALF_LIFE
HALF_LIFE = timedelta(days=90)
LOOKED_AT_CHARS = 4_000  # of a long letter: what matters stands at its beginning


@dataclass(frozen=True, slots=True)
class Weighed:
    """field: where the question is answered best."""

    score: float
    field: str


def weigh(
    groups: Sequence[Sequence[str]], asked: str, fields: dict[str, str], age: timedelta
) -> Weighed:
    """Weigh one message.

    groups: of `tokens.question`, the word as it was asked first in each. asked: the words as they were written.
    fields: what stands in SUBJECT, SENDER and TEXT.
    """
    together = plain(asked)
    best = Weighed(0.0, TEXT)
    for name, whole in fields.items():
        said = whole[:LOOKED_AT_CHARS]
        held = tokens(said)
        exact = sum(group[0] in held for group in groups)
        score = WORTH[name] * (
            AS_ASKED * exact / max(1, len(groups)) + TOGETHER * (together in plain(said))
        )
        if score > best.score:
            best = Weighed(score, name)
    recent = NEW * 0.5 ** (max(age, timedelta()) / HALF_LIFE)
    return Weighed(round(best.score + recent, 4), best.field)
