"""Senders found out by ourselves, where a channel receives mail from the internet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from hospes.channels.models import Channel
from hospes.conversations.models import Message
from hospes.intake.actions.deciding import let_in
from hospes.intake.models import HeldRaw, HeldReason, PendingRaw
from hospes.intake.proving import DnsProver
from hospes.people.models import Identity
from tests.arriving import ParserHere, come_in, message_of, understand
from tests.cast import NOON, Cast
from tests.mail import letter
from tests.zone import Zone, domain, sealed, signed

HERE, ELSEWHERE = "127.0.0.1", "192.0.2.66"
FORGED_WORD = b"Authentication-Results: mx.kaldera.example; dmarc=pass header.from=example.jp\r\n"


@pytest.fixture
def zone(cast: Cast) -> Iterator[Zone]:
    Channel.objects.update(trusted_hop="", receives_itself=True, forwarders="lists.example")
    records = {
        **domain("example.jp"),
        **domain("lists.example"),
        **domain("watching.example", policy="none"),
        **domain("unsaid.example", policy=""),
        **domain("xn--bcher-kva.example"),
        "mail.example.jp": {"TXT": ["v=spf1 -all"]},
    }
    with Zone(records) as zone:
        yield zone


def plain(from_: str = "aiko@example.jp") -> bytes:
    return letter(from_, verified=False)


def bring(
    cast: Cast, zone: Zone, body: bytes, *, envelope_from: str = "", peer: str = ELSEWHERE
) -> int:
    (raw_id,) = come_in(cast.channel, body, envelope_from=envelope_from, peer=peer)
    understand(DnsProver((HERE, zone.port)))
    return raw_id


@pytest.mark.django_db
class TestProof:
    def test_is_spf_of_the_domain_in_from(self, cast: Cast, zone: Zone) -> None:
        message = message_of(bring(cast, zone, plain(), envelope_from="b@example.jp", peer=HERE))

        assert message.is_verified
        assert message.conversation.is_sender_verified
        assert message.verdict is not None
        assert (message.verdict["dmarc"], message.verdict["spf"]) == ("pass", "pass")
        assert message.verdict["spf_domain"] == "example.jp"

    def test_is_a_signature_of_the_domain_in_from(self, cast: Cast, zone: Zone) -> None:
        message = message_of(bring(cast, zone, signed(plain(), "example.jp")))

        assert message.is_verified
        assert message.verdict is not None
        assert message.verdict["dkim_domains"] == ["example.jp"]
        assert message.verdict["dmarc_policy"] == "reject"

    def test_may_be_of_another_name_of_the_same_organisation(self, cast: Cast, zone: Zone) -> None:
        raw_id = bring(cast, zone, signed(plain("aiko@mail.example.jp"), "example.jp"))

        assert message_of(raw_id).is_verified

    def test_is_of_names_in_every_script(self, cast: Cast, zone: Zone) -> None:
        mail = signed(plain("mina@xn--bcher-kva.example"), "xn--bcher-kva.example")

        assert message_of(bring(cast, zone, mail)).is_verified

    def test_is_never_the_envelope_of_somebody_else(self, cast: Cast, zone: Zone) -> None:
        raw_id = bring(cast, zone, plain(), envelope_from="a@lists.example", peer=HERE)

        assert HeldRaw.objects.get(pk=raw_id).reason == HeldReason.FAILED_PROOF

    def test_is_never_the_signature_of_somebody_else(self, cast: Cast, zone: Zone) -> None:
        raw_id = bring(cast, zone, signed(plain(), "lists.example"))

        assert HeldRaw.objects.get(pk=raw_id).reason == HeldReason.FAILED_PROOF

    def test_is_never_what_the_mail_says_of_itself(self, cast: Cast, zone: Zone) -> None:
        raw_id = bring(cast, zone, FORGED_WORD + plain())

        assert HeldRaw.objects.get(pk=raw_id).reason == HeldReason.FAILED_PROOF


@pytest.mark.django_db
@pytest.mark.parametrize("sender", ["a@watching.example", "a@unsaid.example", "a@nobody.example"])
def test_a_domain_that_asks_for_nothing_is_shown_and_not_verified(
    cast: Cast, zone: Zone, sender: str
) -> None:
    message = message_of(bring(cast, zone, plain(sender)))

    assert not message.is_verified
    assert not Identity.objects.get(value=sender).is_verified


@pytest.mark.django_db
def test_without_a_policy_not_even_a_good_signature_gives_identity(cast: Cast, zone: Zone) -> None:
    message = message_of(bring(cast, zone, signed(plain("a@unsaid.example"), "unsaid.example")))

    assert not message.is_verified
    assert message.verdict is not None
    assert message.verdict["dkim_domains"] == ["unsaid.example"]


@pytest.mark.django_db
class TestForwarder:
    FOUND = "dmarc=pass header.from=example.jp"

    def test_that_we_trust_brings_in_what_it_changed(self, cast: Cast, zone: Zone) -> None:
        message = message_of(bring(cast, zone, sealed(plain(), "lists.example", found=self.FOUND)))

        assert message.verdict is not None
        assert message.verdict["forwarder"] == "lists.example"
        assert not message.is_verified

    @pytest.mark.parametrize(
        ("sealer", "found"),
        [
            ("unsaid.example", FOUND),  # whom nobody here trusts
            ("lists.example", "dmarc=fail header.from=example.jp"),
            ("lists.example", "dmarc=pass header.from=other.example"),
            ("lists.example", "spf=pass smtp.mailfrom=evil.example"),
        ],
    )
    def test_that_has_no_proof_itself_brings_in_nothing(
        self, cast: Cast, zone: Zone, sealer: str, found: str
    ) -> None:
        raw_id = bring(cast, zone, sealed(plain(), sealer, found=found))

        assert HeldRaw.objects.get(pk=raw_id).reason == HeldReason.FAILED_PROOF

    def test_whose_mail_was_changed_afterwards_brings_in_nothing(
        self, cast: Cast, zone: Zone
    ) -> None:
        mail = sealed(plain(), "lists.example", found=self.FOUND)
        raw_id = bring(cast, zone, mail.replace(b"Where is my parcel?", b"Send money now."))

        assert HeldRaw.objects.get(pk=raw_id).reason == HeldReason.FAILED_PROOF


@pytest.mark.django_db
class TestSilence:
    @pytest.fixture
    def silent(self, zone: Zone) -> Zone:
        zone.failing = {"_dmarc.example.jp", "example.jp"}
        return zone

    def test_puts_a_mail_off_and_holds_up_no_other(self, cast: Cast, silent: Zone) -> None:
        late, good = come_in(cast.channel, plain(), plain("a@unsaid.example"), peer=HERE)

        understand(DnsProver((HERE, silent.port)))

        assert not message_of(good).is_verified
        pending = PendingRaw.objects.get()
        assert (pending.pk, pending.postponed, pending.attempts) == (late, 1, 0)
        assert pending.claimed_by is None
        assert pending.not_before is not None
        assert pending.not_before > timezone.now()
        assert understand(DnsProver((HERE, silent.port))) == 0

    def test_that_ends_lets_the_mail_be_proven(self, cast: Cast, silent: Zone) -> None:
        (raw_id,) = come_in(cast.channel, plain(), envelope_from="b@example.jp", peer=HERE)
        understand(DnsProver((HERE, silent.port)))
        silent.failing = set()
        PendingRaw.objects.update(not_before=F("not_before") - timedelta(seconds=60))

        understand(DnsProver((HERE, silent.port)))

        assert message_of(raw_id).is_verified

    def test_that_lasts_counts_as_no_proof(self, cast: Cast, silent: Zone) -> None:
        (raw_id,) = come_in(cast.channel, plain(), envelope_from="b@example.jp", peer=HERE)
        for _ in range(3):
            assert not Message.objects.exists()
            assert understand(DnsProver((HERE, silent.port))) == 1
            PendingRaw.objects.update(not_before=None)

        message = message_of(raw_id)
        assert not message.is_verified
        assert message.verdict is not None
        assert message.verdict["dmarc"] == "temperror"


@pytest.mark.django_db
def test_a_server_of_names_that_never_answers_costs_seconds_and_not_minutes(
    cast: Cast, zone: Zone
) -> None:
    zone.silent = {f"{n}.slow.example" for n in range(60)} | {
        f"_dmarc.{n}.slow.example" for n in range(60)
    }
    mails = [plain(f"a@{n}.slow.example") for n in range(40)]
    come_in(cast.channel, *mails, peer=HERE)
    began = timezone.now()

    understand(DnsProver((HERE, zone.port)))

    assert (timezone.now() - began).total_seconds() < 15
    assert PendingRaw.objects.filter(postponed=1).count() == 40


@pytest.mark.django_db
def test_what_was_found_out_is_known_when_a_lead_lets_it_in(cast: Cast, zone: Zone) -> None:
    raw_id = bring(cast, zone, FORGED_WORD + plain())

    message = let_in(HeldRaw.objects.get(pk=raw_id), parser=ParserHere(), at=NOON, join=False)

    assert not message.is_verified
    assert message.verdict is not None
    assert message.verdict["dmarc"] == "fail"


@pytest.mark.django_db
def test_the_trusted_server_counts_where_one_stands_in_front(cast: Cast, zone: Zone) -> None:
    Channel.objects.update(trusted_hop="mx.kaldera.example", receives_itself=False)

    message = message_of(bring(cast, zone, letter("aiko@example.jp")))

    assert message.is_verified
    assert message.verdict == {
        "authserv_id": "mx.kaldera.example", "dmarc": "pass", "from_domain": "example.jp",
    }  # fmt: skip
    assert zone.asked == []
