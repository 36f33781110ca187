"""Hospes: customer care for companies whose customers live in many countries.

Start reading in `hospes/config/`, then `hospes/config/reactions.py`; `docs/map.md` names every room.
"""

__version__ = "0.1.0"
