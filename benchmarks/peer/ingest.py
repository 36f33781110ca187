"""Raw mails to tickets, one worker, through the function that every mailbox of django-helpdesk calls."""

import json
import logging
import os
import resource
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")

import django

django.setup()

import processes
from django.db import connection
from django.utils.encoding import force_str
from helpdesk.email import extract_email_metadata
from helpdesk.models import FollowUp, Queue, Ticket

statements = 0


def counting(execute, sql, params, many, context):
    global statements
    statements += 1
    return execute(sql, params, many, context)


def main(folder: str, first: int, count: int, postmaster: int) -> None:
    queue, _ = Queue.objects.get_or_create(
        slug="mail",
        defaults={
            "title": "Mail",
            "email_address": "support@bench.example",
            "allow_email_submission": True,
            "email_box_type": "local",
            "new_ticket_cc": "",
            "updated_ticket_cc": "",
        },
    )
    logger = logging.getLogger("helpdesk.comparison")
    logger.setLevel(logging.CRITICAL)
    bodies = [
        path.read_bytes() for path in sorted(Path(folder).glob("*.eml"))[first : first + count]
    ]
    failed, before = 0, (Ticket.objects.count(), FollowUp.objects.count())
    start, cpu = time.perf_counter(), sum(os.times()[:2])
    postgres = processes.backend_seconds(postmaster, os.environ["PEER_DB"])
    with connection.execute_wrapper(counting):
        for body in bodies:
            try:
                extract_email_metadata(force_str(body, errors="replace"), queue, logger)
            except Exception:
                failed += 1
    wall, spent = time.perf_counter() - start, sum(os.times()[:2]) - cpu
    postgres = processes.backend_seconds(postmaster, os.environ["PEER_DB"]) - postgres
    print(
        json.dumps(
            {
                "mails": len(bodies),
                "failed": failed,
                "per_second": len(bodies) / wall,
                "cpu_ms": 1000 * spent / len(bodies),
                "postgres_ms": 1000 * postgres / len(bodies),
                "statements": statements / len(bodies),
                "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "tickets": Ticket.objects.count() - before[0],
                "followups": FollowUp.objects.count() - before[1],
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]))
