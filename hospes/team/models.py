"""Rows of our own people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Role(models.TextChoices):
    AGENT = "agent", _("Agent")
    LEAD = "lead", _("Lead")
    OPERATOR = "operator", _("Operator")


LEADS = (Role.LEAD.value, Role.OPERATOR.value)  # who watches over people and time


class Theme(models.TextChoices):
    SYSTEM = "", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Hub(models.Model):
    """A place where agents sit, with its clock."""

    id = models.SmallAutoField(primary_key=True)
    site_id = models.SmallIntegerField(default=1)
    name = models.CharField(_("name"), max_length=80)
    zone = models.CharField(_("time zone"), max_length=64, default="UTC")

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name

    @property
    def clock(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


class Team(models.Model):
    """Agents who share queues, across hubs."""

    id = models.SmallAutoField(primary_key=True)
    site_id = models.SmallIntegerField(default=1)
    name = models.CharField(_("name"), max_length=80)
    calendar = models.ForeignKey(
        "markets.Calendar", null=True, blank=True, on_delete=models.PROTECT, related_name="teams"
    )

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name


class AgentManager(BaseUserManager["Agent"]):
    def get_by_natural_key(self, username: str | None) -> Agent:
        return self.get(email__iexact=username)


class Agent(AbstractBaseUser):
    """One of us with a seat: answers, watches over people and time, or sets the system up."""

    site_id = models.SmallIntegerField(default=1)
    email = models.EmailField(_("mail address"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    role = models.CharField(_("role"), max_length=8, choices=Role.choices, default=Role.AGENT)
    hub = models.ForeignKey(Hub, null=True, blank=True, on_delete=models.SET_NULL)
    language = models.CharField(_("language"), max_length=16, default="en")
    zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    theme = models.CharField(
        _("theme"), max_length=8, choices=Theme.choices, blank=True, default=""
    )
    text_size_px = models.SmallIntegerField(
        _("text size"), default=14, choices=[(14, "14"), (16, "16"), (18, "18")]
    )
    single_keys = models.BooleanField(_("single-key shortcuts"), default=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    hubs_led: Sequence[tuple[str, str]] = ()  # of a lead who asks: names and zones, for the frame

    objects = AgentManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name

    @property
    def is_operator(self) -> bool:
        return self.role == Role.OPERATOR

    @property
    def is_lead(self) -> bool:
        return self.role in LEADS

    @property
    def clock(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def initials(self) -> str:
        """Two letters of a name in an alphabet, one sign of a name in another script."""
        parts = self.name.split()
        if not parts:
            return "?"
        if not parts[0][0].isascii() and parts[0][0].lower() == parts[0][0].upper():
            return parts[0][0]
        return "".join(part[0] for part in (parts[0], parts[-1])[: len(parts)]).upper()

    # Django's own permission checks are not used: access is by queue and role (access.py of a surface).
    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.is_active and self.is_operator

    def has_perms(self, perms: Iterable[str], obj: Any = None) -> bool:
        return self.is_active and self.is_operator


class Invitation(models.Model):
    """A link that lets somebody in once. Only its hash is kept."""

    agent = models.ForeignKey(  # None: whoever sets the desk up
        Agent, null=True, on_delete=models.CASCADE, related_name="invitations"
    )
    sha256 = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"invitation {self.pk}"
