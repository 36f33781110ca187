"""Rows of what we say again and again."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from hospes.texts.choosing import Reader, in_order


class Text(models.Model):
    """Something we say again and again. What it says stands in its variants; the one in `language` is its source."""

    id = models.AutoField(primary_key=True)
    site_id = models.SmallIntegerField(default=1)
    brand = models.ForeignKey(
        "brands.Brand", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # None: every brand
    name = models.CharField(_("name"), max_length=80)
    shortcut = models.CharField(max_length=24, blank=True, default="")  # what is typed after "/"
    language = models.CharField(max_length=16)  # BCP 47
    source_changed_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)  # since then nobody is offered it
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("name", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["site_id", "name"],
                condition=models.Q(archived_at=None),
                name="text_names_differ",
            ),
            models.UniqueConstraint(
                fields=["site_id", "shortcut"],
                condition=models.Q(archived_at=None) & ~models.Q(shortcut=""),
                name="text_shortcuts_differ",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_in_use(self) -> bool:
        return self.archived_at is None

    def for_reader(self, reader: Reader) -> list[Variant]:
        """The variants this reader can be given, the best first; the source where nothing else fits.

        Asks nothing where `variants` are prefetched.
        """
        variants = list(self.variants.all())
        found = in_order(variants, reader)
        return found or [one for one in variants if one.is_source_of(self)]


class Variant(models.Model):
    """One form of a text: in a language, and perhaps for a market, a form of address or a channel alone."""

    class Formality(models.TextChoices):
        FORMAL = "formal", _("formal")
        INFORMAL = "informal", _("informal")

    id = models.AutoField(primary_key=True)
    text = models.ForeignKey(Text, on_delete=models.CASCADE, related_name="variants")
    language = models.CharField(max_length=16)  # BCP 47
    market = models.CharField(
        max_length=6, blank=True, default=""
    )  # ISO 3166-1 or -2; "" every one
    formality = models.CharField(max_length=8, blank=True, default="", choices=Formality.choices)
    channel = models.CharField(max_length=16, blank=True, default="")  # a kind of channel
    body = models.TextField()
    # Up to which change of the source it says the same.
    checked_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    changed_by_id = models.IntegerField(null=True, blank=True)

    class Meta:
        ordering = ("language", "market", "formality", "channel", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["text", "language", "market", "formality", "channel"],
                name="variants_of_a_text_differ",
            )
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, (self.language, self.market, self.formality, self.channel)))

    def is_source_of(self, text: Text) -> bool:
        return (self.language, self.market, self.formality, self.channel) == (
            text.language,
            "",
            "",
            "",
        )

    def is_stale(self, text: Text) -> bool:
        """Whether the source changed since somebody made sure that this one says the same."""
        return not self.is_source_of(text) and self.checked_at < text.source_changed_at


class Revision(models.Model):
    """What a variant said until somebody changed it."""

    id = models.AutoField(primary_key=True)
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="revisions")
    body = models.TextField()
    until = models.DateTimeField()
    by_id = models.IntegerField(null=True, blank=True)  # who changed it then

    class Meta:
        ordering = ("-until", "-id")

    def __str__(self) -> str:
        return f"{self.variant} until {self.until:%Y-%m-%d}"
