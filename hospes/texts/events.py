"""What happened to texts."""

from __future__ import annotations

from dataclasses import dataclass

from hospes.events.recording import HappeningAtDesk


@dataclass(frozen=True)
class TextChanged(HappeningAtDesk):
    """A text was made, said otherwise in one of its variants, or put away."""

    text_id: int
