"""What operators say of service levels, and agents of the matter of a conversation."""

from __future__ import annotations

from typing import Any

from babel.numbers import get_currency_precision
from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hospes.channels.models import Channel
from hospes.conversations.models import Conversation, Priority
from hospes.markets.models import Market
from hospes.servicelevels.models import MAX_MINUTES, MAX_WAITING_SECONDS, ServiceLevel
from hospes.workspace.forms import StyledForm

CONDITIONS = ("tiers", "topics", "products")


def _markets() -> list[tuple[str, str]]:
    return sorted(((one.code, one.name) for one in Market.objects.all()), key=lambda pair: pair[1])


def _channels() -> list[tuple[int, str]]:
    return [(one.pk, one.name) for one in Channel.objects.filter(is_active=True)]


def _minutes(label: Any, hint: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=1, max_value=MAX_MINUTES, help_text=hint
    )


def _words(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=1000, help_text=_("Several are parted by commas.")
    )


class MoneyFields(StyledForm):
    """An amount as people write it, kept in minor units of its currency."""

    amount = forms.DecimalField(label=_("Value"), required=False, min_value=0, max_digits=15)
    currency = forms.CharField(
        label=_("Currency"), required=False, max_length=3,
        widget=forms.TextInput(attrs={"dir": "ltr", "placeholder": "EUR"}),
    )  # fmt: skip

    @property
    def minor(self) -> int | None:
        amount = self.cleaned_data["amount"]
        return None if amount is None else int(amount * 10 ** get_currency_precision(self.code))

    @property
    def code(self) -> str:
        return str(self.cleaned_data["currency"]).strip().upper()


def _as_written(minor: int | None, currency: str) -> str:
    if minor is None:
        return ""
    digits = get_currency_precision(currency)
    return f"{minor / 10**digits:.{digits}f}"


class LevelForm(MoneyFields):
    field_order = ("name",)
    name = forms.CharField(label=_("Name"), max_length=80)
    first_reply_minutes = _minutes(
        _("First reply within so many minutes"), _("Working time. Left empty, none is owed.")
    )
    next_reply_minutes = _minutes(_("Next reply within so many minutes"))
    resolution_minutes = _minutes(_("Resolution within so many minutes"))
    waiting_seconds = forms.IntegerField(
        label=_("Somebody there within so many seconds"),
        required=False,
        min_value=1,
        max_value=MAX_WAITING_SECONDS,
        help_text=_("Who takes it or says anything is there, also with a holding reply."),
    )
    warn_percent = forms.IntegerField(
        label=_("Warn when so many percent of the time are left"), initial=25, min_value=1, max_value=90
    )  # fmt: skip
    pauses_while_customer_owes = forms.BooleanField(
        label=_("Also pause while the customer owes the answer"), required=False
    )
    tiers = _words(_("Tiers of contracts"))
    market_codes = forms.MultipleChoiceField(
        label=_("Markets"), required=False, choices=_markets, widget=forms.CheckboxSelectMultiple
    )
    channel_ids = forms.TypedMultipleChoiceField(
        label=_("Channels"), required=False, choices=_channels, coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    priorities = forms.TypedMultipleChoiceField(
        label=_("Priorities"), required=False, choices=Priority.choices, coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    topics = _words(_("Topics"))
    products = _words(_("Products"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].label = _("Worth at least")
        self.order_fields([one for one in self.fields if one not in {"amount", "currency"}])

    @property
    def given(self) -> dict[str, Any]:
        """What the action takes."""
        said = dict(self.cleaned_data)
        for name in CONDITIONS:
            said[name] = [word.strip()[:80] for word in said[name].split(",") if word.strip()]
        return {**said, "min_value_minor": self.minor, "value_currency": self.code}

    @classmethod
    def of(cls, level: ServiceLevel) -> LevelForm:
        initial = {name: getattr(level, name, None) for name in cls.base_fields}
        for name in CONDITIONS:
            initial[name] = ", ".join(getattr(level, name))
        initial["amount"] = _as_written(level.min_value_minor, level.value_currency)
        initial["currency"] = level.value_currency
        return cls(initial=initial)


class MatterForm(MoneyFields):
    field_order = ("priority", "topic", "product", "amount", "currency")
    priority = forms.TypedChoiceField(label=_("Priority"), choices=Priority.choices, coerce=int)
    topic = forms.CharField(label=_("Topic"), required=False, max_length=80)
    product = forms.CharField(
        label=pgettext_lazy("bought", "Product"), required=False, max_length=80
    )

    @property
    def changes(self) -> dict[str, Any]:
        """What the action takes."""
        said = {name: self.cleaned_data[name] for name in ("priority", "topic", "product")}
        return {**said, "value_minor": self.minor, "value_currency": self.code}

    @classmethod
    def of(cls, one: Conversation) -> MatterForm:
        return cls(
            initial={
                "priority": one.priority,
                "topic": one.topic,
                "product": one.product,
                "amount": _as_written(one.value_minor, one.value_currency),
                "currency": one.value_currency,
            }
        )
