"""Which way a language is written."""

from __future__ import annotations

RTL_SCRIPTS = {"Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm"}
RTL_LANGUAGES = {"ar", "fa", "he", "ur", "ps", "sd", "ug", "yi", "dv", "ckb", "ku-Arab"}


def direction(language: str) -> str:
    """Return "rtl" or "ltr" for a language tag; "auto" when the language is not known."""
    if not language:
        return "auto"
    base, _, rest = language.partition("-")
    if rest.title()[:4] in RTL_SCRIPTS or base in RTL_LANGUAGES:
        return "rtl"
    return "ltr"
