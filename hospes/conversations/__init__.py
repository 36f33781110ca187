"""Conversations: one matter of one customer, on any number of channels, until it is closed.

Messages are said between us and the customer, notes among us, drafts not yet. Always true:
every conversation stands in one queue, and who may see the queue sees the conversation; a closed
conversation waits for nobody; an open one has exactly one inbox row; what is to be sent has
one outbox entry with an honest state.
"""
