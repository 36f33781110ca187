"""What happened to what is known of a market."""

from __future__ import annotations

from dataclasses import dataclass

from hospes.events.recording import HappeningAtDesk


@dataclass(frozen=True)
class MarketFactChanged(HappeningAtDesk):
    """An operator set, waived, corrected or confirmed a fact, or took that back."""

    place: str  # JP, US-CA, EU, _global
    key: str
    own_value_id: int
