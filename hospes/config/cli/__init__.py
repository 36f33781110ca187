"""The command line: `hospes` and what follows reads like speech."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Run one command and return its exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hospes.config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["hospes", *sys.argv[2:]])
    return 0


if __name__ == "__main__":
    sys.exit(main())
