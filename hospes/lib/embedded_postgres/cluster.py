"""The folder a database server keeps its data in: where it lies, how it is made, how it is tuned."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hospes.lib.embedded_postgres import DATABASE, USER, CannotStart, home, socket_dir
from hospes.lib.embedded_postgres.account import Account, account_for
from hospes.lib.embedded_postgres.programs import Programs, find, reachable

OURS, OPERATORS = "hospes.conf", "operator.conf"
# Small at rest, enough for a desk of a million conversations on one machine.
TUNING = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "pglz",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",  # pages are short; starting helpers costs more
    "timezone": "UTC",
    # What customers wrote must not end up in a log: no statements, no values.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_timezone": "UTC",
}


@dataclass(frozen=True)
class Cluster:
    """A data folder that is ready to be served, by whom and with which programs."""

    home: Path  # as the account reaches it; may lie outside the data folder
    run: Path
    account: Account
    programs: Programs

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "server.log"


def prepare(
    data_dir: Path, *, programs: Programs | None = None, tuning: Mapping[str, str] | None = None
) -> Cluster:
    """Return the cluster of this data folder, made on the first call; killed halfway, it starts anew.

    programs: those to make a new cluster with; an existing one is served by its own major version.
    tuning: settings that differ from ours.

    Raises CannotStart with the reason.
    """
    account = account_for(home(data_dir) / "data")
    own = _settled_home(data_dir, account)
    if programs is None or (own / "data").exists():
        programs = find(major=_major(own / "data"))
    programs = reachable(programs, account, copy_to=_folder(own / "programs"))
    run = own / "run" if socket_dir(data_dir).parent == home(data_dir) else socket_dir(data_dir)
    account.own_folder(run)
    cluster = Cluster(own, run, account, programs)
    if not cluster.data.exists():
        _make(cluster)
    _tune(cluster, {**TUNING, **(tuning or {})})
    return cluster


def _settled_home(data_dir: Path, account: Account) -> Path:
    """Return where the database lies, chosen once: in the data folder if the account can enter it."""
    inside = home(data_dir)
    if inside.is_symlink() and not inside.exists():
        raise CannotStart(f"{inside} leads to {inside.readlink()}, which is not there.")
    if not inside.exists():
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o711 if account.is_other else 0o700)
        if account.is_other and not account.can_enter(data_dir):
            data_dir.chmod(data_dir.stat().st_mode | 0o011)
        if account.can_enter(data_dir):
            _folder(inside)
        else:
            inside.symlink_to(_folder_outside(data_dir))
    own = inside.resolve()
    if not account.can_enter(own):
        raise CannotStart(
            f"The account that runs the database may not enter {own}."
            " Let it pass through the folders above, or move the data folder."
        )
    return own


def _folder_outside(data_dir: Path) -> Path:
    """Return a new folder that every account can reach, as lasting as the data folder itself."""
    temporary = Path("/tmp")  # noqa: S108 # only compared with, and mkdir fails on what exists
    base = temporary if temporary in data_dir.resolve().parents else Path("/var/lib")
    made = base / f"hospes-postgres-{secrets.token_hex(6)}"
    made.mkdir()
    made.chmod(0o711)
    return made


def _folder(path: Path) -> Path:
    """Make a folder that others may pass through but not list; what lies in it guards itself."""
    if not path.exists():
        path.mkdir()
        path.chmod(0o711)
    return path


def _major(data: Path) -> int | None:
    try:
        return int((data / "PG_VERSION").read_text(encoding="ascii"))
    except FileNotFoundError:
        return None


def _make(cluster: Cluster) -> None:
    """Make the cluster and its one database under another name first, so that it exists whole."""
    for left_over in cluster.home.glob(".data.*"):
        shutil.rmtree(left_over)
    made = cluster.home / f".data.{secrets.token_hex(4)}"
    cluster.account.own_folder(made)
    initdb = cluster.programs.path("initdb")
    words: list[str | Path] = [
        "-D",
        made,
        "-U",
        USER,
        "--auth=trust",
        "--encoding=UTF8",
        "--no-instructions",
    ]
    done = cluster.account.run([initdb, *words, *_locale(cluster.programs.major)])
    if done.returncode:
        shutil.rmtree(made)
        raise CannotStart(f"The database could not be made: {_last_line(done.stderr)}")
    _make_database(cluster, made)
    with (made / "postgresql.conf").open("a", encoding="ascii") as file:
        file.write(f"\ninclude_if_exists = '{OURS}'  # written anew on every start")
        file.write(f"\ninclude_if_exists = '{OPERATORS}'  # yours\n")
    made.rename(cluster.data)


def _locale(major: int) -> list[str]:
    """Unicode rules that never change with the operating system, as far as the version has them."""
    if major >= 18:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=PG_UNICODE_FAST"]
    if major == 17:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C.UTF-8"]


def _make_database(cluster: Cluster, data: Path) -> None:
    """Create our database without a server: PostgreSQL's single-user mode takes one statement."""
    done = cluster.account.run(
        [cluster.programs.path("postgres"), "--single", "-D", data, "postgres"],
        typed=f"CREATE DATABASE {DATABASE}\n",
    )
    if done.returncode:
        raise CannotStart(f"The database could not be made: {_last_line(done.stderr)}")


def _tune(cluster: Cluster, tuning: Mapping[str, str]) -> None:
    """Write our settings anew: a newer Hospes brings newer ones. `operator.conf` has the last word."""
    quoted = str(cluster.run).replace("'", "''")
    lines = [f"unix_socket_directories = '\"{quoted}\"'"]
    lines += [f"{name} = '{value}'" for name, value in tuning.items()]
    path = cluster.data / OURS
    made = path.with_suffix(".new")
    made.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if cluster.account.is_other:
        os.chown(made, cluster.account.uid, cluster.account.gid)
    made.rename(path)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason was given"])[-1]
