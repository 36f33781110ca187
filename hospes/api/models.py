"""Rows of programs that may ask, and of answers given once."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Token(models.Model):
    """A program's key; acts as one agent, within the scopes given. Only its hash is kept."""

    name = models.CharField(_("name"), max_length=80)
    agent = models.ForeignKey("team.Agent", on_delete=models.CASCADE, related_name="tokens")
    prefix = models.CharField(max_length=12)  # shown in lists, to tell tokens apart
    sha256 = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=32))
    created_at = models.DateTimeField()
    last_used_on = models.DateField(null=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name


class IdempotencyKey(models.Model):
    """An answer given once: the same key asks again, the same answer comes back."""

    token = models.ForeignKey(Token, on_delete=models.CASCADE, db_index=False, related_name="+")
    key = models.CharField(max_length=255)
    request_sha256 = models.CharField(max_length=64)
    status = models.SmallIntegerField(null=True)  # None: still being answered
    body = models.BinaryField(null=True)
    content_type = models.CharField(max_length=127, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token", "key"], name="a_key_is_answered_once")
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_key_age")]

    def __str__(self) -> str:
        return self.key


class Bucket(models.Model):
    """What a token, or an address that shows wrong ones, may still ask for: see limits.py."""

    name = models.CharField(max_length=80, primary_key=True)
    level = models.FloatField()
    as_of = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["as_of"], name="bucket_age")]

    def __str__(self) -> str:
        return self.name
