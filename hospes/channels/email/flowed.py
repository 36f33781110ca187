"""Text whose paragraphs were wrapped for the journey and may be unwrapped again (RFC 3676)."""

from __future__ import annotations

SIGNATURE = "-- "


def unflow(text: str, *, keep_space: bool) -> str:
    """One line for each paragraph; `keep_space` is the opposite of the sender's DelSp=yes.

    Lines flow together only when they are quoted equally deep; a signature delimiter never does.
    """
    lines: list[str] = []
    flowing_depth = -1  # of the line before, when it asked to be continued
    for raw in text.split("\n"):
        depth, line = _unquoted(raw)
        is_delimiter = line == SIGNATURE
        flows = line.endswith(" ") and not is_delimiter
        if flows and not keep_space:
            line = line[:-1]
        if depth == flowing_depth and not is_delimiter:
            lines[-1] += line
        else:
            lines.append(f"{'>' * depth} {line}" if depth else line)
        flowing_depth = depth if flows else -1
    return "\n".join(lines)


def _unquoted(line: str) -> tuple[int, str]:
    """How deep a line is quoted, and the line without its marks and the space that was stuffed in."""
    depth = len(line) - len(line.lstrip(">"))
    line = line[depth:]
    return depth, line.removeprefix(" ")
