"""`hospes texts`: what we say again and again, and its tables for translators."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hospes.config.cli.opening import desk
from hospes.config.cli.printing import add_json, print_json, print_line, wants_json

if TYPE_CHECKING:
    from hospes.config.cli import Subparsers
    from hospes.texts.actions.importing import Change


def add_to(subparsers: Subparsers, common: argparse.ArgumentParser) -> None:
    texts = subparsers.add_parser("texts", parents=[common], help="what we say again and again")
    add_json(texts)
    texts.set_defaults(run=show)
    verbs = texts.add_subparsers(required=False, metavar="VERB", title="verbs")

    starting = verbs.add_parser(
        "start", parents=[common], help="begin with phrases in 21 languages"
    )
    starting.set_defaults(run=start)
    exporting = verbs.add_parser("export", parents=[common], help="write them as a table (CSV)")
    exporting.add_argument("file", metavar="FILE", help="- is the screen")
    exporting.set_defaults(run=export)
    importing = verbs.add_parser(
        "import", parents=[common], help="take a table over, whole or not at all"
    )
    importing.add_argument("file", metavar="FILE", help="CSV, as `export` writes it; - is what comes in")  # fmt: skip
    importing.add_argument("--preview", action="store_true", help="only tell what it would change")
    add_json(importing)
    importing.set_defaults(run=take_over)


def show(args: argparse.Namespace) -> int:
    desk()
    from hospes.texts.models import Text

    for text in Text.objects.filter(archived_at=None).prefetch_related("variants"):
        variants = [
            {
                "language": one.language, "market": one.market, "formality": one.formality, "channel": one.channel,
                "body": one.body, "is_source": one.is_source_of(text), "is_stale": one.is_stale(text),
            }
            for one in text.variants.all()
        ]  # fmt: skip
        if wants_json(args):
            print_json({"name": text.name, "shortcut": text.shortcut, "variants": variants})
            continue
        stale = sum(bool(one["is_stale"]) for one in variants)
        languages = " ".join(dict.fromkeys(str(one["language"]) for one in variants))
        shortcut = f"  /{text.shortcut}" if text.shortcut else ""
        print_line(f"{text.name}{shortcut}  {languages}{f'  ({stale} stale)' if stale else ''}")
    return 0


def start(args: argparse.Namespace) -> int:  # noqa: ARG001
    desk()
    from django.utils import timezone

    from hospes.texts.actions.starting import start_with_phrases

    print_line(f"{start_with_phrases(by_id=None, at=timezone.now())} texts added.")
    return 0


def export(args: argparse.Namespace) -> int:
    desk()
    from hospes.texts.models import Text
    from hospes.texts.table import written

    data = written(Text.objects.filter(archived_at=None).prefetch_related("variants"))
    if args.file == "-":
        sys.stdout.buffer.write(data)
    else:
        Path(args.file).write_bytes(data)
    return 0


def take_over(args: argparse.Namespace) -> int:
    desk()
    from django.utils import timezone

    from hospes.texts.actions import importing
    from hospes.texts.table import read

    data = sys.stdin.buffer.read() if args.file == "-" else Path(args.file).read_bytes()
    rows = read(data)
    if args.preview:
        changes = importing.preview(rows)
    else:
        changes = importing.take_over(rows, by_id=None, at=timezone.now())
    for one in changes:
        _tell(one, as_json=wants_json(args))
    return 1 if any(one.problem for one in changes) else 0


def _tell(one: Change, *, as_json: bool) -> None:
    if as_json:
        fields = {"line": one.row.line, "name": one.row.name, "is_new": one.is_new}
        print_json({**fields, "columns": list(one.columns), "problem": one.problem})
        return
    what = one.problem or ", ".join(one.columns) or "stays as it is"
    print_line(f"{one.row.line}  {one.row.name}  {'new: ' if one.is_new else ''}{what}")
