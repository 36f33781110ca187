"""The numbers of advisory locks, all in one place: two that shared one would wait for each other."""

from __future__ import annotations

from enum import IntEnum, unique


@unique
class Lock(IntEnum):
    """What the lock is for. Some stand alone, some with a second number, of one channel, entry or worker."""

    WORKER = 77  # with the worker's number: held as long as it lives
    FIRST_DESK = 7_301  # two processes may start at once
    MAILBOX = 7_302  # with the channel: mails of one mailbox are placed one batch at a time
    CONSUMER = 7_303  # one consumer of events in the whole installation
    STRANGERS = 7_304  # with 0: one transaction at a time meets strangers
    MIGRATION = 7_305  # two installations on one database may start at once
    SENDING = 7_306  # with the entry's number: held for one attempt
    RATE = 7_307  # with the channel: held while a departure is counted
    SEARCH_PARTS = 7_308  # parts of the search table are made by one at a time
    BUDGET = 7_309  # places of automatic letters are looked at and taken by one at a time
    UNDERSTANDING = 7_310  # one worker at a time understands, the others stand by
    FETCHING = 7_311  # one fetcher at a time, the others stand by
    MARKET_VALUES = 7_312  # what operators set of markets is looked at and written by one at a time
