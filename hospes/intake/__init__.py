"""Intake: the doors. What comes from outside is stored raw, then acknowledged, then understood.

Always true: acknowledged = shown + held + quarantined + pending. Nothing else, nothing deleted.
"""
