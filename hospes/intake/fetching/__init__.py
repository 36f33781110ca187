"""Mail that is fetched: one thread for each incoming server, one connection to the database for all of them.

A mail is stored and its number remembered in one transaction; what becomes of it on the server comes after.
Whatever ends in between, nothing is lost and nothing doubled: a mail that is known is not stored again.
"""
