"""`hospes mail`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hospes.config.cli import Subparsers


def add_to(subparsers: Subparsers, common: argparse.ArgumentParser) -> None:
    del subparsers, common
