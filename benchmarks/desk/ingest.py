"""Raw mails to messages: one worker of ours, with its parser, from the commit at the door to the last one understood.

python benchmarks/desk/ingest.py MAILS FIRST COUNT POSTMASTER [proved]

proved: each mail is signed by its sender's domain, and the desk finds out who sent it (SPF, DKIM, DMARC), asking a
server of names on this machine, in a process of its own.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1])]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hospes.config.settings")

import django

django.setup()

import processes
import psycopg
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.module_loading import import_string

from hospes.channels.models import Channel
from hospes.conversations.models import Conversation, Message
from hospes.events import consuming
from hospes.intake import worker
from hospes.intake.actions.storing import Delivery, store_all
from hospes.intake.counters import counters

WARM = 20  # mails before the clock starts: the parser and the plans are there then


PEER = "192.0.2.7"  # who brings them all, and may send for none of their domains


def main(folder: str, first: int, count: int, postmaster: int, proved: str = "") -> None:
    paths = sorted(Path(folder).glob("*.eml"))[first : first + count]
    bodies = [path.read_bytes() for path in paths]
    if not proved:
        measure(bodies, postmaster)
        return
    bodies, records = signed_by_their_domains(bodies)
    before = Channel.objects.values("trusted_hop", "receives_itself").get()
    Channel.objects.update(trusted_hop="", receives_itself=True)
    try:
        with server_of_names(records) as port:
            settings.RESOLVER = ("127.0.0.1", port)
            measure(bodies, postmaster)
    finally:
        Channel.objects.update(**before)


def signed_by_their_domains(
    bodies: list[bytes],
) -> tuple[list[bytes], dict[str, dict[str, list[str]]]]:
    from tests.zone import domain, signed

    made, records = [], {}
    for body in bodies:
        sender = parseaddr(str(BytesHeaderParser().parsebytes(body)["From"]))[1]
        name = sender.rpartition("@")[2]
        records |= domain(name)
        made.append(signed(body, name))
    return made, records


@contextmanager
def server_of_names(records: dict[str, dict[str, list[str]]]) -> Iterator[int]:
    apart = multiprocessing.get_context("spawn")
    here, there = apart.Pipe()
    serving = apart.Process(target=serve_names, args=(records, there), daemon=True)
    serving.start()
    try:
        yield here.recv()
    finally:
        here.send("enough")
        serving.join(10)


def serve_names(records: dict[str, dict[str, list[str]]], told: Any) -> None:
    from tests.zone import Zone

    with Zone(records) as zone:
        told.send(zone.port)
        told.recv()


def measure(bodies: list[bytes], postmaster: int) -> None:
    understand(bodies[:WARM])
    newest = Message.objects.aggregate(newest=Max("pk"))["newest"] or 0
    before = (Message.objects.count(), Conversation.objects.count())
    spent = understand(bodies[WARM:], postmaster=postmaster)
    after = (Message.objects.count(), Conversation.objects.count())
    mails = len(bodies) - WARM
    print(
        json.dumps(
            {
                "mails": mails,
                "per_second": mails / spent["seconds"],
                "cpu_ms": 1000 * spent["python"] / mails,
                "postgres_ms": 1000 * spent["postgres"] / mails,
                "statements": spent["statements"] / mails,
                "messages": after[0] - before[0],
                "conversations": after[1] - before[1],
                "balanced": counters().is_balanced,
                "verified": Message.objects.filter(pk__gt=newest, is_verified=True).count(),
                **follow(mails, postmaster),
            }
        )
    )


def understand(bodies: list[bytes], *, postmaster: int = 0) -> dict[str, float]:
    """Store the mails in one commit and let the worker understand them."""
    stop, counted = threading.Event(), 0

    def count(execute, sql, params, many, context):
        nonlocal counted
        counted += 1
        return execute(sql, params, many, context)

    def work() -> None:
        with connection.execute_wrapper(count):
            worker.run(stop)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    while not worker.is_running():
        time.sleep(0.02)
    time.sleep(0.5)  # it has looked once and waits
    channel = Channel.objects.get()
    with transaction.atomic():
        store_all(
            [Delivery(channel.pk, one, "", channel.address, PEER, "mx") for one in bodies],
            at=timezone.now(),
        )
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as watching:
        watcher = watching.info.backend_pid
        counted, start = 0, time.perf_counter()
        python, postgres = _python(), _postgres(postmaster, but=watcher)
        while watching.execute("SELECT EXISTS (SELECT FROM intake_pendingraw)").fetchone()[0]:
            time.sleep(0.02)
        seconds = time.perf_counter() - start
        spent = {
            "seconds": seconds,
            "python": _python() - python,
            "postgres": _postgres(postmaster, but=watcher) - postgres,
            "statements": counted,
        }
    stop.set()
    thread.join()
    return spent


def follow(mails: int, postmaster: int) -> dict[str, float]:
    """Run what follows from them: search documents, hints for screens."""
    reactions = import_string(settings.REACTIONS)
    python, postgres = _python(), _postgres(postmaster)
    while consuming.consume_batch(reactions, at=timezone.now()):
        pass
    return {
        "reactions_cpu_ms": 1000 * (_python() - python) / mails,
        "reactions_postgres_ms": 1000 * (_postgres(postmaster) - postgres) / mails,
    }


def _postgres(postmaster: int, *, but: int = 0) -> float:
    name = connection.settings_dict["NAME"]
    return processes.backend_seconds(postmaster, name, but=but) if postmaster else 0.0


def _python() -> float:
    return processes.cpu_seconds(os.getpid())


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]), *sys.argv[5:6])
