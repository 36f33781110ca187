from __future__ import annotations

from datetime import timedelta

import pytest

from hospes.api.actions.issuing import issue, revoke, sha256_of
from hospes.api.models import Token
from hospes.lib.refusal import Refused
from tests.cast import NOON, Cast

READ = ["conversations:read"]


def test_the_secret_is_told_once_and_only_its_hash_is_kept(cast: Cast) -> None:
    issued = issue(name="Shop", agent=cast.mina, scopes=READ, by=cast.ana, at=NOON)

    kept = Token.objects.get()
    assert kept.sha256 == sha256_of(issued.secret)
    assert issued.secret.startswith(kept.prefix)
    assert issued.secret not in repr(issued)
    assert issued.secret[len(kept.prefix) :] not in str(vars(kept))


def test_two_tokens_differ(cast: Cast) -> None:
    secrets = {
        issue(name="Shop", agent=cast.mina, scopes=READ, by=None, at=NOON).secret for _ in range(2)
    }

    assert len(secrets) == 2


@pytest.mark.parametrize(
    ("name", "scopes", "later"),
    [
        ("", READ, timedelta(days=1)),
        ("Shop", [], timedelta(days=1)),
        ("Shop", ["everything"], timedelta(days=1)),
        ("Shop", READ, timedelta(0)),
    ],
)
def test_a_token_without_sense_is_refused(
    cast: Cast, name: str, scopes: list[str], later: timedelta
) -> None:
    with pytest.raises(Refused):
        issue(
            name=name, agent=cast.mina, scopes=scopes, by=cast.ana, at=NOON, expires_at=NOON + later
        )


def test_a_colleague_can_neither_make_nor_revoke_a_token_of_another(cast: Cast) -> None:
    with pytest.raises(Refused, match="operators"):
        issue(name="Shop", agent=cast.mina, scopes=READ, by=cast.vera, at=NOON)
    token = issue(name="Shop", agent=cast.mina, scopes=READ, by=cast.mina, at=NOON).token
    with pytest.raises(Refused, match="operators"):
        revoke(token, by=cast.vera, at=NOON)


def test_revoking_twice_keeps_the_first_moment(cast: Cast) -> None:
    token = issue(name="Shop", agent=cast.mina, scopes=READ, by=None, at=NOON).token

    revoke(token, by=cast.ana, at=NOON)
    again = revoke(token, by=cast.ana, at=NOON + timedelta(hours=1))

    assert again.revoked_at == NOON
