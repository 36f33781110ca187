from __future__ import annotations

from hospes.people.whereabouts import By, Hint, Whereabouts, whereabouts

SPANISH_MAILBOX = Hint(By.CHANNEL, "ES", "Europe/Madrid")


def test_the_surest_hint_tells_and_is_named() -> None:
    phone = Hint(By.PHONE, "JP")
    found = whereabouts([phone, SPANISH_MAILBOX])
    assert (found.market, found.market_by) == ("JP", By.PHONE)
    assert (found.zone, found.zone_by) == ("Asia/Tokyo", By.PHONE)
    assert not found.market_by.is_guess


def test_whom_they_wrote_to_is_a_guess() -> None:
    found = whereabouts([Hint(By.CHOICE), SPANISH_MAILBOX])
    assert (found.market, found.zone) == ("ES", "Europe/Madrid")
    assert found.market_by is By.CHANNEL
    assert found.market_by.is_guess


def test_a_clock_they_chose_says_nothing_of_their_market() -> None:
    found = whereabouts([Hint(By.CHOICE, zone="Asia/Dubai"), SPANISH_MAILBOX])
    assert (found.market, found.market_by) == ("ES", By.CHANNEL)
    assert (found.zone, found.zone_by) == ("Asia/Dubai", By.CHOICE)


def test_a_country_of_many_clocks_has_the_one_it_is_served_by() -> None:
    served = Hint(By.CHANNEL, "US", "America/Los_Angeles")
    assert whereabouts([Hint(By.PHONE, "US"), served]).zone == "America/Los_Angeles"
    assert whereabouts([Hint(By.PHONE, "US"), SPANISH_MAILBOX]).zone == "America/New_York"


def test_part_of_a_country_counts_only_within_it() -> None:
    hints = [Hint(By.ADDRESS, "US"), SPANISH_MAILBOX]
    assert whereabouts(hints, area="CA", area_of="US").profile_code == "US-CA"
    chosen = [Hint(By.CHOICE, "DE", "Europe/Berlin"), *hints]
    assert whereabouts(chosen, area="CA", area_of="US").profile_code == "DE"


def test_where_nothing_tells_nothing_is_said() -> None:
    assert whereabouts([]) == Whereabouts()
