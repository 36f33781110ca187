"""In which market and on which clock a customer lives, and what tells so; pure.

What they told us goes before their contract, that before the country code of their phone, that before their address, and
whom they wrote to comes last. A name tells nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from hospes.markets.usual import usual_zone


class By(StrEnum):
    """What tells where somebody is, the surest first."""

    CHOICE = "choice"
    CONTRACT = "contract"
    PHONE = "phone"
    ADDRESS = "address"
    CHANNEL = "channel"
    QUEUE = "queue"
    NOTHING = "nothing"

    @property
    def is_guess(self) -> bool:
        """Whether nobody told us: it follows from whom they wrote to."""
        return self in {By.CHANNEL, By.QUEUE}


@dataclass(frozen=True, slots=True)
class Hint:
    """One thing that tells where somebody is. market: JP or US-CA, zone: IANA; "" where it does not tell."""

    by: By
    market: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where somebody is as far as we know, and by what; "" where nothing tells."""

    market: str = ""  # ISO 3166-1 alpha-2, or ISO 3166-2 of a part of a country
    market_by: By = By.NOTHING
    zone: str = ""  # IANA
    zone_by: By = By.NOTHING
    area: str = ""  # the part of the market: ISO 3166-2 without the country

    @property
    def profile_code(self) -> str:
        """What the profile of their market is called, part of a country included where one is known."""
        return f"{self.market}-{self.area}" if self.area else self.market


def whereabouts(hints: Sequence[Hint], *, area: str = "", area_of: str = "") -> Whereabouts:
    """Return where the hints say somebody is. hints: the surest first.

    A hint that names a country without a clock has the clock that another hint gives for this country, else the one that
    is usual there.
    area: part of the country `area_of`, as an address tells it.
    """
    place = next((one for one in hints if one.market), Hint(By.NOTHING))
    clock = next((one for one in hints if one.zone or one.market), Hint(By.NOTHING))
    zone = clock.zone or next(
        (one.zone for one in hints if one.zone and one.market == clock.market),
        usual_zone(clock.market) if clock.market else "",
    )
    return Whereabouts(
        market=place.market,
        market_by=place.by,
        zone=zone,
        zone_by=clock.by if zone else By.NOTHING,
        area=area if area and area_of == place.market else "",
    )
