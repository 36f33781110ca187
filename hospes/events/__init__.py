"""Events: what happened, in the past tense, written in the transaction that made it happen.

The event row is the only start of everything that follows (`config/reactions.py`). Always true:
an event and its pending mark are written together with the change; reactions run at least once,
in the order of the events, and a reaction that fails spoils no other.
"""
