"""What is known of files beside where they lie."""

from __future__ import annotations

from django.db import models


class FileCheck(models.Model):
    """What the virus scanner says of a file, by what the file holds.

    There is none where no scanner is set, and for files that nobody has asked it about yet.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        CLEAN = "clean"
        FOUND = "found"  # a virus
        UNREAD = "unread"  # the scanner could not look into it

    sha256 = models.CharField(max_length=64, unique=True)
    message_id = models.BigIntegerField(null=True)  # that brought it first
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    told = models.CharField(
        max_length=200, blank=True, default=""
    )  # the virus, or why it is unread
    tries = models.SmallIntegerField(default=0)
    at = models.DateTimeField()  # of the state

    class Meta:
        indexes = [
            models.Index(
                fields=["tries", "id"],
                name="filecheck_waiting",
                condition=models.Q(state="waiting"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.sha256}: {self.state}"
