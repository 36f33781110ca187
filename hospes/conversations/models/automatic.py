"""How much this desk may still send by itself."""

from __future__ import annotations

from django.db import models


class AutomaticPlace(models.Model):
    """A place that a letter of the desk's own has taken; whoever has no place left gets no letter.

    A budget has as many places as letters may leave within its time. Each is taken once until it is free again, so
    no number of processes exceeds it, within any hour or day.
    """

    # Whose budget: a keyed hash, from which nobody can tell an address (`budget.py`).
    key = models.BinaryField(max_length=16)
    place = models.SmallIntegerField()
    until = models.DateTimeField()  # then it is free again

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "place"], name="a_place_is_taken_once")
        ]
        indexes = [models.Index(fields=["until"], name="automatic_places_free")]

    def __str__(self) -> str:
        return f"place {self.place} until {self.until}"
