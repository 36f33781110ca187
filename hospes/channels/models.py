"""Rows of the ways in and out."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hospes.lib.secret_fields import SecretField


class OutgoingServer(models.Model):
    """A mail server that takes our letters, with its sign-in kept encrypted."""

    class Security(models.TextChoices):
        TLS = "tls", _("TLS from the start (port 465)")
        STARTTLS = "starttls", _("STARTTLS (port 587)")
        NONE = "none", _("No encryption")

    id = models.SmallAutoField(primary_key=True)
    site_id = models.SmallIntegerField(default=1)
    host = models.CharField(_("server"), max_length=255)
    port = models.PositiveIntegerField(_("port"), default=587)
    security = models.CharField(
        _("encryption"), max_length=8, choices=Security.choices, default=Security.STARTTLS
    )
    username = models.CharField(_("user name"), max_length=255, blank=True, default="")
    password = SecretField(_("password"), blank=True, default="")

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Channel(models.Model):
    """One configured way in and out of a kind, such as the mailbox support@kaldera.example."""

    class Kind(models.TextChoices):
        EMAIL = "email", _("Mail")

    id = models.SmallAutoField(primary_key=True)
    site_id = models.SmallIntegerField(default=1)
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.EMAIL)
    brand = models.ForeignKey("brands.Brand", on_delete=models.PROTECT, related_name="channels")
    market = models.ForeignKey(
        "markets.Market", null=True, blank=True, on_delete=models.PROTECT, related_name="channels"
    )
    name = models.CharField(_("name"), max_length=80)
    address = models.CharField(_("address"), max_length=320, blank=True, default="")  # lower case
    is_catch_all = models.BooleanField(default=False)  # takes mail to any address
    outgoing_server = models.ForeignKey(
        OutgoingServer, null=True, blank=True, on_delete=models.SET_NULL
    )
    # The one mail server in front of us whose Authentication-Results we believe (RFC 8601).
    trusted_hop = models.CharField(_("trusted mail server"), max_length=255, blank=True, default="")
    reply_domain = models.CharField(
        _("domain of reply addresses"), max_length=255, blank=True, default=""
    )
    has_plus_tags = models.BooleanField(_("answers to plus-tags"), default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["site_id", "kind", "address"],
                name="an_address_belongs_to_one_channel",
                condition=~Q(address=""),
            ),
            models.CheckConstraint(
                name="a_channel_has_an_address_or_takes_any",
                condition=Q(is_catch_all=True) | ~Q(address=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name
