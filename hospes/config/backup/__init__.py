"""A whole desk in one file, and back.

`archive.py` knows the file, `programs.py` finds pg_dump and pg_restore, `making.py` writes a backup of a running
desk, `restoring.py` makes a desk of it.
"""
