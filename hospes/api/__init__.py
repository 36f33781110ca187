"""The REST API: what programs may ask and do, under `/api/v1/`.

A **token** belongs to an agent: a program that holds it sees what that agent sees and nothing else, and does
what the token's **scopes** allow. Rows are loaded by `access.py` alone, changes are the same actions the
workspace calls. Every answer that is no success is a **problem** (RFC 9457).
"""
