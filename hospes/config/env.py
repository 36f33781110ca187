"""Typed readers for the environment: a wrong value refuses to start with one clear line.

Every setting is `HOSPES_<NAME>`; a secret may be given as a file in `HOSPES_<NAME>_FILE`.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Sequence
from pathlib import Path

PREFIX = "HOSPES_"
TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}

# Where the desk is reached that a command works at, as that found out (`cli/opening.py`); "" in the desk itself.
# HOSPES_URL is what the operator said.
running_at = ""


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


def server(name: str, *, port: int) -> tuple[str, int] | None:
    """Return the address and port of `192.0.2.1`, `192.0.2.1:5353` or `[2001:db8::1]:5353`; None when not set.

    port: where none is given.
    """
    given = text(name)
    if not given:
        return None
    found = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+))(?::(\d{1,5}))?", given)
    try:
        address = str(ipaddress.ip_address((found[1] or found[2]) if found else given))
        number = int(found[3]) if found and found[3] else port
    except ValueError as error:
        raise WrongSetting(_no_server(name, given)) from error
    if not 0 < number < 65_536:
        raise WrongSetting(_no_server(name, given))
    return address, number


def _no_server(name: str, given: str) -> str:
    return f"HOSPES_{name}={given}: give an address, such as 192.0.2.53 or 127.0.0.1:5353."


def socket_place(name: str) -> str | tuple[str, int] | None:
    """Return `/run/program.ctl` as it is, `host:3310` or `[::1]:3310` as host and port; None when not set."""
    given = text(name)
    if not given or given.startswith("/"):
        return given or None
    found = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})", given)
    if found is None or not 0 < int(found[3]) < 65_536:
        raise WrongSetting(
            f"{PREFIX}{name}={given}: give the path of a socket, such as /run/clamav/clamd.ctl, or host:port."
        )
    return found[1] or found[2], int(found[3])


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
