"""Tell the comparison what it asks of our desk: sessions of its readers, references, a place in the list.

python benchmarks/desk/tell.py
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hospes.config.settings")

import django

django.setup()

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from hospes.conversations.cursors import make_cursor
from hospes.conversations.models import Conversation, InboxRow
from hospes.events.hints import Told, tell
from hospes.team.models import Agent

PAGE_201 = 200 * 50


def session_of(email: str) -> str:
    agent = Agent.objects.get(email=email)
    session = SessionStore()
    session[SESSION_KEY] = str(agent.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = agent.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def main() -> None:
    tell(
        [Told("counts", agent_id=0)], at=timezone.now()
    )  # a desk in use has told its screens something
    conversations = Conversation.objects.filter(pk__gt=0).order_by("pk")
    count = conversations.count()
    step = max(1, count // 997)
    sample = list(
        conversations.filter(message_count__lt=20).values_list("reference", flat=True)[::step]
    )
    long_ones = list(
        conversations.filter(message_count__gte=60).values_list("reference", flat=True)[:20]
    )
    open_rows = InboxRow.objects.filter(status=0).order_by("sort_at", "conversation_id")
    place = min(PAGE_201, max(0, open_rows.count() - 60))
    last = open_rows[place : place + 1].get()
    print(
        json.dumps(
            {
                "conversations": count,
                "bench": session_of("bench@bench.example"),
                "narrow": session_of("narrow@bench.example"),
                "references": sample,
                "long": long_ones or sample[:1],
                "cursor": make_cursor(last.sort_at, last.pk),
            }
        )
    )


if __name__ == "__main__":
    main()
