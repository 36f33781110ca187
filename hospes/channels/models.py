"""Rows of the ways in and out."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
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
    # Or: mail comes from the internet itself, and we find out who sent it.
    receives_itself = models.BooleanField(default=False)
    # Domains that hand mail on to us, whose word counts where their seals hold (ARC); by spaces.
    forwarders = models.TextField("forwarders", blank=True, default="")
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
            models.CheckConstraint(
                name="senders_are_proven_by_us_or_by_one_server",
                condition=Q(receives_itself=False) | Q(trusted_hop=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def can_prove(self) -> bool:
        """Whether anybody finds out here who sent a mail."""
        return self.receives_itself or bool(self.trusted_hop)


def _only_inbox() -> list[str]:
    return ["INBOX"]


class IncomingServer(models.Model):
    """The account on a mail server that a channel's mail is fetched from, by IMAP."""

    class Security(models.TextChoices):
        TLS = "tls", _("TLS from the start (port 993)")
        STARTTLS = "starttls", _("STARTTLS (port 143)")
        NONE = "none", _("No encryption")

    class SignIn(models.TextChoices):
        PASSWORD = "password", _("Password")
        GOOGLE = "google", "Google"
        MICROSOFT = "microsoft", "Microsoft"

    class Afterwards(models.TextChoices):
        """What becomes on the server of a mail that we have."""

        SEEN = "seen", _("It is marked as read")
        LEAVE = "leave", _("Nothing: it stays as it is")
        MOVE = "move", _("It is moved to another folder")
        DELETE = "delete", _("It is deleted there")

    id = models.SmallAutoField(primary_key=True)
    site_id = models.SmallIntegerField(default=1)
    channel = models.OneToOneField(
        Channel, on_delete=models.CASCADE, related_name="incoming_server"
    )
    host = models.CharField(_("server"), max_length=255)
    port = models.PositiveIntegerField(_("port"), default=993)
    security = models.CharField(
        _("encryption"), max_length=8, choices=Security.choices, default=Security.TLS
    )
    username = models.CharField(_("user name"), max_length=255)
    sign_in = models.CharField(max_length=16, choices=SignIn.choices, default=SignIn.PASSWORD)
    password = SecretField(_("password"), blank=True, default="")
    # What the operator registered at Google or Microsoft.
    client_id = models.CharField(max_length=255, blank=True, default="")
    client_secret = SecretField(blank=True, default="")
    tenant = models.CharField(max_length=255, blank=True, default="")
    sign_in_url = models.CharField(max_length=255, blank=True, default="")  # of a national cloud
    folders = ArrayField(models.CharField(max_length=255), default=_only_inbox)
    since = models.DateField()  # what reached the server before that day is never fetched
    afterwards = models.CharField(max_length=8, choices=Afterwards.choices, default=Afterwards.SEEN)
    move_to = models.CharField(max_length=255, blank=True, default="")
    is_active = models.BooleanField(default=True)
    changed_at = models.DateTimeField()  # whoever fetches begins anew then

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="what_is_moved_has_a_folder_to_go_to",
                condition=~Q(afterwards="move") | ~Q(move_to=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.username} ({self.host}:{self.port})"

    @property
    def has_password(self) -> bool:
        """Whether it is signed in with a password, and not with a token."""
        return self.sign_in == self.SignIn.PASSWORD


class ServerToken(models.Model):
    """What Google or Microsoft gave us, so that we may fetch without a password."""

    server = models.OneToOneField(
        IncomingServer, primary_key=True, on_delete=models.CASCADE, related_name="token"
    )
    refresh_token = SecretField(blank=True, default="")
    access_token = SecretField(blank=True, default="")
    access_expires_at = models.DateTimeField(null=True)
    refresh_expires_at = models.DateTimeField(null=True)  # None: they did not say
    granted_at = models.DateTimeField(null=True)  # when a person signed in
    renewed_at = models.DateTimeField(null=True)
    refused = models.TextField(blank=True, default="")  # why they give no more, in their words

    def __str__(self) -> str:
        return f"token of {self.server_id}"
