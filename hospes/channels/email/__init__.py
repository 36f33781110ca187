"""Mail: bytes understood as one message, and one message written as bytes.

Nothing here knows the database or Django. Parsing runs in a child process of its own
(`parser.py` feeds it, `child.py` is it), because a mail comes from anybody and may be made to harm.
"""
