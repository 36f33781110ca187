"""Files that wait in the composer for the reply they go with."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from hospes.conversations.timeline import FileEntry
from hospes.workspace import showing
from hospes.workspace.templatetags.workspace import icon


def draft_files_shown(files: Sequence[FileEntry]) -> SafeString:
    """As the composer draws a file that was just chosen (`files.js`)."""
    return SafeString("".join(map(_file, files)))


def _file(file: FileEntry) -> str:
    remove = _("Remove")
    return (
        f'<li class="file" data-kept="{file.id}"><input type="hidden" name="kept" value="{file.id}">'
        f'{icon("file-text", "i-lg")}<span class="thumb-name"><bdi class="ell">{escape(file.name)}</bdi>'
        f"<span>{escape(showing.file_size(file.size_bytes))}</span></span>"
        f'<button type="button" class="btn btn-quiet btn-icon btn-sm" data-remove-file'
        f' aria-label="{escape(remove)}: {escape(file.name)}">{icon("x")}</button></li>'
    )
