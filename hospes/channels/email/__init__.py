"""Mail: bytes understood as one message, and one message written as bytes.

Nothing here knows the database or Django. Parsing runs in a child process of its own
(`child.py` feeds it, `child_main.py` is it), because a mail comes from anybody and may be made to harm.
"""
