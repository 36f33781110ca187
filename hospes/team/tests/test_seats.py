"""Seats: given by operators, entered by a link that works once, never the last one taken away."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection

from hospes.lib.refusal import Refused
from hospes.team.actions.adding import add_agent, change_seat, describe_agent, set_password
from hospes.team.actions.inviting import invite, invite_first, redeem
from hospes.team.actions.settling import settle_in
from hospes.team.models import Agent, Invitation, Role
from tests.cast import NOON, Cast

pytestmark = pytest.mark.django_db
NEW = {"name": " Noa ", "email": "Noa@Kaldera.example"}


def token_of(path: str) -> str:
    return path.removeprefix("/sign-in/").removesuffix("/")


# Giving -------------------------------------------------------------------------------------


def test_an_operator_gives_a_seat_that_no_password_opens(cast: Cast) -> None:
    noa = add_agent(**NEW, by=cast.ana, at=NOON)

    assert (noa.name, noa.email, noa.role) == ("Noa", "noa@kaldera.example", Role.AGENT)
    assert not noa.has_usable_password()


@pytest.mark.parametrize("who", ["mina", "jonas"])
def test_nobody_else_gives_or_changes_seats(cast: Cast, who: str) -> None:
    by = getattr(cast, who)
    with pytest.raises(Refused, match="Only operators"):
        add_agent(**NEW, by=by, at=NOON)
    with pytest.raises(Refused, match="Only operators"):
        change_seat(by, role=Role.OPERATOR, is_active=True, by=by)


def described(cast: Cast, **changes: str) -> dict[str, object]:
    own = {"name": "Mina Berg", "email": cast.mina.email, "language": "sl", "zone": "Asia/Tokyo"}
    return {**own, "hub": None, **changes}


def test_an_operator_puts_right_what_is_said_of_a_colleague(cast: Cast) -> None:
    describe_agent(cast.mina, **described(cast, email="M.Berg@kaldera.example"), by=cast.ana)

    cast.mina.refresh_from_db()
    assert (cast.mina.name, cast.mina.email) == ("Mina Berg", "m.berg@kaldera.example")
    assert (cast.mina.language, cast.mina.zone, cast.mina.hub) == ("sl", "Asia/Tokyo", None)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": " "}, "no_name"),
        ({"email": "mina"}, "not_an_address"),
        ({"email": "JONAS@kaldera.example"}, "address_taken"),
    ],
)
def test_nobody_is_described_as_nobody_or_as_somebody_else(
    cast: Cast, changes: dict[str, str], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        describe_agent(cast.mina, **described(cast, **changes), by=cast.ana)
    assert refused.value.code == code


def test_only_operators_describe_others(cast: Cast) -> None:
    with pytest.raises(Refused, match="Only operators"):
        describe_agent(cast.mina, **described(cast), by=cast.jonas)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "  "}, "no_name"),
        ({"email": "noa"}, "not_an_address"),
        ({"email": "a@b\r\nBcc: c@d"}, "not_an_address"),
        ({"email": "MINA@kaldera.example"}, "address_taken"),
        ({"role": "admin"}, "no_such_role"),
    ],
)
def test_a_seat_that_cannot_be_is_refused(cast: Cast, changes: dict[str, str], code: str) -> None:
    with pytest.raises(Refused) as refused:
        add_agent(**{**NEW, **changes}, by=cast.ana, at=NOON)
    assert refused.value.code == code


def test_the_last_operator_stays(cast: Cast) -> None:
    for role, is_active in ((Role.AGENT, True), (Role.OPERATOR, False)):
        with pytest.raises(Refused, match="At least one operator"):
            change_seat(cast.ana, role=role, is_active=is_active, by=cast.ana)

    change_seat(cast.jonas, role=Role.OPERATOR, is_active=True, by=cast.ana)
    change_seat(cast.ana, role=Role.AGENT, is_active=True, by=cast.ana)
    assert Agent.objects.get(pk=cast.ana.pk).role == Role.AGENT


@pytest.mark.parametrize("password", ["", "short", "password123", "1234567890"])
def test_a_weak_password_is_refused(cast: Cast, password: str) -> None:
    with pytest.raises(Refused):
        set_password(cast.mina, password=password)


def test_an_agent_arranges_the_own_workplace_and_nothing_else(cast: Cast) -> None:
    settle_in(
        cast.mina, name=" ", language="sl", zone="Europe/Ljubljana", theme="dark", text_size_px=16,
        single_keys=False,
    )  # fmt: skip

    mina = Agent.objects.get(pk=cast.mina.pk)
    assert (mina.name, mina.language, mina.theme, mina.role) == (
        "Mina Ortega",
        "sl",
        "dark",
        Role.AGENT,
    )


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Mina Ortega", "MO"),
        ("Cher", "C"),
        ("Ana Maria Kovač", "AK"),
        ("佐藤 愛子", "佐"),
        ("", "?"),
        ("عمر", "ع"),
        ("Žiga Šok", "ŽŠ"),
    ],
)
def test_a_face_shows_the_letters_of_its_name(name: str, initials: str) -> None:
    assert Agent(name=name).initials == initials


# Links --------------------------------------------------------------------------------------


def test_a_link_lets_somebody_in_once(cast: Cast) -> None:
    token = token_of(invite(cast.mina, at=NOON))

    redeemed = redeem(token, at=NOON)
    assert redeemed is not None
    assert redeemed.agent == cast.mina
    assert redeem(token, at=NOON) is None


@pytest.mark.django_db(transaction=True)
def test_a_link_used_by_several_at_once_lets_one_in(cast: Cast) -> None:
    token, let_in = token_of(invite(cast.mina, at=NOON)), []

    def use() -> None:
        let_in.append(redeem(token, at=NOON) is not None)
        connection.close()

    threads = [threading.Thread(target=use) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert let_in.count(True) == 1


def test_only_the_hash_of_a_link_is_kept(cast: Cast) -> None:
    token = token_of(invite(cast.mina, at=NOON))

    assert token not in str(Invitation.objects.values().get())


def test_a_link_is_no_good_when_it_is_old_replaced_or_its_seat_is_gone(cast: Cast) -> None:
    token = token_of(invite(cast.mina, at=NOON))
    assert redeem(token, at=NOON + timedelta(days=7)) is None

    newer = token_of(invite(cast.mina, at=NOON))
    assert redeem(token, at=NOON) is None

    Agent.objects.filter(pk=cast.mina.pk).update(is_active=False)
    assert redeem(newer, at=NOON) is None
    assert redeem("", at=NOON) is redeem("x" * 32, at=NOON) is None


def test_the_first_link_sets_up_until_somebody_has() -> None:
    token = token_of(invite_first(at=NOON))
    redeemed = redeem(token, at=NOON)
    assert redeemed is not None
    assert redeemed.agent is None

    late = token_of(invite_first(at=NOON))
    add_agent(**NEW, role=Role.OPERATOR, by=None, at=NOON)
    assert redeem(late, at=NOON) is None


def test_the_first_link_signs_the_operator_in_once_there_is_one(cast: Cast) -> None:
    redeemed = redeem(token_of(invite_first(at=NOON)), at=NOON)

    assert redeemed is not None
    assert redeemed.agent == cast.ana
