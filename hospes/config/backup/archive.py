"""The file of a backup: a plain tar, sealed byte for byte.

    hospes-backup         says what it is, first
    secret_key            the key of the installation, unless the operator keeps it elsewhere
    database/000000 ...   what pg_dump wrote, cut into pieces: its length is known only at the end
    files/<sha256>        every file of the store
    manifest.json         when and of what it was made, with the SHA-256 of every member
    seal                  SHA-256 of every byte before it

By hand: `tar xf FILE; cat database/* > database.dump`.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO

FORMAT = 1
MARK, MANIFEST, SEAL = "hospes-backup", "manifest.json", "seal"
BLOCK = tarfile.BLOCKSIZE
END = bytes(2 * BLOCK)
CHUNK_BYTES = 2**20
# Header and text of the seal, and the end of the tar.
TAIL_BYTES = 2 * BLOCK + len(END)


class NoBackup(Exception):
    """This file cannot be restored; the text says why."""


class Writer:
    """Writes a backup from its first byte to its last."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.members: dict[str, dict[str, Any]] = {}
        self.add(MARK, json.dumps({"format": FORMAT}).encode())

    def add(self, name: str, content: bytes) -> None:
        self.add_stream(name, len(content), [content])

    def add_stream(self, name: str, size_bytes: int, chunks: Iterable[bytes]) -> str:
        """Write a member of a known length and return its SHA-256. Raises OSError when it is shorter or longer."""
        self._write(_header(name, size_bytes))
        digest, written = hashlib.sha256(), 0
        for chunk in chunks:
            digest.update(chunk)
            written += len(chunk)
            self._write(chunk)
        if written != size_bytes:
            raise OSError(f"{name} changed its length while it was read")
        self._write(bytes(-size_bytes % BLOCK))
        self.members[name] = {"size_bytes": size_bytes, "sha256": digest.hexdigest()}
        return digest.hexdigest()

    def finish(self, manifest: dict[str, Any]) -> None:
        """Write the manifest and the seal; nothing may follow."""
        told = {**manifest, "members": self.members}
        self.add(MANIFEST, json.dumps(told, ensure_ascii=False, indent=1).encode())
        self._file.write(_tail(self._digest.hexdigest()))

    def _write(self, content: bytes) -> None:
        self._digest.update(content)
        self._file.write(content)


class Backup:
    """A backup whose seal is whole. Raises NoBackup for any other file, and OSError."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        try:
            self._verify(path)
            self.manifest: dict[str, Any] = json.loads(self._content_of(MANIFEST))
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        self._file.close()

    def members(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Every member in order, to be read before the next one is asked for.

        Raises NoBackup when one is not what the manifest says.
        """
        for name, content in self._all():
            if name not in {MANIFEST, SEAL}:
                yield name, self._checked(name, content)

    def _verify(self, path: Path) -> None:
        size = path.stat().st_size
        first = self._file.read(BLOCK)
        if not first.startswith(MARK.encode() + b"\0"):
            raise NoBackup(f"{path} is no backup of Hospes.")
        self._file.seek(0)
        digest, left = hashlib.sha256(), size - TAIL_BYTES
        while left > 0 and (chunk := self._file.read(min(CHUNK_BYTES, left))):
            digest.update(chunk)
            left -= len(chunk)
        if left != 0 or self._file.read() != _tail(digest.hexdigest()):
            raise NoBackup(f"{path} is damaged or not complete, so nothing of it is restored.")
        said = json.loads(self._content_of(MARK)).get("format")
        if said != FORMAT:
            raise NoBackup(f"{path} was made by a newer Hospes (format {said}).")

    def _content_of(self, wanted: str) -> bytes:
        return next(b"".join(content) for name, content in self._all() if name == wanted)

    def _all(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        self._file.seek(0)
        with tarfile.open(fileobj=self._file, mode="r:") as tar:
            for info in tar:
                member = tar.extractfile(info)
                if member is not None:
                    yield info.name, _chunks(member)
                # tarfile keeps all of them, and there may be many
                tar.members = []  # type: ignore[attr-defined]

    def _checked(self, name: str, content: Iterator[bytes]) -> Iterator[bytes]:
        digest = hashlib.sha256()
        for chunk in content:
            digest.update(chunk)
            yield chunk
        if digest.hexdigest() != self.manifest["members"].get(name, {}).get("sha256"):
            raise NoBackup(f"{name} in the backup is not what its manifest says.")


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def _header(name: str, size_bytes: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size_bytes, 0o600
    return info.tobuf(tarfile.GNU_FORMAT)


def _tail(digest: str) -> bytes:
    seal = digest.encode()
    tail = io.BytesIO()
    tail.write(_header(SEAL, len(seal)))
    tail.write(seal + bytes(-len(seal) % BLOCK))
    tail.write(END)
    return tail.getvalue()
