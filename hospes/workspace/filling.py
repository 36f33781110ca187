"""Texts as the customer of a conversation gets them: which variant, and what stands in its places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from babel import Locale

from hospes.conversations.models import Conversation
from hospes.language import forms
from hospes.language.addressing import Addressing
from hospes.people.actions.placing import parts_of
from hospes.people.models import Identity, PostalAddress
from hospes.servicelevels.models import Clock
from hospes.team.models import Agent
from hospes.texts.choosing import Reader
from hospes.texts.models import Text, Variant
from hospes.texts.placeholders import Filled, fill, named_in
from hospes.workspace.greeting import greeting_for


@dataclass(frozen=True)
class Offered:
    """A text as one customer gets it. chain: the variants it was chosen from, the best first."""

    text: Text
    variant: Variant
    chain: list[Variant]
    filled: Filled

    @property
    def is_stale(self) -> bool:
        return self.variant.is_stale(self.text)


class ForCustomer:
    """What fills the places of texts in one conversation. Each value is asked for when a text has its place."""

    def __init__(self, one: Conversation, *, by: Agent, now: datetime) -> None:
        self._one = one
        self._by = by
        self._now = now

    def offered(self, text: Text) -> Offered:
        """The text in the variant that is nearest to the customer, its places filled. Asks nothing for `variants` prefetched."""
        chain = text.for_reader(self.reader)
        chosen = chain[0]
        values = {name: self._value(name) for name in named_in(chosen.body)}
        return Offered(text, chosen, chain, fill(chosen.body, values))

    @cached_property
    def reader(self) -> Reader:
        """Whom texts are for: their language first, then that of their market, of the brand, and English."""
        one = self._one
        home = one.customer_market
        languages = [one.language, one.customer.language, home.language if home else "", one.brand.language, "en"]  # fmt: skip
        where = one.whereabouts
        return Reader(languages, where.profile_code or where.market, self._greeting.form, one.channel.kind)  # fmt: skip

    def _value(self, name: str) -> str:
        return str(getattr(self, f"_{name}", ""))

    @cached_property
    def _greeting(self) -> Addressing:
        return greeting_for(self._one, by=self._by)

    @cached_property
    def _locale(self) -> Locale:
        return forms.locale_for(self._greeting.language, self._one.whereabouts.market)

    @cached_property
    def _zone(self) -> str:
        return self._one.whereabouts.zone or "UTC"

    @property
    def _salutation(self) -> str:
        return self._greeting.salutation

    @property
    def _closing(self) -> str:
        return self._greeting.closing

    @property
    def _first_name(self) -> str:
        return self._one.customer.given_name

    @property
    def _last_name(self) -> str:
        return self._one.customer.family_name

    @property
    def _name(self) -> str:
        customer = self._one.customer
        return customer.address_as or customer.display_name

    @property
    def _reference(self) -> str:
        return self._one.reference

    @property
    def _subject(self) -> str:
        return self._one.subject

    @property
    def _agent(self) -> str:
        return self._by.name

    @property
    def _brand(self) -> str:
        return self._one.brand.name

    @property
    def _today(self) -> str:
        return self._day(0)

    @property
    def _tomorrow(self) -> str:
        return self._day(1)

    def _day(self, later: int) -> str:
        local = self._now.astimezone(ZoneInfo(self._zone)) + timedelta(days=later)
        return forms.day(local.date(), locale=self._locale)

    @cached_property
    def _answer_by(self) -> str:
        clock = Clock.objects.filter(conversation=self._one.pk).first()
        due = clock.next_due_at if clock else None
        if due is None or due < self._now:
            return ""
        return forms.moment(due, zone=self._zone, locale=self._locale)

    @cached_property
    def _phone(self) -> str:
        phones = Identity.objects.phones().filter(customer=self._one.customer_id).order_by("-pk")
        first = phones.first()
        return forms.phone_shown(first.value, country=self._one.whereabouts.market) if first else ""

    @cached_property
    def _address(self) -> str:
        row = PostalAddress.objects.filter(customer=self._one.customer_id).first()
        return "\n".join(forms.address_lines(parts_of(row), country=row.country)) if row else ""
