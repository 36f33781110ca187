"""A real IMAP server on loopback: Debian's Dovecot, with a configuration of its own and no rights but ours."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.mail import free_port
from tests.running import wait_until

DOVECOT = shutil.which("dovecot") or (
    "/usr/sbin/dovecot" if Path("/usr/sbin/dovecot").exists() else ""
)
HOST, PASSWORD = "127.0.0.1", "correct-horse-7"
UNPRIVILEGED = "dovecot"  # who it runs as when the tests run as root

CONFIGURATION = """
protocols = imap
listen = {host}
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
auth_mechanisms = plain login
disable_plaintext_auth = no
ssl = {ssl}
{certificate}
mail_location = maildir:{folder}/mail/%n
first_valid_uid = 1
mail_home = {folder}/home/%n
mailbox_idle_check_interval = 1 secs
imap_idle_notify_interval = 2 mins
login_trusted_networks = 127.0.0.0/8
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home/%n
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
namespace inbox {{
  inbox = yes
  separator = /
{mailboxes}
}}
"""


@dataclass
class Dovecot:
    """A running server; every user name is let in with PASSWORD."""

    folder: Path
    identity: Path | None = None  # key and certificate, for TLS
    sent: str = ""  # a folder marked as that for what was sent; "" for none
    port: int = field(default_factory=free_port)
    tls_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> Dovecot:
        who = pwd.getpwnam(UNPRIVILEGED) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        for name in ("run", "state", "mail", "home"):
            (self.folder / name).mkdir(exist_ok=True)
        certificate = ""
        if self.identity is not None:
            ours = self.folder / "identity.pem"
            shutil.copy(self.identity, ours)
            certificate = f"ssl_cert = <{ours}\nssl_key = <{ours}"
        text = CONFIGURATION.format(
            host=HOST, folder=self.folder, user=who.pw_name, group=_group(who.pw_gid),
            password=PASSWORD, port=self.port, tls_port=self.tls_port, certificate=certificate,
            ssl="yes" if self.identity else "no",
            mailboxes=f"  mailbox {self.sent} {{\n    auto = create\n    special_use = \\Sent\n  }}" if self.sent else "",
        )  # fmt: skip
        (self.folder / "dovecot.conf").write_text(text, encoding="utf-8")
        own = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
        if os.geteuid() == 0:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, who.pw_uid, who.pw_gid)
        else:
            own = {}
        self.process = subprocess.Popen(
            [DOVECOT, "-F", "-c", str(self.folder / "dovecot.conf")],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, **own,
        )  # fmt: skip
        wait_until(self._answers, why=f"Dovecot answers; see {self.folder / 'log'}", seconds=20)
        return self

    def stop(self) -> None:
        """End the server with all its children."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None

    def deliver(self, user: str, body: bytes, *, folder: str = "", at: float | None = None) -> None:
        """Put a mail into a mailbox as a delivery agent does; `at` says when it reached the server."""
        home = self.folder / "mail" / user
        box = home / f".{folder}" if folder else home
        for part in ("tmp", "new", "cur"):
            (box / part).mkdir(parents=True, exist_ok=True)
        name = f"{time.time():.6f}.{os.urandom(6).hex()}.test"
        path = box / "tmp" / name
        path.write_bytes(body)
        if at is not None:
            os.utime(path, (at, at))
        if os.geteuid() == 0:
            who = pwd.getpwnam(UNPRIVILEGED)
            for made in (home, box, box / "tmp", box / "new", box / "cur", path):
                os.chown(made, who.pw_uid, who.pw_gid)
        path.rename(box / "new" / name)

    def files(self, user: str, *, folder: str = "") -> list[Path]:
        """The mails that lie in a folder now."""
        home = self.folder / "mail" / user
        box = home / f".{folder}" if folder else home
        return sorted([*box.glob("new/*"), *box.glob("cur/*")])

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection((HOST, self.port), timeout=2) as probe:
            return probe.recv(4) == b"* OK"
        return False


def _group(gid: int) -> str:
    import grp

    return grp.getgrgid(gid).gr_name


@contextmanager
def dovecot(*, identity: Path | None = None, sent: str = "") -> Iterator[Dovecot]:
    """A server in a folder of its own, with a short name: its sockets lie in it."""
    folder = Path(tempfile.mkdtemp(prefix="hd-"))
    folder.chmod(0o755)
    server = Dovecot(folder, identity, sent)
    try:
        yield server.start()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
