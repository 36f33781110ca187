"""A whole desk in one file, and back.

`archive.py` knows the file, `programs.py` finds pg_dump and pg_restore, `making.py` writes a backup,
`restoring.py` makes a desk of it, `standing.py` starts the database of a desk that does not run.
"""
