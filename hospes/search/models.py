"""Rows that answer what was ever said about something."""

from __future__ import annotations

from django.contrib.postgres.search import SearchVectorField
from django.db import models


class SearchDocument(models.Model):
    """One message as search sees it. The table is cut into parts by message number.

    It has no key on purpose: an index on the message number would let PostgreSQL walk all messages
    backwards for a word that nobody ever wrote.
    """

    PART = 131_072  # messages in one part

    message_id = models.BigIntegerField(primary_key=True)
    conversation_id = models.BigIntegerField()
    queue_id = models.SmallIntegerField()
    at = models.DateTimeField()
    rules = models.SmallIntegerField()  # version of tokens.py
    tokens = SearchVectorField()

    class Meta:
        managed = False
        db_table = "search_document"

    def __str__(self) -> str:
        return f"document {self.pk}"
