"""Channels: configured ways in and out (one mailbox is one channel) and the adapters of each kind.

An adapter knows its provider and nothing of us. Always true: until somebody makes the first
support address there is exactly one catch-all mail channel; from then on there is none.
"""
