"""Secrets of others (passwords, tokens) encrypted at rest; the key lies outside the database."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import models


def _fernet() -> Fernet:
    digest = hashlib.sha256(b"hospes.secret_fields:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


class SecretField(models.TextField):  # type: ignore[type-arg]
    """Text that the database only ever sees encrypted.

    Reads as "" when the installation's key is another one than at writing: the person enters the
    secret again, everything else works.
    """

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return _fernet().encrypt(text.encode()).decode("ascii") if text else text

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        if not value:
            return value
        try:
            return _fernet().decrypt(value.encode("ascii")).decode()
        except (InvalidToken, UnicodeError):
            return ""
