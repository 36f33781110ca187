"""Static files under names that change with their content, compressed on the first start."""

from __future__ import annotations

from typing import Any

import brotli
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

# The highest, 11, saves some 8 % and takes 15 seconds of a first start.
QUALITY = 6
# What our modules import is named by its content, too: browsers keep every file for a year. Others'
# modules are left alone, some of them import what we do not serve.
IMPORTS = (
    r"""(?P<matched>import(?P<import>[\s{][^;]*?from\s*)["'](?P<url>\./[^"']+)["']\s*;)""",
    """import%(import)s"%(url)s";""",
)


class QuickCompressor(Compressor):  # type: ignore[misc] # whitenoise is not typed
    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        return bytes(brotli.compress(data, quality=QUALITY))


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("workspace/js/*.js", (IMPORTS,)),
    )

    def create_compressor(self, **options: Any) -> Compressor:
        return QuickCompressor(**options)
