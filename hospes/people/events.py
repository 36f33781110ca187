"""What happened to what was agreed with customers."""

from __future__ import annotations

from dataclasses import dataclass

from hospes.events.recording import HappeningAtDesk


@dataclass(frozen=True)
class ContractChanged(HappeningAtDesk):
    """A contract was made, changed or ended."""

    contract_id: int
