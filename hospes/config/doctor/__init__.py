"""What is wrong with a desk, and what mends it.

`findings.py` says what a finding is; the other files look: `machine.py` at folders, ports and processes,
`database.py` at PostgreSQL, `rows.py` at what must agree, `mail.py` at what comes in and goes out, `scanner.py` at
who looks for viruses. `looking.py` calls them in order.
"""
