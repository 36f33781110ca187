"""Rows of customers and how to reach them."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

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
    tier = models.CharField(_("tier"), max_length=80, blank=True, default="")
    calendar = models.ForeignKey(
        "markets.Calendar",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="contracts",
    )

    class Meta:
        ordering = ("name", "id")
        constraints = [
            models.UniqueConstraint(fields=["site_id", "name"], name="contract_names_differ")
        ]

    def __str__(self) -> str:
        return self.name


class Customer(models.Model):
    """A person outside who asks or is cared for; the name is one, never cut into parts by rule."""

    site_id = models.SmallIntegerField(default=1)
    display_name = models.CharField(_("name"), max_length=200)
    address_as = models.CharField(_("address as"), max_length=200, blank=True, default="")
    reading = models.CharField(_("reading"), max_length=200, blank=True, default="")
    language = models.CharField(_("language"), max_length=16, blank=True, default="")  # BCP 47
    market = models.ForeignKey("markets.Market", null=True, blank=True, on_delete=models.SET_NULL)
    zone = models.CharField(_("time zone"), max_length=64, blank=True, default="")
    contract = models.ForeignKey(Contract, null=True, blank=True, on_delete=models.SET_NULL)
    # When this customer can be reached or is to be served, where it was agreed so; few have one.
    calendar = models.ForeignKey(
        "markets.Calendar", null=True, blank=True, on_delete=models.PROTECT,
        related_name="customers", db_index=False,
    )  # fmt: skip
    about = models.TextField(_("about this customer"), blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["calendar"],
                name="customer_calendar",
                condition=models.Q(calendar__isnull=False),
            ),
            GinIndex(OpClass(Lower("display_name"), name="gin_trgm_ops"), name="customer_find"),
            # The single signs of names in scripts where one sign is a word: see finding.py.
            GinIndex(
                models.Func(Lower("display_name"), models.Value(None), function="string_to_array"),
                name="customer_find_by_sign",
                condition=models.Q(display_name__regex=SIGN),
            ),
        ]

    def __str__(self) -> str:
        return self.display_name


class Identity(models.Model):
    """One claimed or proven way to reach a customer."""

    class Kind(models.IntegerChoices):
        EMAIL = 1, _("Mail address")

    site_id = models.SmallIntegerField(default=1)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identities")
    kind = models.SmallIntegerField(choices=Kind.choices, default=Kind.EMAIL)
    value = models.CharField(max_length=320)  # mail: lower case, domain in Unicode
    verified_at = models.DateTimeField(null=True, blank=True)  # None: claimed, never proven
    # Letters that came back for good, since the customer last wrote or an agent last tried again.
    hard_bounces = models.SmallIntegerField(default=0, db_default=0)
    suppressed_at = models.DateTimeField(null=True, blank=True)  # since then no letter goes there

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
