"""`hospes doctor`: what is wrong with the desk, and what mends it."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hospes.config.cli.printing import add_json, print_json, print_line, wants_json

if TYPE_CHECKING:
    from hospes.config.cli import Subparsers
    from hospes.config.doctor.findings import Finding


def add_to(subparsers: Subparsers, common: argparse.ArgumentParser) -> None:
    doctor = subparsers.add_parser(
        "doctor", parents=[common], help="say what is wrong, and what mends it",
        description="Look at everything a desk rests on. Exit code 1 when something does not work.",
    )  # fmt: skip
    doctor.add_argument(
        "--mend", action="store_true", help="mend what can be made anew from the rest"
    )
    doctor.add_argument(
        "--thorough", action="store_true", help="read every file, too; takes a while"
    )
    add_json(doctor)
    doctor.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from hospes.config.doctor.findings import State
    from hospes.config.doctor.looking import look

    found = []
    for finding in look(thorough=args.thorough):
        told = _mended(finding) if args.mend else finding
        found.append(told)
        if not wants_json(args):
            _print(told)
    has_failed = any(one.state is State.FAIL for one in found)
    if wants_json(args):
        print_json({"ok": not has_failed, "findings": [_fields(one) for one in found]})
    elif not has_failed:
        print_line(
            "Everything works."
            if all(one.state is State.OK for one in found)
            else "It works, but look at what is marked warn."
        )
    return 1 if has_failed else 0


def _mended(finding: Finding) -> Finding:
    from hospes.config.doctor.findings import State

    if finding.mender is None:
        return finding
    done = finding.mender()
    return replace(finding, state=State.OK, says=f"{finding.says} Mended: {done}", mend="")


def _print(finding: Finding) -> None:
    mend = f" -> {finding.mend}" if finding.mend else ""
    print_line(f"{finding.state:<4}  {finding.about:<15}  {finding.says}{mend}")
    sys.stdout.flush()


def _fields(finding: Finding) -> dict[str, Any]:
    return {
        "about": finding.about,
        "state": str(finding.state),
        "says": finding.says,
        "mend": finding.mend or None,
    }
