"""Rows of the faces customers see."""

from __future__ import annotations

import secrets
import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


def new_key() -> bytes:
    return secrets.token_bytes(32)


class Site(models.Model):
    """One company on this installation; today there is one, its id is 1.

    The keys live here, not in the settings: references given out and reply addresses printed
    in customers' mails must stay valid when a backup is restored elsewhere.
    """

    id = models.SmallAutoField(primary_key=True)
    install_id = models.UUIDField(default=uuid.uuid4, editable=False)
    reference_key = models.BinaryField(default=new_key, editable=False)
    mail_key = models.BinaryField(default=new_key, editable=False)
    set_up_at = models.DateTimeField(null=True, blank=True)  # None: nobody has gone through set-up
    # Set by a restore: a copy of a desk must not write to customers until somebody says that it may.
    sending_held_since = models.DateTimeField(null=True, blank=True)
    # When so many letters had left by themselves within an hour that none leaves for the next.
    automatic_stopped_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"site {self.pk}"

    @property
    def is_set_up(self) -> bool:
        return self.set_up_at is not None


class Brand(models.Model):
    """A name and voice towards customers."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="brands", default=1)
    name = models.CharField(_("name"), max_length=80)
    signature = models.TextField(_("signature"), blank=True, default="")
    language = models.CharField(_("main language"), max_length=16, default="en")  # BCP 47
    # Anybody may open the page that says how to reach it.
    shows_contact = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["site", "name"], name="brand_names_differ_within_a_site"
            )
        ]

    def __str__(self) -> str:
        return self.name
