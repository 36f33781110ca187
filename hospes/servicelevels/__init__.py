"""Service levels: what is owed to a customer by when, whose calendar counts, and what became of it.

A service level holds targets; a clock is what they mean for one conversation. Three dues can run: the first reply, the
next reply, and the resolution. Only a meaningful reply stops a clock (`hospes/language/holding.py`), and whatever is
told of a clock can be made anew at any time from the conversation's messages and events.
"""
