"""Typed readers for the environment: a wrong value refuses to start with one clear line.

Every setting is `HOSPES_<NAME>`; a secret may be given as a file in `HOSPES_<NAME>_FILE`.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Sequence
from pathlib import Path

PREFIX = "HOSPES_"
TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


class WrongSetting(Exception):
    """A setting cannot be used; the text says which one, why, and what would do."""


def text(name: str, default: str = "") -> str:
    """Return the setting as given, from `HOSPES_<name>` or the file `HOSPES_<name>_FILE`."""
    path = os.environ.get(f"{PREFIX}{name}_FILE")
    if path and f"{PREFIX}{name}" not in os.environ:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise WrongSetting(
                f"{PREFIX}{name}_FILE={path}: cannot be read ({error.strerror})."
            ) from error
    return os.environ.get(f"{PREFIX}{name}", default)


def flag(name: str, *, default: bool) -> bool:
    """Return a yes-or-no setting."""
    given = os.environ.get(f"{PREFIX}{name}")
    if given is None:
        return default
    if given.lower() in TRUE:
        return True
    if given.lower() in FALSE:
        return False
    raise WrongSetting(f"{PREFIX}{name}={given}: give yes or no.")


def choice(name: str, default: str, *, among: Sequence[str]) -> str:
    """Return one of these words, however it was written."""
    given = text(name, default).upper()
    if given not in among:
        raise WrongSetting(f"{PREFIX}{name}={given}: give one of {', '.join(among)}.")
    return given


def number(name: str, default: int, *, least: int = 0, most: int = 2**31) -> int:
    """Return a whole number between `least` and `most`."""
    given = os.environ.get(f"{PREFIX}{name}", str(default))
    try:
        value = int(given)
    except ValueError as error:
        raise WrongSetting(f"{PREFIX}{name}={given}: give a whole number.") from error
    if not least <= value <= most:
        raise WrongSetting(f"{PREFIX}{name}={given}: give a number from {least} to {most}.")
    return value


def networks(name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Return a comma-separated list of addresses or networks, such as `127.0.0.1,10.0.0.0/8`."""
    found = []
    for part in text(name).split(","):
        if not part.strip():
            continue
        try:
            found.append(ipaddress.ip_network(part.strip(), strict=False))
        except ValueError as error:
            raise WrongSetting(
                f"{PREFIX}{name}={part.strip()}: give addresses or networks, such as 10.0.0.0/8."
            ) from error
    return found


def data_dir() -> Path:
    """Return the folder that holds everything this installation keeps."""
    given = os.environ.get(f"{PREFIX}DATA_DIR")
    if given:
        return Path(given).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/hospes")
    return Path("~/.local/share/hospes").expanduser()
