"""Static files under names that change with their content, compressed on the first start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import brotli
from django.core.files.base import ContentFile
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

from hospes.config.modules import joined

# The highest, 11, saves some 8 % and takes 15 seconds of a first start: only for what is small.
QUALITY, HIGHEST_QUALITY = 6, 11
SMALL_BYTES = 60_000
JOINED = "workspace/workspace.js"  # what stands in workspace/js/, as one file


class QuickCompressor(Compressor):  # type: ignore[misc] # whitenoise is not typed
    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        quality = HIGHEST_QUALITY if len(data) < SMALL_BYTES else QUALITY
        return bytes(brotli.compress(data, quality=quality))


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    def post_process(self, paths: dict[str, Any], *args: Any, **kwargs: Any) -> Iterator[Any]:
        first = next((path for path in paths if path == "workspace/js/workspace.js"), None)
        if first is not None:
            storage, path = paths[first]
            folder = Path(storage.path(path)).parent
            if self.exists(JOINED):
                self.delete(JOINED)
            self.save(JOINED, ContentFile(joined(folder, "workspace").encode()))
            paths = {**paths, JOINED: (self, JOINED)}
        yield from super().post_process(paths, *args, **kwargs)

    def create_compressor(self, **options: Any) -> Compressor:
        return QuickCompressor(**options)
