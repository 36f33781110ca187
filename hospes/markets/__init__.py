"""Markets: where customers live, with the language and clock that are usual there.

Code holds rules, never countries: what differs between markets is in rows and package data.
"""
