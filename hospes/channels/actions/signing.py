"""Keys that our letters are signed with: made or given, published by the operator, used once the DNS has them."""

from __future__ import annotations

import re
import time
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hospes.channels.actions.connecting import named_host
from hospes.channels.email.signing import NoKey, is_published, make_key, read_key
from hospes.channels.models import SigningKey
from hospes.lib.refusal import Refused

SELECTOR = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
USUAL_SELECTOR = "hospes"
PATIENCE_SECONDS = 4.0


class Found(StrEnum):
    """What the DNS says of a key."""

    THERE = "there"
    OTHER = "other"  # there is one by that name, and it is not this
    MISSING = "missing"
    SILENT = "silent"  # nobody answered


@transaction.atomic
def keep_key(*, domain: str, selector: str = "", private_key: str = "", at: datetime) -> SigningKey:
    """Keep a key for a domain, in place of the one before; made here when none is given.

    Letters are signed with it once the DNS was seen to have it. Raises Refused.
    """
    name = named_host(domain)
    if "." not in name:
        raise Refused(
            _("Give the domain that you write from, such as example.com."), code="no_domain"
        )
    selector = selector.strip().lower() or USUAL_SELECTOR
    if not SELECTOR.fullmatch(selector):
        raise Refused(
            _("A selector has letters, digits and hyphens, such as hospes."), code="no_selector"
        )
    try:
        pem = read_key(private_key) if private_key.strip() else make_key()
    except NoKey as error:
        raise Refused(
            _("This is no private RSA key in PEM form without a password."), code="no_key"
        ) from error
    SigningKey.objects.filter(domain=name).delete()
    return SigningKey.objects.create(domain=name, selector=selector, private_key=pem, created_at=at)


def look_for_key(key: SigningKey, *, at: datetime) -> Found:
    """Ask the DNS for the key and note what it says; signing begins when it has it, and never ends by itself."""
    found = ask_for_key(key)
    key.looked_at = at
    if found is Found.THERE:
        key.found_at, key.is_active = at, True
    key.save(update_fields=["looked_at", "found_at", "is_active"])
    return found


def ask_for_key(key: SigningKey) -> Found:
    """Ask the DNS for the key."""
    from hospes.channels.email.proving.names import (  # costs processes that never ask some megabytes
        Names,
        Resolver,
        Unanswered,
    )

    resolver = Resolver(*settings.RESOLVER) if settings.RESOLVER else Resolver()
    try:
        records = Names(resolver, time.monotonic() + PATIENCE_SECONDS).texts(str(key))
    except Unanswered:
        return Found.SILENT
    if not records:
        return Found.MISSING
    return Found.THERE if is_published(key.private_key, records) else Found.OTHER


def forget_key(key: SigningKey) -> None:
    """Sign no more for this domain."""
    SigningKey.objects.filter(pk=key.pk).delete()
