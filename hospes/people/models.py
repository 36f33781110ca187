"""Rows of customers and how to reach them."""

from __future__ import annotations

from datetime import time
from enum import IntEnum

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from hospes.people.whereabouts import By, Hint, Whereabouts, whereabouts

# One sign of Han, kana or Hangul, each of which may be a whole word; read by Python and PostgreSQL alike.
SIGN = (
    "[\u3005\u3006\u3041-\u3096\u30a1-\u30fa\u3131-\u318e\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff]"
)


class Contract(models.Model):
    """What was agreed with a customer, or with many: the tier of their care, and when it is given."""

    id = models.AutoField(primary_key=True)
    site_id = models.SmallIntegerField(default=1)
    name = models.CharField(_("name"), max_length=80)
    tier = models.CharField(max_length=80, blank=True, default="")
    # Where it is fulfilled; None: it does not say.
    market = models.ForeignKey(
        "markets.Market", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    calendar = models.ForeignKey(
        "markets.Calendar",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="contracts",
    )
    ended_at = models.DateTimeField(null=True, blank=True)  # since then nothing of it counts

    class Meta:
        ordering = ("name", "id")
        constraints = [
            models.UniqueConstraint(fields=["site_id", "name"], name="contract_names_differ")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_in_force(self) -> bool:
        return self.ended_at is None


class Customer(models.Model):
    """A person outside who asks or is cared for; the name is one, never cut into parts by rule.

    Its parts, how they are addressed and when one may write to them are what they told us: empty where they did not.
    """

    class Form(models.TextChoices):
        FORMAL = "formal", _("Formal")
        INFORMAL = "informal", _("Informal")
        NEUTRAL = "neutral", _("Neutral")

    class Honorific(models.TextChoices):
        """What stands before or behind the name in their language; never guessed."""

        MALE = "male", _("Mr")
        FEMALE = "female", _("Ms")
        NEUTRAL = "neutral", _("Neutral")

    class CountryBy(IntEnum):
        """What tells the country they are in."""

        NOTHING = 0
        PHONE = 1
        ADDRESS = 2

    site_id = models.SmallIntegerField(default=1)
    display_name = models.CharField(_("name"), max_length=200)
    address_as = models.CharField(_("address as"), max_length=200, blank=True, default="")
    reading = models.CharField(_("reading"), max_length=200, blank=True, default="")
    language = models.CharField(_("language"), max_length=16, blank=True, default="")  # BCP 47
    market = models.ForeignKey("markets.Market", null=True, blank=True, on_delete=models.SET_NULL)
    zone = models.CharField(_("time zone"), max_length=64, blank=True, default="")
    contract = models.ForeignKey(Contract, null=True, blank=True, on_delete=models.SET_NULL)
    about = models.TextField(_("about this customer"), blank=True, default="")
    given_name = models.CharField(max_length=200, blank=True, default="", db_default="")
    family_name = models.CharField(max_length=200, blank=True, default="", db_default="")
    academic_title = models.CharField(max_length=40, blank=True, default="", db_default="")
    form_of_address = models.CharField(
        max_length=8, choices=Form.choices, blank=True, default="", db_default=""
    )
    honorific = models.CharField(
        max_length=8, choices=Honorific.choices, blank=True, default="", db_default=""
    )
    # Their own hours on their own clock; until before from: over midnight.
    reach_from = models.TimeField(null=True, blank=True)
    reach_until = models.TimeField(null=True, blank=True)
    # Where a phone number or an address of theirs is: kept by whoever changes one of these.
    country = models.CharField(max_length=2, blank=True, default="", db_default="")
    country_area = models.CharField(max_length=8, blank=True, default="", db_default="")
    country_by = models.SmallIntegerField(default=0, db_default=0)  # CountryBy
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            GinIndex(OpClass(Lower("display_name"), name="gin_trgm_ops"), name="customer_find"),
            # The single signs of names in scripts where one sign is a word: see finding.py.
            GinIndex(
                models.Func(Lower("display_name"), models.Value(None), function="string_to_array"),
                name="customer_find_by_sign",
                condition=models.Q(display_name__regex=SIGN),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="own_hours_have_both_ends",
                condition=models.Q(reach_from=None, reach_until=None)
                | models.Q(reach_from__isnull=False, reach_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def own_hours(self) -> tuple[time, time] | None:
        """From when until when they want to be written to, on their clock; None: they did not say."""
        if self.reach_from is None or self.reach_until is None:
            return None
        return self.reach_from, self.reach_until

    @property
    def contract_in_force(self) -> Contract | None:
        """What was agreed with them and has not ended: of a contract that did, nothing counts."""
        agreed = self.contract if self.contract_id else None
        return agreed if agreed is not None and agreed.is_in_force else None

    @property
    def hints(self) -> list[Hint]:
        """What they themselves tell of where they are, the surest first."""
        chosen = (self.market.code, self.market.zone) if self.market else ("", "")
        contract = self.contract_in_force
        agreed = contract.market if contract else None
        told_by = {self.CountryBy.PHONE: By.PHONE, self.CountryBy.ADDRESS: By.ADDRESS}
        evident = told_by.get(self.CountryBy(self.country_by), By.NOTHING)
        return [
            Hint(By.CHOICE, chosen[0], self.zone or chosen[1]),
            Hint(By.CONTRACT, agreed.code, agreed.zone) if agreed else Hint(By.CONTRACT),
            Hint(evident, self.country),
        ]

    def whereabouts(self, *others: Hint) -> Whereabouts:
        """Return where they are as far as we know. others: what tells when they themselves do not."""
        return whereabouts([*self.hints, *others], area=self.country_area, area_of=self.country)


class IdentityQuerySet(models.QuerySet["Identity"]):
    def mail(self) -> IdentityQuerySet:
        return self.filter(kind=Identity.Kind.EMAIL)

    def phones(self) -> IdentityQuerySet:
        return self.filter(kind=Identity.Kind.PHONE)


class Identity(models.Model):
    """One claimed or proven way to reach a customer."""

    class Kind(models.IntegerChoices):
        EMAIL = 1, _("Mail address")
        PHONE = 2, _("Phone number")

    site_id = models.SmallIntegerField(default=1)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identities")
    kind = models.SmallIntegerField(choices=Kind.choices, default=Kind.EMAIL)
    # Mail: lower case, domain in Unicode. Phone: E.164.
    value = models.CharField(max_length=320)
    verified_at = models.DateTimeField(null=True, blank=True)  # None: claimed, never proven
    # Letters that came back for good, since the customer last wrote or an agent last tried again.
    hard_bounces = models.SmallIntegerField(default=0, db_default=0)
    suppressed_at = models.DateTimeField(null=True, blank=True)  # since then no letter goes there

    objects = IdentityQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site_id", "kind", "value"], name="an_identity_belongs_to_one_customer"
            )
        ]
        indexes = [
            GinIndex(OpClass("value", name="gin_trgm_ops"), name="identity_find"),
        ]

    def __str__(self) -> str:
        return self.value

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None


class PostalAddress(models.Model):
    """Where a customer lives or works, in the parts that addresses of its country have."""

    customer = models.OneToOneField(
        Customer, primary_key=True, on_delete=models.CASCADE, related_name="postal_address"
    )
    country = models.CharField(max_length=2)  # ISO 3166-1 alpha-2
    company_name = models.CharField(max_length=200, blank=True, default="")
    street_address = models.CharField(max_length=400, blank=True, default="")
    city_area = models.CharField(max_length=200, blank=True, default="")
    city = models.CharField(max_length=200, blank=True, default="")
    country_area = models.CharField(max_length=200, blank=True, default="")
    postal_code = models.CharField(max_length=40, blank=True, default="")
    sorting_code = models.CharField(max_length=40, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.city} ({self.country})" if self.city else self.country
