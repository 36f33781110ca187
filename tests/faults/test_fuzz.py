"""Half a minute of mails changed at random: none ends the process that reads them. `script/fuzz` goes on for longer."""

from __future__ import annotations

import random
import time
from contextlib import closing

from hospes.channels.email.child import ParserChild
from tests.fuzzing import BATCH, faults_of, mutated, seeds

SECONDS = 30
SEED = 20_261_125  # the same for everybody: what fails here fails on every machine


def test_no_mail_changed_at_random_ends_the_process_that_reads_it() -> None:
    changed = mutated(seeds(), random.Random(SEED))
    until, count, faults = time.monotonic() + SECONDS, 0, list[tuple[str, bytes]]()
    with closing(ParserChild()) as parser:
        while time.monotonic() < until:
            bodies = [next(changed) for _ in range(BATCH)]
            faults += faults_of(bodies, parser)
            count += len(bodies)
    assert faults == []
    assert count >= BATCH
