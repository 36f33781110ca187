"""Fill django-helpdesk with COPY up to a number of tickets, and give it agents who can sign in."""

import os
import random
import sys
import uuid
from pathlib import Path

HERE = Path(__file__).parent
FIRST = 100_000  # threads below are fed as mail
sys.path[:0] = [str(HERE), str(HERE.parent)]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")

import django

django.setup()

import corpus
from django.contrib.auth.models import User
from django.db import connection
from helpdesk.models import Queue, UserSettings


def agents() -> list[int]:
    for number in range(10):
        User.objects.get_or_create(
            username=f"agent{number}",
            defaults={"email": f"agent{number}@bench.example", "is_staff": True},
        )
    bench, made = User.objects.get_or_create(
        username="bench",
        defaults={"email": "bench@bench.example", "is_staff": True, "is_superuser": True},
    )
    if made:
        bench.set_password("bench")
        bench.save()
    for user in User.objects.all():
        UserSettings.objects.get_or_create(user=user)
    return list(User.objects.filter(username__startswith="agent").values_list("id", flat=True))


def queues() -> list[int]:
    for number in range(5):
        Queue.objects.get_or_create(
            slug=f"q{number}",
            defaults={"title": f"Queue {number}", "email_address": f"q{number}@bench.example"},
        )
    return list(Queue.objects.filter(slug__regex="^q[0-9]$").values_list("id", flat=True))


def fill(wanted: int) -> None:
    people, boxes = agents(), queues()
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(max(id), 0), count(*) from helpdesk_ticket")
        last, there = cursor.fetchone()
        tickets, said = [], []
        for thread in corpus.Corpus().threads(max(0, wanted - there), first=FIRST + there):
            last += 1
            draw = random.Random(thread.number)
            agent = draw.choice([*people, None, None, None])
            status = draw.choices([1, 2, 3, 4], [25, 5, 20, 50])[0]
            tickets.append(
                (
                    last,
                    thread.subject[:200],
                    thread.said[0].at,
                    thread.said[-1].at,
                    thread.address,
                    status,
                    False,
                    thread.said[0].text,
                    3,
                    agent,
                    draw.choice(boxes),
                    str(uuid.UUID(int=draw.getrandbits(128))),
                )
            )
            said += [
                (
                    last,
                    m.at,
                    f"E-Mail Received from {thread.address}",
                    m.text,
                    True,
                    agent if m.position % 2 else None,
                    m.message_id,
                )
                for m in thread.said
            ]
            if len(tickets) == 2000:
                copy(cursor, tickets, said)
                tickets, said = [], []
        copy(cursor, tickets, said)
        cursor.execute(
            "select setval(pg_get_serial_sequence('helpdesk_ticket', 'id'), greatest(1, (select max(id) from helpdesk_ticket)))"
        )
    connection.connection.autocommit or connection.commit()
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")


def copy(cursor, tickets, said) -> None:
    with cursor.copy(
        "copy helpdesk_ticket (id, title, created, modified, submitter_email, status, on_hold, description, priority,"
        " assigned_to_id, queue_id, secret_key) from stdin"
    ) as rows:
        for row in tickets:
            rows.write_row(row)
    with cursor.copy(
        "copy helpdesk_followup (ticket_id, date, title, comment, public, user_id, message_id) from stdin"
    ) as rows:
        for row in said:
            rows.write_row(row)


if __name__ == "__main__":
    fill(int(sys.argv[1]))
