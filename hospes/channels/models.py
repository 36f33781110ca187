"""Rows of the ways in and out."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hospes.lib.secret_fields import SecretField


class OutgoingServer(models.Model):
    """Who takes our letters: a mail server, or an account at a provider. What signs in is kept encrypted."""

    class Kind(models.TextChoices):
        SMTP = "smtp", _("Mail server (SMTP)")
        MAILGUN = "mailgun", "Mailgun"
        POSTMARK = "postmark", "Postmark"
        SES = "ses", "Amazon SES"
        SENDGRID = "sendgrid", "SendGrid"
        BREVO = "brevo", "Brevo"
        RESEND = "resend", "Resend"

    class Security(models.TextChoices):
        TLS = "tls", _("TLS from the start (port 465)")
        STARTTLS = "starttls", _("STARTTLS (port 587)")
        NONE = "none", _("No encryption")

    id = models.SmallAutoField(primary_key=True)
    site_id = models.SmallIntegerField(default=1)
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.SMTP)
    # Takes over where that one is not reached, lowest position first; None: a way out of its own.
    stands_in_for = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="stand_ins"
    )
    position = models.SmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    host = models.CharField(_("server"), max_length=255, blank=True)  # "" for a provider
    port = models.PositiveIntegerField(_("port"), default=587)
    security = models.CharField(
        _("encryption"), max_length=8, choices=Security.choices, default=Security.STARTTLS
    )
    username = models.CharField(_("user name"), max_length=255, blank=True, default="")
    password = SecretField(_("password"), blank=True, default="")  # or the key of a provider
    # Of a provider: its name for our part of it (a domain at Mailgun, a region at Amazon), where it answers
    # when not at its usual address, and what proves that a webhook comes from it.
    account = models.CharField(max_length=255, blank=True, default="")
    api_url = models.CharField(max_length=255, blank=True, default="")
    hook_secret = SecretField(blank=True, default="")  # ours, in the address it calls
    signing_key = SecretField(blank=True, default="")  # theirs, where they sign

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_server_stands_in_for_another", condition=~Q(stands_in_for=F("id"))
            ),
            models.CheckConstraint(
                name="a_mail_server_has_a_name", condition=~Q(kind="smtp") | ~Q(host="")
            ),
        ]

    def __str__(self) -> str:
        if self.is_provider:
            return (
                f"{self.get_kind_display()} ({self.account})"
                if self.account
                else self.get_kind_display()
            )
        return f"{self.host}:{self.port}"

    @property
    def is_provider(self) -> bool:
        return self.kind != self.Kind.SMTP


class OutgoingState(models.Model):
    """How an outgoing server does: written when it begins to fail, when it works again, and when it has another certificate."""

    server = models.OneToOneField(
        OutgoingServer, primary_key=True, on_delete=models.CASCADE, related_name="state"
    )
    failing_since = models.DateTimeField(null=True)
    words = models.TextField(blank=True, default="")  # the server's own
    retry_at = models.DateTimeField(null=True)  # left alone until then
    certificate_expires_at = models.DateTimeField(null=True)  # as seen last

    def __str__(self) -> str:
        return f"state of {self.server_id}"


class SigningKey(models.Model):
    """The key that our letters from one domain are signed with (DKIM), and whether the DNS has its other half."""

    id = models.SmallAutoField(primary_key=True)
    site_id = models.SmallIntegerField(default=1)
    domain = models.CharField(max_length=255)  # lower case, ASCII
    selector = models.CharField(max_length=63)
    private_key = SecretField()  # PEM
    is_active = models.BooleanField(default=False)
    looked_at = models.DateTimeField(null=True)  # in the DNS
    found_at = models.DateTimeField(null=True)  # and it was there, last
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site_id", "domain"], name="a_domain_signs_with_one_key"
            )
        ]

    def __str__(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"


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
    calendar = models.ForeignKey(
        "markets.Calendar", null=True, blank=True, on_delete=models.PROTECT, related_name="channels"
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
    # Addresses that forms on our own pages send from: whoever filled one in wrote the mail; by spaces.
    contact_forms = models.TextField("contact forms", blank=True, default="")
    reply_domain = models.CharField(
        _("domain of reply addresses"), max_length=255, blank=True, default=""
    )
    has_plus_tags = models.BooleanField(_("answers to plus-tags"), default=False)
    # How many letters may leave in any minute, in any hour; None: as many as there are.
    per_minute = models.PositiveIntegerField(null=True, blank=True)
    per_hour = models.PositiveIntegerField(null=True, blank=True)
    # What leaves is also laid into the Sent folder of the mailbox that its mail is fetched from.
    keeps_copies = models.BooleanField(default=False)
    # Whoever writes a first letter is told at once that we have it; and how long answers usually take, where
    # somebody said so: a desk promises nothing by itself.
    acknowledges = models.BooleanField(default=False)
    usual_hours = models.PositiveSmallIntegerField(null=True, blank=True)
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


class Departure(models.Model):
    """A letter that left a channel which may send only so many; kept for an hour."""

    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, db_index=False, related_name="departures"
    )
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["channel", "at"], name="departures_of_a_channel")]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.at}"


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

    @property
    def takes_code(self) -> bool:
        """Whether a code typed in elsewhere signs in to it: Google lets nobody read a mailbox by one."""
        return self.sign_in == self.SignIn.MICROSOFT


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
