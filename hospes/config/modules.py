"""Our ES modules joined into one file: what the browser asks for once instead of a dozen times.

They stay modules while we write them; this puts each into a function of its own, in the order they need
one another. It reads only what our modules use, and refuses the rest: `import { a, b as c } from "./x.js";`
on a line, and `export` before a function or a constant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

IMPORT = re.compile(r'^import \{ ([^}]+) \} from "\./([\w-]+)\.js";$', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const) ([\w$]+))", re.MULTILINE)
COMMENT = re.compile(r"^[ \t]*(?://[^\n]*|/\*\*(?s:.*?)\*/)\n", re.MULTILINE)
INDENT = re.compile(r"^[ \t]+|^\n", re.MULTILINE)
OTHER = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)


@dataclass(frozen=True)
class Module:
    name: str
    needs: tuple[str, ...]
    code: str  # the body of a function that returns what the module exports


def joined(folder: Path, first: str) -> str:
    """Return `first` of a folder with all it imports, as one script.

    Raises ValueError for a module that says it in another way, and for two that need each other.
    """
    ordered: list[Module] = []
    _visit(folder, first, ordered, ())
    return "".join(f"const {_variable(one.name)}=(()=>{{{one.code}}})();\n" for one in ordered)


def _visit(folder: Path, name: str, ordered: list[Module], on_the_way: tuple[str, ...]) -> None:
    if name in on_the_way:
        raise ValueError(f"{name}.js and {on_the_way[-1]}.js need each other")
    if any(one.name == name for one in ordered):
        return
    module = read(name, (folder / f"{name}.js").read_text("utf-8"))
    for needed in module.needs:
        _visit(folder, needed, ordered, (*on_the_way, name))
    ordered.append(module)


def read(name: str, source: str) -> Module:
    """Return a module as a function's body. Raises ValueError for what cannot be joined."""
    needs = tuple(match[2] for match in IMPORT.finditer(source))
    exported = [match[1] for match in EXPORT.finditer(source)]
    code = EXPORT.sub("", IMPORT.sub(_taken, COMMENT.sub("", source)))
    unread = OTHER.search(code)
    if unread:
        raise ValueError(f"{name}.js: cannot be joined: {unread[0]}")
    code = INDENT.sub("", code).strip()
    return Module(name, needs, f"{code}\nreturn {{ {', '.join(exported)} }};")


def _taken(match: re.Match[str]) -> str:
    names = match[1].replace(" as ", ": ")
    return f"const {{ {names} }} = {_variable(match[2])};"


def _variable(name: str) -> str:
    return "module_" + name.replace("-", "_")
